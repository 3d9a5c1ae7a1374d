package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.PretrainedWeights;
import org.efficienttrain.models.TimmNames;
import org.efficienttrain.models.Variant;
import org.efficienttrain.tensor.export.Graph;
import org.efficienttrain.tensor.export.OnnxExport;
import org.efficienttrain.tensor.export.TorchScriptExport;
import org.efficienttrain.tensor.export.Tracer;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.task.ModelMetadata;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a trained network for other programs. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes a trained network for other programs.",
    footer = {
      "",
      "Example:  ./et export runs/photos --format onnx",
    })
final class ExportCommand implements Callable<Integer> {
  /** Where the result can be read. */
  enum Format {
    /** Weights by name. */
    SAFETENSORS("safetensors"),
    /** The network for PyTorch, C++ and DJL. */
    TORCHSCRIPT("pt"),
    /** The network for any engine that reads ONNX. */
    ONNX("onnx");

    private final String ending;

    Format(String ending) {
      this.ending = ending;
    }
  }

  /** Who names the parameters. */
  enum Names {
    OFFICIAL,
    TIMM
  }

  /** Files that a folder of a run or of a checkpoint may hold, best first. */
  private static final List<String> IN_FOLDERS =
      List.of("model.safetensors", "averaged.safetensors", "weights.safetensors");

  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "the folder of a run or of a checkpoint, or a weight file")
  Path checkpoint;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "safetensors, torchscript or onnx")
  Format format;

  @Option(names = "--out", paramLabel = "FILE", description = "default: beside the checkpoint")
  Path out;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "for files that do not say what they are: the model")
  String model;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description = "side of the images that the exported network takes (default: as trained)")
  Integer imageSize;

  @Option(
      names = "--names",
      paramLabel = "WHOSE",
      defaultValue = "official",
      description = "safetensors: names of parameters, official or timm (default: official)")
  Names names;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    Path source = weightFile();
    PrintWriter console = spec.commandLine().getOut();
    try (WeightFile file = WeightFile.open(source)) {
      ModelMetadata metadata = ModelMetadata.read(file.metadata());
      Variant variant = Backbones.variant(modelName(file, metadata));
      int trained = metadata == null ? variant.imageSize() : metadata.imageSize();
      int side = imageSize == null ? trained : imageSize;
      variant.sizes().check(variant.name(), side);
      Backbone network = variant.options(classes(file, variant), trained).build();
      PretrainedWeights.load(network, file, false).forEach(console::println);
      Path target = out == null ? beside(source) : out;
      write(network, side, file.metadata(), target);
      console.printf("%s: %s at %d x %d%n", target, variant.name(), side, side);
      console.flush();
      network.close();
    }
    return 0;
  }

  private Path weightFile() {
    if (!Files.isDirectory(checkpoint)) {
      return checkpoint;
    }
    for (String name : IN_FOLDERS) {
      if (Files.exists(checkpoint.resolve(name))) {
        return checkpoint.resolve(name);
      }
    }
    throw new UserError(
        "the folder %s holds none of %s: give the folder of a finished run, or a weight file"
            .formatted(checkpoint, String.join(", ", IN_FOLDERS)));
  }

  private String modelName(WeightFile file, ModelMetadata metadata) {
    if (model != null) {
      return model;
    }
    if (metadata != null) {
      return metadata.model();
    }
    return PretrainedWeights.looksLike(Weights.shapes(file))
        .orElseThrow(
            () ->
                new UserError(
                    "%s looks like no model known here: name it with --model"
                        .formatted(file.path())));
  }

  /** The number of rows of the classifier in the file, under whichever name it has there. */
  private static int classes(WeightFile file, Variant variant) {
    Map<String, List<Long>> shapes = Weights.shapes(file);
    Backbone any = variant.options(1, variant.imageSize()).buildShapes();
    try {
      for (String name : any.headNames()) {
        for (String key : List.of(name, TimmNames.of(variant.family(), name))) {
          if (shapes.containsKey(key) && !shapes.get(key).isEmpty()) {
            return Math.toIntExact(shapes.get(key).get(0));
          }
        }
      }
    } finally {
      any.close();
    }
    throw new UserError(
        "%s has no classifier of %s: give trained weights, or the right --model"
            .formatted(file.path(), variant.name()));
  }

  /** The source with another ending; never the source itself. */
  private Path beside(Path source) {
    String name = source.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    Path target = source.resolveSibling(stem + "." + format.ending);
    return target.equals(source)
        ? source.resolveSibling(stem + "-" + names.name().toLowerCase(Locale.ROOT) + ".safetensors")
        : target;
  }

  private void write(Backbone network, int side, Map<String, String> metadata, Path target) {
    if (format == Format.SAFETENSORS) {
      Map<String, String> kept = new LinkedHashMap<>(metadata);
      kept.put("format", "pt");
      Weights.write(target, names == Names.TIMM ? TimmNames.state(network) : network.state(), kept);
      return;
    }
    Graph graph = Tracer.trace(network, network::forward, 3, side, side);
    try {
      if (format == Format.TORCHSCRIPT) {
        TorchScriptExport.write(graph, target);
      } else {
        OnnxExport.write(graph, metadata, target);
      }
    } finally {
      Tracer.release(graph);
    }
  }
}
