package org.efficienttrain.training.report.tensorboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.pixel.ImageEncoder;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.EvaluationReport;
import org.efficienttrain.training.report.SampleReport;
import org.efficienttrain.training.report.StepReport;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;

/**
 * Writes a run's event file for TensorBoard: scalars, what the network sees, and the recipe. A
 * resumed run cuts the file where it goes on, and a run that wrote none so far begins with what its
 * metrics file holds, so that no step is missing and none appears twice.
 */
public final class TensorBoard implements TrainingListener, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One file for a whole run: the number stands where others have the time. */
  private static final String FILE = "events.out.tfevents.0000000000.efficienttrain";

  private final Path run;
  private EventFile file;

  /**
   * @param run folder of the run; events go to {@code tensorboard} in it
   */
  public TensorBoard(Path run) {
    this.run = run;
  }

  @Override
  public void started(Recipe recipe, TrainingPlan plan, long firstStep) {
    try {
      Path folder = Files.createDirectories(run.resolve("tensorboard"));
      file = new EventFile(folder.resolve(FILE));
      file.cut(event -> firstStep > 0 && step(event) <= firstStep);
      if (file.size() == 0) {
        file.write(Events.version(now()));
        StringBuilder text = new StringBuilder("| key | value |\n|---|---|\n");
        recipe.toMap().forEach((key, value) -> text.append("| %s | %s |\n".formatted(key, value)));
        file.write(Events.text(now(), 0, "recipe", text.toString()));
        replay();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The step of an event that this class wrote: the second field, behind the time. */
  static long step(byte[] event) {
    ByteBuffer bytes = ByteBuffer.wrap(event);
    if (bytes.remaining() < 11 || bytes.get(9) != 2 << 3) {
      return Long.MAX_VALUE;
    }
    long step = 0;
    for (int i = 10, shift = 0; i < event.length && shift < 64; i++, shift += 7) {
      step |= (event[i] & 0x7FL) << shift;
      if (event[i] >= 0) {
        return step;
      }
    }
    return Long.MAX_VALUE;
  }

  /** Writes what the metrics file holds already. */
  private void replay() throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    if (!Files.exists(metrics)) {
      return;
    }
    try (BufferedReader lines = Files.newBufferedReader(metrics)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode node = JSON.readTree(line);
        boolean step = node.path("kind").asText().equals("step");
        Map<String, Double> values = new LinkedHashMap<>();
        node.properties()
            .forEach(
                e -> {
                  String tag = step ? stepTag(e.getKey()) : evaluationTag(e.getKey());
                  if (tag != null && e.getValue().isNumber()) {
                    values.put(tag, e.getValue().asDouble());
                  }
                });
        write(Events.scalars(now(), node.path("step").asLong(), values));
      }
    }
  }

  /** The tag of a key of a step's line; null for what is no scalar. */
  private static String stepTag(String key) {
    return switch (key) {
      case "step", "kind", "batchSize" -> null;
      case "loss" -> "train/loss";
      case "epoch", "bandwidth", "magnitude" -> "curriculum/" + key;
      default -> "train/" + key;
    };
  }

  private static String evaluationTag(String key) {
    return switch (key) {
      case "step",
          "kind",
          "epoch",
          "bandwidth",
          "images",
          "best",
          "trainingSeconds",
          "trainingLoss" ->
          null;
      default -> "validation/" + key;
    };
  }

  @Override
  public void stepped(StepReport report) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("curriculum/epoch", report.epoch());
    values.put("train/loss", report.loss());
    values.put("train/learningRate", report.learningRate());
    values.put("curriculum/bandwidth", (double) report.bandwidth());
    values.put("curriculum/magnitude", report.magnitude());
    values.put("train/gradientNorm", report.gradientNorm());
    values.put("train/imagesPerSecond", report.imagesPerSecond());
    values.put("train/waitingShare", report.waitingShare());
    write(Events.scalars(now(), report.step(), values));
  }

  @Override
  public void evaluated(EvaluationReport report) {
    Map<String, Double> values = new LinkedHashMap<>();
    report.counting().all().forEach(m -> values.put("validation/" + m.name(), m.value()));
    write(Events.scalars(now(), report.step(), values));
  }

  @Override
  public void samples(SampleReport report) {
    Image sheet = report.sheet();
    write(
        Events.picture(
            now(),
            report.step(),
            "what the network sees",
            sheet.width(),
            sheet.height(),
            ImageEncoder.png(sheet)));
  }

  @Override
  public void finished(Summary summary) {
    close();
  }

  @Override
  public void stopped(long step) {
    close();
  }

  @Override
  public void failed(String message) {
    close();
  }

  private void write(byte[] event) {
    try {
      if (event != null && file != null) {
        file.write(event);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  @Override
  public void close() {
    try {
      if (file != null) {
        file.close();
        file = null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
