package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.tensor.io.WeightFileReport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what a weight file holds. */
@Command(
    name = "weights",
    mixinStandardHelpOptions = true,
    description = "Shows what a weight file (safetensors or .pth) holds: names, shapes, types.")
final class WeightsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "a safetensors or PyTorch file")
  Path file;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    try (WeightFile weights = WeightFile.open(file)) {
      spec.commandLine().getOut().println(WeightFileReport.text(weights).stripTrailing());
    }
    spec.commandLine().getOut().flush();
    return 0;
  }
}
