package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.models.Networks;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.loop.Trainer;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;

/**
 * What a training step takes at every bandwidth of the preset curricula, and how much faster those
 * make a run: by the pixels, by the network's multiply-adds, and by the time measured here.
 *
 * @param recipe what a step does
 * @param steps one for each bandwidth, the smallest first
 * @param speedups one for each preset that the model's sizes allow
 */
public record CurriculumTimes(Recipe recipe, List<StepTime> steps, List<Speedup> speedups) {
  /** Epochs of the papers' baseline, and of EfficientTrain; EfficientTrain++ takes two thirds. */
  private static final int EPOCHS = 300;

  /**
   * The time of a step: loading aside, all of it.
   *
   * @param bandwidth B in pixels
   * @param images of one optimiser step: more at a small bandwidth with an early large batch
   * @param microBatch of them, those that pass the network at once
   * @param seconds of one optimiser step, the median of the rounds
   * @param multiplyAdds of the network's forward pass of one image
   */
  public record StepTime(
      int bandwidth, int images, int microBatch, double seconds, long multiplyAdds) {
    private double secondsOfImage() {
      return seconds / images;
    }
  }

  /**
   * How much faster a curriculum is than training without one.
   *
   * @param byPixels what the papers count
   * @param byOperations with the network's multiply-adds at each bandwidth
   * @param byTime with the measured steps
   */
  public record Speedup(String curriculum, double byPixels, double byOperations, double byTime) {}

  /**
   * Takes two steps at every bandwidth in turn, {@code rounds} times after once to warm up; the
   * second counts, as the first one finds the memory that another bandwidth left.
   *
   * @param settings of the recipe; its curriculum is not used
   * @param images what batches are read from, which is not timed; at least one batch
   * @param options say where, and for which task
   * @param rounds at least 1
   */
  public static CurriculumTimes measure(
      RecipeSettings settings,
      ImageDataset images,
      RunOptions options,
      int rounds,
      Progress progress) {
    Job job =
        Job.alone(
            settings.with("curriculum", "none").with("epochs", EPOCHS).resolve(images.size()),
            new DatasetSplits(images, images),
            options);
    Recipe recipe = job.recipe();
    Map<String, TrainingPlan> plans = new LinkedHashMap<>();
    Map<Integer, Phase> phases = new TreeMap<>();
    for (Curriculum preset : Curricula.presets()) {
      TrainingPlan plan = plan(settings, preset, images.size());
      if (plan != null) {
        plans.put(preset.name(), plan);
        plan.phases().forEach(p -> phases.putIfAbsent(p.bandwidth(), p));
      }
    }
    Map<Integer, Double> seconds = secondsOf(job, plans.get("none"), phases, rounds, progress);
    IntToLongFunction multiplyAdds =
        Networks.multiplyAdds(recipe.model(), images.classes().size(), recipe.imageSize());
    List<StepTime> steps = new ArrayList<>();
    seconds.forEach(
        (b, s) -> {
          Phase phase = phases.get(b);
          long adds = multiplyAdds.applyAsLong(b);
          steps.add(new StepTime(b, phase.batchSize(), phase.microBatch(), s, adds));
        });
    List<Speedup> speedups = new ArrayList<>();
    plans.forEach((name, plan) -> speedups.add(speedup(name, plan, plans.get("none"), steps)));
    return new CurriculumTimes(recipe, steps, speedups);
  }

  /** The plan of a preset, or null where the model does not run at one of its bandwidths. */
  private static TrainingPlan plan(RecipeSettings settings, Curriculum preset, int images) {
    double epochs =
        preset.clock() == Clock.COMPUTE && !preset.isFullBandwidth() ? EPOCHS / 1.5 : EPOCHS;
    Recipe recipe =
        settings.with("curriculum", preset.name()).with("epochs", epochs).resolve(images);
    try {
      return Plans.plan(recipe, images, 1);
    } catch (UserError e) {
      return null;
    }
  }

  private static Map<Integer, Double> secondsOf(
      Job job, TrainingPlan plan, Map<Integer, Phase> phases, int rounds, Progress progress) {
    Map<Integer, double[]> measured = new TreeMap<>();
    phases.keySet().forEach(b -> measured.put(b, new double[rounds]));
    try (Trainer trainer = Trainer.of(job, plan, note -> {})) {
      RunKernels.choose(trainer, phases.values()).use();
      for (int round = 0; round <= rounds; round++) {
        int done = 0;
        for (Phase phase : phases.values()) {
          double time = trainer.timeOfStep(phase, 2);
          if (round > 0) {
            measured.get(phase.bandwidth())[round - 1] = time;
          }
          progress.update(
              "steps", (long) round * phases.size() + ++done, (rounds + 1L) * phases.size());
        }
      }
    }
    Map<Integer, Double> medians = new TreeMap<>();
    measured.forEach(
        (b, times) -> medians.put(b, Arrays.stream(times).sorted().toArray()[rounds / 2]));
    return medians;
  }

  private static Speedup speedup(
      String name, TrainingPlan plan, TrainingPlan baseline, List<StepTime> steps) {
    return new Speedup(
        name,
        baseline.equivalentEpochs() / plan.equivalentEpochs(),
        total(baseline, steps, StepTime::multiplyAdds) / total(plan, steps, StepTime::multiplyAdds),
        total(baseline, steps, StepTime::secondsOfImage)
            / total(plan, steps, StepTime::secondsOfImage));
  }

  /** What all images of a plan cost. */
  private static double total(
      TrainingPlan plan, List<StepTime> steps, ToDoubleFunction<StepTime> cost) {
    Map<Integer, Double> costs =
        steps.stream().collect(Collectors.toMap(StepTime::bandwidth, cost::applyAsDouble));
    return plan.phases().stream().mapToDouble(p -> p.images() * costs.get(p.bandwidth())).sum();
  }

  /** Two tables: the steps, and the curricula. */
  public String toText() {
    StepTime full = steps.get(steps.size() - 1);
    StringBuilder text = new StringBuilder();
    text.append(
        "%s at %d pixels, %s%n%n"
            .formatted(
                recipe.model(),
                recipe.imageSize(),
                recipe.precision().name().toLowerCase(Locale.ROOT)));
    text.append(
        "    B  batch  part        step    images/s  cost by: pixels  operations    time\n");
    for (StepTime s : steps) {
      double pixels = Math.pow((double) s.bandwidth() / full.bandwidth(), 2);
      text.append(
          String.format(
              Locale.ROOT,
              "%5d %6d %5d %9.3f s %11.1f %16.3f %11.3f %7.3f%n",
              s.bandwidth(),
              s.images(),
              s.microBatch(),
              s.seconds(),
              1 / s.secondsOfImage(),
              pixels,
              (double) s.multiplyAdds() / full.multiplyAdds(),
              s.secondsOfImage() / full.secondsOfImage()));
    }
    text.append(
        "%nspeed-up                      pixels  operations    time  time / pixels%n".formatted());
    for (Speedup s : speedups) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-28s %6.2fx %10.2fx %6.2fx %13.0f%%%n",
              s.curriculum(),
              s.byPixels(),
              s.byOperations(),
              s.byTime(),
              100 * s.byTime() / s.byPixels()));
    }
    return text.toString();
  }
}
