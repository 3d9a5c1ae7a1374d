package org.efficienttrain.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.efficienttrain.tensor.export.Graph;
import org.efficienttrain.tensor.export.TorchScriptExport;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.task.ModelMetadata;

/**
 * A folder that the Deep Java Library and its server load as it is: the network in TorchScript,
 * {@code serving.properties} with what its image translator is to do, and {@code synset.txt} with
 * the names of the classes.
 */
final class DjlFolder {
  /** From this size on, evaluation warps the whole image to a square. */
  private static final int WARP_FROM = 384;

  private DjlFolder() {}

  /**
   * Writes the folder.
   *
   * @param side of the images that the graph takes, in pixels
   * @param normalised whether the graph takes colours in 0..1 and normalises them itself
   */
  static void write(Graph graph, ModelMetadata model, int side, boolean normalised, Path folder) {
    try {
      Files.createDirectories(folder);
      TorchScriptExport.write(graph, folder.resolve("model.pt"));
      Files.write(folder.resolve("synset.txt"), synset(model.classes()), StandardCharsets.UTF_8);
      Files.write(
          folder.resolve("serving.properties"),
          properties(model, side, normalised),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UserError("cannot write the folder " + folder, e);
    }
  }

  /** A line for each class, whatever its name holds. */
  private static List<String> synset(List<String> classes) {
    return classes.stream().map(name -> name.replaceAll("\\p{Cntrl}", " ")).toList();
  }

  private static List<String> properties(ModelMetadata model, int side, boolean normalised) {
    List<String> lines = new ArrayList<>();
    lines.add("engine=PyTorch");
    lines.add("option.modelName=model");
    lines.add("option.mapLocation=true");
    lines.add(
        "translatorFactory=ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory");
    lines.add("width=" + side);
    lines.add("height=" + side);
    if (side >= WARP_FROM) {
      lines.add("resize=%d,%d,BICUBIC".formatted(side, side));
    } else {
      int shorter = (int) Math.floor(side / model.evaluationCrop());
      lines.add("resizeShort=%d,-1,BICUBIC".formatted(shorter));
      lines.add("centerCrop=true");
    }
    lines.add("toTensor=true");
    if (!normalised) {
      List<Double> numbers = new ArrayList<>(model.mean());
      numbers.addAll(model.std());
      lines.add(
          "normalize=" + numbers.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    lines.add("applySoftmax=true");
    lines.add("topK=" + Math.min(5, model.classes().size()));
    lines.add("synsetFileName=synset.txt");
    return lines;
  }
}
