package org.efficienttrain.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.efficienttrain.app.chart.CurriculumChart;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.PlanRequest;
import org.efficienttrain.curriculum.Scaling;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.CurriculumFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what a curriculum shows, when, and what it costs. */
@Command(
    name = "curriculum",
    mixinStandardHelpOptions = true,
    description = "Prints the plan of a curriculum: what it shows, when, and what that costs.")
final class CurriculumCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "NAME",
      description =
          "none, efficienttrain, efficienttrain++, efficienttrain++:deit,"
              + " efficienttrain++:convnext, or one written out such as \"epochs"
              + " 160:3/5,192:1/5,224:1/5\", or the path of a file (docs/curriculum.md)")
  String name;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "300",
      description =
          "passes over the data, or equivalent epochs where the clock is compute (default:"
              + " ${DEFAULT-VALUE})")
  double epochs;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description =
          "final side of the images in pixels (default: that of the curriculum, 224 of those with a name)")
  Integer imageSize;

  @Option(
      names = "--multiple",
      paramLabel = "N",
      description = "what every bandwidth must be divisible by (default: by the image size)")
  Integer multiple;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "1281167",
      description = "images in the training set (default: ImageNet-1K's ${DEFAULT-VALUE})")
  long images;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "images per optimiser step (default: 4096, or fewer for a small set)")
  Integer batchSize;

  @Option(
      names = "--scaling",
      paramLabel = "RULE",
      defaultValue = "proportional",
      description = "how bandwidths follow the image size: proportional (default) or absolute")
  Scaling scaling;

  @Option(
      names = "--png",
      paramLabel = "FILE",
      description = "draw bandwidth and magnitude over epochs and over compute: a PNG file")
  Path png;

  @Option(
      names = "--compare",
      paramLabel = "NAME",
      description = "draw another one (a name, or a file) in the same picture; needs --png")
  String compared;

  @Option(names = "--json", description = "print JSON")
  boolean json;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    Curriculum named = CurriculumFile.named(name);
    if (imageSize == null) {
      imageSize = named.imageSize();
    }
    int step = multiple != null ? multiple : Curricula.defaultMultiple(imageSize);
    Curriculum curriculum = named.scaledTo(imageSize, step, scaling);
    int batch = batchSize != null ? batchSize : (int) Math.max(1, Math.min(4096, images / 10));
    TrainingPlan plan = TrainingPlan.of(curriculum, PlanRequest.of(images, epochs, batch));
    if (png != null) {
      draw(plan, step);
    } else if (compared != null) {
      throw new UserError("--compare draws two curricula, so it needs --png FILE");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .writeValueAsString(json(plan)));
    } else {
      print(plan, out);
    }
    out.flush();
    return 0;
  }

  private void draw(TrainingPlan plan, int step) {
    Pictures.requirePng("--png", png);
    List<TrainingPlan> plans = new ArrayList<>(List.of(plan));
    if (compared != null) {
      Curriculum other = CurriculumFile.named(compared).scaledTo(imageSize, step, scaling);
      plans.add(TrainingPlan.of(other, plan.request()));
    }
    Pictures.write(CurriculumChart.draw(plans), png);
  }

  private void print(TrainingPlan plan, PrintWriter out) {
    Curriculum curriculum = plan.curriculum();
    out.printf(
        "%s, %s epochs at %d pixels, on the clock of %s%n%n",
        curriculum.name(),
        number(epochs, 2),
        imageSize,
        curriculum.clock().name().toLowerCase(Locale.ROOT));
    out.println("  epochs             B    m    steps     cost of an image");
    for (Phase phase : plan.phases()) {
      out.printf(
          "  %-15s %4d %4s %8d     %.3f%n",
          number(phase.firstEpoch() + (isWhole(phase.firstEpoch()) ? 1 : 0), 2)
              + " - "
              + number(phase.endEpoch(), 2),
          phase.bandwidth(),
          number(phase.magnitude(), 2),
          phase.steps(),
          phase.imageCost());
    }
    out.println();
    out.printf(
        "Passes over the data: %s. Cost: %s equivalent epochs, %.3f of %s epochs at full"
            + " bandwidth%s.%n",
        number(plan.dataEpochs(), 2),
        number(plan.equivalentEpochs(), 1),
        plan.relativeCost(),
        number(epochs, 2),
        plan.relativeCost() < 0.99
            ? String.format(Locale.ROOT, " (%.2fx faster)", plan.speedUp())
            : "");
    if (curriculum.clock() == Clock.COMPUTE && !curriculum.isFullBandwidth()) {
      out.println(
          "On this clock --epochs is the budget: compare with a baseline of more epochs, such as"
              + " 200 here with 300 there (1.5x faster).");
    }
  }

  private static boolean isWhole(double value) {
    return value == Math.rint(value);
  }

  private Map<String, Object> json(TrainingPlan plan) {
    List<Map<String, Object>> phases = new ArrayList<>();
    for (Phase phase : plan.phases()) {
      Map<String, Object> p = new LinkedHashMap<>();
      p.put("firstEpoch", exact(phase.firstEpoch()));
      p.put("epochs", exact(phase.epochs()));
      p.put("bandwidth", phase.bandwidth());
      p.put("magnitude", exact(phase.magnitude()));
      p.put("firstStep", phase.firstStep());
      p.put("steps", phase.steps());
      p.put("batchSize", phase.batchSize());
      p.put("imageCost", exact(phase.imageCost()));
      phases.add(p);
    }
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("curriculum", plan.curriculum().name());
    out.put("clock", plan.curriculum().clock().name().toLowerCase(Locale.ROOT));
    out.put("imageSize", imageSize);
    out.put("epochs", exact(epochs));
    out.put("phases", phases);
    out.put("dataEpochs", exact(plan.dataEpochs()));
    out.put("equivalentEpochs", exact(plan.equivalentEpochs()));
    out.put("relativeCost", exact(plan.relativeCost()));
    out.put("speedUp", exact(plan.speedUp()));
    return out;
  }

  /** Whole numbers as such, others to six places. */
  private static Number exact(double value) {
    BigDecimal rounded =
        BigDecimal.valueOf(value).setScale(6, RoundingMode.HALF_EVEN).stripTrailingZeros();
    return rounded.scale() <= 0 ? (Number) rounded.longValueExact() : rounded;
  }

  private static String number(double value, int places) {
    return BigDecimal.valueOf(value)
        .setScale(places, RoundingMode.HALF_EVEN)
        .stripTrailingZeros()
        .toPlainString();
  }
}
