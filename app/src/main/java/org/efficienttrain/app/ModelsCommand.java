package org.efficienttrain.app;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Variant;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Lists the backbones. */
@Command(name = "models", mixinStandardHelpOptions = true, description = "Lists the models.")
final class ModelsCommand implements Callable<Integer> {
  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (Variant v : Backbones.variants()) {
      out.printf("%-22s %-10s %s%n", v.name(), v.family(), v.sizes());
    }
    out.flush();
    return 0;
  }
}
