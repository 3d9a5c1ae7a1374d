package org.efficienttrain.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.export.Graph;
import org.efficienttrain.tensor.export.OnnxExport;
import org.efficienttrain.tensor.export.TorchScriptExport;
import org.efficienttrain.tensor.export.Tracer;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.NormalisingNetwork;
import org.efficienttrain.training.evaluation.TrainedModel;
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
    ONNX("onnx"),
    /** A folder that the Deep Java Library and its server load as it is. */
    DJL("djl");

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

  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "the folder of a run or of a checkpoint, or a weight file")
  Path checkpoint;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "safetensors, torchscript, onnx, or djl: a folder for the Deep Java Library")
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

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description = "names of the classes, a line each, in the order of the outputs")
  Path classes;

  @Option(
      names = "--normalise",
      description = "the network takes colours in 0..1 and normalises them itself")
  boolean normalise;

  @Option(names = "--card", description = "safetensors: write a model card, README.md, beside it")
  boolean card;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    checkOptions();
    PrintWriter console = spec.commandLine().getOut();
    List<String> named = classes == null ? null : ModelOptions.names(classes);
    TrainedModel.Wanted wanted = new TrainedModel.Wanted(model, named, imageSize, false);
    try (TrainedModel trained = TrainedModel.open(checkpoint, wanted)) {
      int side = imageSize == null ? trained.description().imageSize() : imageSize;
      ModelOptions.checked(trained, side);
      trained.notes().forEach(console::println);
      Path target = out == null ? beside(trained.file()) : out;
      makeFolder(target.toAbsolutePath().getParent());
      write(trained, side, target);
      console.printf("%s: %s at %d x %d%n", target, trained.network().name(), side, side);
      console.flush();
    }
    return 0;
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserError("cannot make the folder " + folder, e);
    }
  }

  private void checkOptions() {
    if (card && format != Format.SAFETENSORS) {
      throw new UserError("--card goes with --format safetensors only");
    }
    if (normalise && format == Format.SAFETENSORS) {
      throw new UserError(
          "--normalise needs a format that holds the network itself: torchscript, onnx or djl");
    }
  }

  /** The source with another ending; never the source itself. */
  private Path beside(Path source) {
    String name = source.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    if (format == Format.DJL) {
      return source.resolveSibling(stem + "-djl");
    }
    Path target = source.resolveSibling(stem + "." + format.ending);
    return target.equals(source)
        ? source.resolveSibling(stem + "-" + names.name().toLowerCase(Locale.ROOT) + ".safetensors")
        : target;
  }

  private void write(TrainedModel trained, int side, Path target) {
    if (format == Format.SAFETENSORS) {
      writeWeights(trained, target);
      return;
    }
    ModelMetadata model = trained.description();
    Graph graph = trace(trained, side);
    try {
      switch (format) {
        case TORCHSCRIPT -> TorchScriptExport.write(graph, target);
        case ONNX -> OnnxExport.write(graph, onnxMetadata(trained, side), target);
        default -> DjlFolder.write(graph, model, side, normalise, target);
      }
    } finally {
      Tracer.release(graph);
    }
  }

  private Graph trace(TrainedModel trained, int side) {
    Backbone network = trained.network();
    if (!normalise) {
      return Tracer.trace(network, network::forward, 3, side, side);
    }
    ModelMetadata model = trained.description();
    NormalisingNetwork whole = new NormalisingNetwork(network, model.mean(), model.std());
    return Tracer.trace(whole, whole::forward, 3, side, side);
  }

  private void writeWeights(TrainedModel trained, Path target) {
    Map<String, String> kept = new LinkedHashMap<>(trained.metadata());
    if (classes != null) {
      kept.putAll(trained.description().toMap());
    }
    kept.put("format", "pt");
    Backbone network = trained.network();
    if (card) {
      Path run = Files.isDirectory(checkpoint) ? checkpoint : checkpoint.resolveSibling("");
      new ModelCard(trained, run)
          .write(target.resolveSibling("README.md"), target.getFileName().toString());
    }
    try (Scope scope = Scope.open()) {
      Weights.write(target, names == Names.TIMM ? network.timmState() : network.state(), kept);
    }
  }

  /** What the file said, and what whoever feeds the network needs to know. */
  private Map<String, String> onnxMetadata(TrainedModel trained, int side) {
    Map<String, String> out = new LinkedHashMap<>(trained.metadata());
    out.putAll(trained.description().toMap());
    out.remove("format");
    out.put("imageSize", String.valueOf(side));
    out.put("normalise", normalise ? "inside" : "outside");
    out.values().removeIf(String::isEmpty);
    return out;
  }
}
