package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
   * @param side of the images that the workers make, in pixels: B or S, as the crop asks
   * @param images of one optimiser step: more at a small bandwidth with an early large batch
   * @param microBatch of them, those that pass the network at once
   * @param seconds of one optimiser step, the median of the rounds
   * @param multiplyAdds of the network's forward pass of one image
   */
  public record StepTime(
      int bandwidth, int side, int images, int microBatch, double seconds, long multiplyAdds) {
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

  /** A preset, and the recipe that it trains by. */
  private record Preset(Recipe recipe, TrainingPlan plan) {
    Work work(Phase phase) {
      return new Work(phase.bandwidth(), recipe.loadedSide(phase.bandwidth()));
    }
  }

  /** What tells steps apart: the bandwidth, and the side of the images that the workers make. */
  private record Work(int bandwidth, int side) {
    static final Comparator<Work> ORDER =
        Comparator.comparingInt(Work::bandwidth).thenComparingInt(Work::side);
  }

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
    Map<String, Preset> presets = new LinkedHashMap<>();
    Map<Work, Phase> phases = new TreeMap<>(Work.ORDER);
    for (Curriculum curriculum : Curricula.presets()) {
      Preset preset = preset(settings, curriculum, images.size());
      if (preset != null) {
        presets.put(curriculum.name(), preset);
        preset.plan.phases().forEach(p -> phases.putIfAbsent(preset.work(p), p));
      }
    }
    Preset none = presets.get("none");
    Map<Work, Double> seconds = secondsOf(job, none.plan, phases, rounds, progress);
    IntToLongFunction multiplyAdds =
        Networks.multiplyAdds(recipe.model(), images.classes().size(), recipe.imageSize());
    List<StepTime> steps = new ArrayList<>();
    seconds.forEach(
        (work, s) -> {
          Phase phase = phases.get(work);
          int b = work.bandwidth;
          long adds = multiplyAdds.applyAsLong(b);
          steps.add(new StepTime(b, work.side, phase.batchSize(), phase.microBatch(), s, adds));
        });
    List<Speedup> speedups = new ArrayList<>();
    presets.forEach((name, preset) -> speedups.add(speedup(name, preset, none, steps)));
    return new CurriculumTimes(recipe, steps, speedups);
  }

  /** A preset with its plan, or null where the model does not run at one of its bandwidths. */
  private static Preset preset(RecipeSettings settings, Curriculum curriculum, int images) {
    double epochs =
        curriculum.clock() == Clock.COMPUTE && !curriculum.isFullBandwidth()
            ? EPOCHS / 1.5
            : EPOCHS;
    Recipe recipe =
        settings.with("curriculum", curriculum.name()).with("epochs", epochs).resolve(images);
    try {
      return new Preset(recipe, Plans.plan(recipe, images, 1));
    } catch (UserError e) {
      return null;
    }
  }

  private static Map<Work, Double> secondsOf(
      Job job, TrainingPlan plan, Map<Work, Phase> phases, int rounds, Progress progress) {
    Map<Work, double[]> measured = new TreeMap<>(Work.ORDER);
    phases.keySet().forEach(work -> measured.put(work, new double[rounds]));
    try (Trainer trainer = Trainer.of(job, plan, note -> {})) {
      RunKernels.choose(trainer, phases.values()).use();
      for (int round = 0; round <= rounds; round++) {
        int done = 0;
        for (Work work : phases.keySet()) {
          double time = trainer.timeOfStep(phases.get(work), work.side, 2);
          if (round > 0) {
            measured.get(work)[round - 1] = time;
          }
          progress.update(
              "steps", (long) round * phases.size() + ++done, (rounds + 1L) * phases.size());
        }
      }
    }
    Map<Work, Double> medians = new TreeMap<>(Work.ORDER);
    measured.forEach(
        (work, times) -> medians.put(work, Arrays.stream(times).sorted().toArray()[rounds / 2]));
    return medians;
  }

  private static Speedup speedup(String name, Preset preset, Preset none, List<StepTime> steps) {
    return new Speedup(
        name,
        none.plan.equivalentEpochs() / preset.plan.equivalentEpochs(),
        total(none, steps, StepTime::multiplyAdds) / total(preset, steps, StepTime::multiplyAdds),
        total(none, steps, StepTime::secondsOfImage)
            / total(preset, steps, StepTime::secondsOfImage));
  }

  /** What all images of a preset cost. */
  private static double total(
      Preset preset, List<StepTime> steps, ToDoubleFunction<StepTime> cost) {
    Map<Work, Double> costs =
        steps.stream()
            .collect(Collectors.toMap(s -> new Work(s.bandwidth, s.side), cost::applyAsDouble));
    return preset.plan.phases().stream()
        .mapToDouble(p -> p.images() * costs.get(preset.work(p)))
        .sum();
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
        "    B   of  batch  part        step    images/s  cost by: pixels  operations    time\n");
    for (StepTime s : steps) {
      double pixels = Math.pow((double) s.bandwidth() / full.bandwidth(), 2);
      text.append(
          String.format(
              Locale.ROOT,
              "%5d %4d %6d %5d %9.3f s %11.1f %16.3f %11.3f %7.3f%n",
              s.bandwidth(),
              s.side(),
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
