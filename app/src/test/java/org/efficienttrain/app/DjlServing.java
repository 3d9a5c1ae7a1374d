package org.efficienttrain.app;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Loads an exported folder and asks it about an image as a user of DJL would, in a JVM that knows
 * nothing of ours. Arguments: the folder, the image, and the file for the answer.
 */
final class DjlServing {
  private DjlServing() {}

  public static void main(String[] args) throws Exception {
    Criteria<Image, Classifications> criteria =
        Criteria.builder()
            .setTypes(Image.class, Classifications.class)
            .optModelPath(Path.of(args[0]))
            .build();
    List<String> lines = new ArrayList<>();
    try (ZooModel<Image, Classifications> model = criteria.loadModel();
        var predictor = model.newPredictor()) {
      Image image = ImageFactory.getInstance().fromFile(Path.of(args[1]));
      for (Classifications.Classification one : predictor.predict(image).topK()) {
        lines.add(String.format(Locale.ROOT, "%s %.6f", one.getClassName(), one.getProbability()));
      }
    }
    Files.write(Path.of(args[2]), lines, StandardCharsets.UTF_8);
  }
}
