package org.efficienttrain.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.TrainedModel;

/**
 * A page about a trained network, for whoever is handed its weights: what it is, what it learned
 * from, how, and how well; what only its owner knows is left to fill in.
 */
final class ModelCard {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What nobody but the owner can say. */
  private static final String OPEN = "_to be filled in_";

  private static final int MOST_CLASSES = 100;
  private static final long LARGEST_FILE = 64 << 20;

  private final StringBuilder text = new StringBuilder();
  private final TrainedModel model;
  private final JsonNode summary;
  private final JsonNode evaluation;

  /**
   * Gathers what is known.
   *
   * @param run the folder of the run, whose summary and evaluation are used where they are there
   */
  ModelCard(TrainedModel model, Path run) {
    this.model = model;
    this.summary = read(run.resolve("summary.json"));
    this.evaluation = read(run.resolve("evaluation").resolve("results.json"));
  }

  private static JsonNode read(Path file) {
    try {
      boolean usable = Files.isRegularFile(file) && Files.size(file) <= LARGEST_FILE;
      return usable ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
    } catch (IOException e) {
      throw new UserError("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Writes the page.
   *
   * @param weights name of the weight file that it stands beside
   * @throws UserError if another page stands there
   */
  void write(Path page, String weights) {
    if (Files.exists(page)) {
      throw new UserError(
          "%s is there already: move it, or give --out a folder of its own".formatted(page));
    }
    String name = model.network().name();
    line("---");
    line("license: other # %s", "to be filled in");
    line("tags: [image-classification, efficienttrain]");
    line("---");
    line("");
    line("# %s", name);
    line("");
    line(
        "`%s` (%s), %,d parameters, for RGB images of %d x %d pixels, %d classes. Weights: `%s`.",
        name,
        model.network().options().variant().family(),
        model.network().parameterCount(),
        model.description().imageSize(),
        model.description().imageSize(),
        model.classes().size(),
        weights);
    data();
    curriculum();
    accuracy();
    recipe();
    use(weights);
    line("");
    line("## Licence");
    line("");
    line("Of the weights: %s. Of the training images: %s.", OPEN, OPEN);
    try {
      Files.writeString(page, text.toString());
    } catch (IOException e) {
      throw new UserError("cannot write " + page, e);
    }
  }

  private void data() {
    line("");
    line("## Data");
    line("");
    line("Training images, their source and their consent: %s.", OPEN);
    line("");
    int shown = Math.min(MOST_CLASSES, model.classes().size());
    line(
        "Classes, in the order of the outputs: %s%s.",
        String.join(", ", model.classes().subList(0, shown)),
        shown < model.classes().size() ? ", ..." : "");
  }

  private void curriculum() {
    line("");
    line("## Curriculum");
    line("");
    Object name = model.recipe().get("curriculum");
    if (name == null) {
      line("%s.", OPEN);
      return;
    }
    line(
        "`%s` over %s epochs; bandwidth B is the side of the low-frequency crop, m the strength of"
            + " RandAugment.",
        name, model.recipe().get("epochs"));
    if (!summary.path("stages").isArray()) {
      return;
    }
    line("");
    line("| B | m | images | images/s |");
    line("|---|---|---|---|");
    for (JsonNode stage : summary.get("stages")) {
      line(
          "| %d | %s | %d | %.0f |",
          stage.path("bandwidth").asInt(),
          stage.path("magnitude").asText(),
          stage.path("images").asLong(),
          stage.path("imagesPerSecond").asDouble());
    }
  }

  private void accuracy() {
    line("");
    line("## Accuracy");
    line("");
    if (summary.has("accuracy")) {
      line(
          "At the end of training: top-1 %.2f%%, top-5 %.2f%% on %d validation images, after %.0f s"
              + " of training.",
          100 * summary.path("accuracy").asDouble(),
          100 * summary.path("top5Accuracy").asDouble(),
          summary.path("validationImages").asLong(),
          summary.path("trainingSeconds").asDouble());
    }
    if (evaluation.has("top1")) {
      line("");
      line(
          "Measured afterwards on %d images of `%s` (%s): top-1 %.2f%%, top-5 %.2f%%, macro F1"
              + " %.4f, calibration error %.2f%%.",
          evaluation.path("images").asLong(),
          Path.of(evaluation.path("data").asText()).getFileName(),
          evaluation.path("part").asText(),
          100 * evaluation.path("top1").asDouble(),
          100 * evaluation.path("top5").asDouble(),
          evaluation.path("macroF1").asDouble(),
          100 * evaluation.path("calibrationError").asDouble());
    }
    if (!summary.has("accuracy") && !evaluation.has("top1")) {
      line("%s.", OPEN);
    }
  }

  private void recipe() {
    Map<String, Object> recipe = model.recipe();
    line("");
    line("## Recipe");
    line("");
    if (recipe.isEmpty()) {
      line("%s.", OPEN);
      return;
    }
    line("| key | value |");
    line("|---|---|");
    recipe.forEach((key, value) -> line("| %s | %s |", key, value));
  }

  private void use(String weights) {
    line("");
    line("## Use");
    line("");
    line("    ./et predict %s photo.jpg", weights);
    line("");
    line(
        "The shorter side is resized to %d / %s (bicubic), the centre cut out; values in 0..1 minus"
            + " %s, divided by %s.",
        model.description().imageSize(),
        model.description().evaluationCrop(),
        model.description().mean(),
        model.description().std());
  }

  private void line(String format, Object... values) {
    text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
    text.append('\n');
  }
}
