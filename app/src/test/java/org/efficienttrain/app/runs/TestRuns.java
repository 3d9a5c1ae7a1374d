package org.efficienttrain.app.runs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Folders as runs leave them, written by hand. */
public final class TestRuns {
  private TestRuns() {}

  /** A finished run of so many logged steps under a curriculum of two stages. */
  public static Path finished(Path folder, String curriculum, int lines) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("recipe.yaml"),
        "model: \"resnet20_cifar\"\nimageSize: 64\ncurriculum: \"%s\"\n".formatted(curriculum));
    Files.writeString(folder.resolve("metrics.jsonl"), metrics(1, lines));
    Files.writeString(
        folder.resolve("summary.json"),
        "{\"accuracy\":0.9,\"top5Accuracy\":0.99,\"steps\":%d,\"trainingSeconds\":%d,\"predictedSpeedup\":1.5}"
            .formatted(10 * lines, curriculum.equals("none") ? 30 : 20));
    Files.writeString(folder.resolve("run.json"), card(lines, "\"ended\":{\"how\":\"finished\"}"));
    return folder;
  }

  /** Lines from one to another, ten steps each. */
  public static String metrics(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i <= to; i++) {
      text.append(
          String.format(
              Locale.ROOT,
              "{\"kind\":\"step\",\"step\":%d,\"epoch\":%.4f,\"loss\":%.5f,\"learningRate\":0.1,"
                  + "\"bandwidth\":%d,\"magnitude\":%d.0,\"batchSize\":32,\"gradientNorm\":1.0,"
                  + "\"imagesPerSecond\":100.0,\"waitingShare\":0.1}\n",
              10 * i,
              i / 10.0,
              2 / Math.sqrt(i),
              i <= 5 ? 32 : 64,
              i <= 5 ? 0 : 9));
      if (i % 5 == 0) {
        text.append(
            String.format(
                Locale.ROOT,
                "{\"kind\":\"evaluation\",\"step\":%d,\"epoch\":%.4f,\"bandwidth\":%d,"
                    + "\"accuracy\":%.4f,\"loss\":1.0,\"trainingSeconds\":%d.0}\n",
                10 * i,
                i / 10.0,
                i <= 5 ? 32 : 64,
                i / (i + 5.0),
                3 * i));
      }
    }
    return text.toString();
  }

  /** A card of two phases; {@code end} is its last member. */
  public static String card(int lines, String end) {
    return """
        {"format":1,"command":"./et train --data <photos>","started":"2026-01-01T00:00:00Z",
         "process":{"host":"elsewhere","pid":1,"started":"2026-01-01T00:00:00Z"},
         "plan":{"totalSteps":%d,"phases":[
           {"firstStep":0,"steps":50,"firstEpoch":0,"epochs":0.5,"bandwidth":32,"magnitude":0,"batchSize":32,"imageCost":0.25},
           {"firstStep":50,"steps":%d,"firstEpoch":0.5,"epochs":1,"bandwidth":64,"magnitude":9,"batchSize":32,"imageCost":1}]},
         "machine":{"processor":"a processor","cores":2,"memoryBytes":8000000000,"device":"cpu"},
         "versions":{"java":"17"},%s}"""
        .formatted(10 * lines, 10 * lines - 50, end);
  }

  /** Pictures of two stages and of a batch. */
  public static void samples(Path run) throws IOException {
    Path folder = Files.createDirectories(run.resolve("samples"));
    for (String name :
        new String[] {"stage-1-b32-m0.png", "stage-2-b64-m9.png", "batch-b64-m9-step100.png"}) {
      java.awt.image.BufferedImage picture =
          new java.awt.image.BufferedImage(64, 32, java.awt.image.BufferedImage.TYPE_INT_RGB);
      picture.setRGB(3, 3, 0x336699);
      ImageIO.write(picture, "png", folder.resolve(name).toFile());
    }
  }
}
