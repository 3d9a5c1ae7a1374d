package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Flops;
import org.efficienttrain.models.GoldenCheck;
import org.efficienttrain.models.ImageSizes;
import org.efficienttrain.models.Mae;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.models.Variant;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the backbones and holds them against golden files. */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    description = "Lists the models; 'models verify DIR' checks them against golden files.")
final class ModelsCommand implements Callable<Integer> {
  private static final int CLASSES = 1000;
  private static final int SMALL_CLASSES = 10;
  private static final int SIZE = 224;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%-22s %-15s %11s %13s   %s%n", "name", "family", "parameters", "multiply-adds", "sizes");
    for (Variant v : Backbones.variants()) {
      boolean small = v.imageSize() < SIZE;
      int size = small ? v.imageSize() : SIZE;
      var options = v.options(small ? SMALL_CLASSES : CLASSES, size);
      Backbone shapes = options.buildShapes();
      long multiplyAdds = Flops.count(options, size);
      print(v.name(), v.family(), shapes.parameterCount(), multiplyAdds, size, v.sizes());
      shapes.close();
    }
    out.printf("Parameters with %d classes, small-image models with %d.%n", CLASSES, SMALL_CLASSES);
    out.printf(
        "%nMasked autoencoders ('et pretrain'), whose encoders load into the backbone named:%n");
    for (MaeVariant v : MaeVariant.all()) {
      Mae shapes = v.buildShapes();
      long multiplyAdds = Flops.count(shapes, v.imageSize());
      String backbone = v.backbone().orElse("(none)");
      print(v.name(), backbone, shapes.parameterCount(), multiplyAdds, v.imageSize(), v.sizes());
      shapes.close();
    }
    out.printf(
        Locale.ROOT, "Parameters with decoder; %.0f%% of patches hidden.%n", 100 * Mae.MASK_RATIO);
    out.flush();
    return 0;
  }

  private void print(
      String name, String family, long parameters, long multiplyAdds, int size, ImageSizes sizes) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%-22s %-15s %9.2f M %7.2f G @%-3d   %s%n",
        name,
        family,
        parameters / 1e6,
        multiplyAdds / 1e9,
        size,
        sizes);
    out.flush();
  }

  /** Checks every golden file of a folder. */
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Checks the models against every golden file (NAME_SIZE.json) of a folder.",
        "State, logits and gradients are compared. Exit code 1 if any fails."
      })
  int verify(
      @Parameters(paramLabel = "DIR", description = "folder with the golden files") Path folder) {
    PrintWriter out = spec.commandLine().getOut();
    boolean passed =
        GoldenCheck.verify(
            folder,
            line -> {
              out.println(line);
              out.flush();
            });
    return passed ? 0 : 1;
  }
}
