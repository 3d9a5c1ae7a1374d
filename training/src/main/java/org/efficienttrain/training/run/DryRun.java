package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.curriculum.LearningRate;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.KernelChoices;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.loop.Trainer;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.Durations;

/**
 * What a run would be.
 *
 * <p>Of several ranks one is measured. All together are taken to be as many times as fast as it,
 * but for the exchange of gradients, which is not counted.
 *
 * @param recipe what was asked for
 * @param plan its phases
 * @param phases each with its learning rates and time
 * @param predictedSpeedup over the baseline, by the cost model
 * @param memoryBytes most memory of a process, extrapolated to the whole micro-batch; 0 where the
 *     system does not tell
 * @param notes a sentence for each thing done to the weights it starts from besides copying
 * @param kernels how operations would be computed
 */
public record DryRun(
    Recipe recipe,
    TrainingPlan plan,
    List<PhaseEstimate> phases,
    double predictedSpeedup,
    long memoryBytes,
    List<String> notes,
    KernelChoices kernels) {
  /** Images of a measured step: enough to keep the processor busy, few enough not to wait long. */
  private static final int MEASURED_IMAGES = 32;

  private static final int WARM_UP_STEPS = 1;
  private static final int MEASURED_STEPS = 2;

  /**
   * A phase as it would go.
   *
   * @param firstRate learning rate of its first step
   * @param lastRate learning rate of its last step
   * @param imagesPerSecond measured, of all ranks together
   * @param seconds of the whole phase, evaluations not counted
   */
  public record PhaseEstimate(
      Phase phase, double firstRate, double lastRate, double imagesPerSecond, double seconds) {}

  public static DryRun of(
      Recipe recipe, DatasetSplits data, RunOptions options, int ranks, int ranksAtOnce) {
    TrainingPlan plan = Plans.plan(recipe, data.train().size(), ranks);
    LearningRate rate = Plans.learningRate(recipe, plan);
    List<PhaseEstimate> estimates = new ArrayList<>();
    Map<Integer, Double> speeds = new LinkedHashMap<>();
    List<String> notes = new ArrayList<>();
    long base;
    KernelChoices kernels;
    Job job = Job.alone(recipe, data, options);
    try (Trainer trainer = Trainer.of(job, plan, notes::add)) {
      kernels = RunKernels.choose(trainer, trainer.plan().phases());
      kernels.use();
      base = ProcessMemory.now();
      for (Phase phase : plan.phases()) {
        speeds.computeIfAbsent(phase.bandwidth(), b -> measure(phase, trainer));
        double speed = ranksAtOnce * speeds.get(phase.bandwidth());
        estimates.add(
            new PhaseEstimate(
                phase,
                rate.at(phase.firstStep()),
                rate.at(phase.endStep() - 1),
                speed,
                phase.images() / speed));
      }
    }
    Phase last = plan.phases().get(plan.phases().size() - 1);
    double share = (double) last.microBatch() / measuredImages(last);
    long memory = (long) (base + (ProcessMemory.peak() - base) * Math.max(1, share));
    double compute = plan.equivalentEpochs();
    return new DryRun(
        job.recipe(), plan, estimates, recipe.baselineEpochs() / compute, memory, notes, kernels);
  }

  private static int measuredImages(Phase phase) {
    return Math.min(MEASURED_IMAGES, phase.microBatch());
  }

  /** Images per second of a few steps with the exposure of a phase. */
  private static double measure(Phase phase, Trainer trainer) {
    int images = measuredImages(phase);
    Phase small = phase.withBatch(images);
    return MEASURED_STEPS * images / trainer.time(small, WARM_UP_STEPS, MEASURED_STEPS);
  }

  /** Training time of all phases. */
  public double seconds() {
    return phases.stream().mapToDouble(PhaseEstimate::seconds).sum();
  }

  /** Notes, the plan as a table, and a line of totals. */
  public String toText() {
    int ranks = plan.request().ranks();
    StringBuilder text = new StringBuilder();
    notes.forEach(note -> text.append(note).append(System.lineSeparator()));
    if (ranks > 1) {
      text.append(
          "%d ranks; batch: images of a rank at once x times each step; measured on one rank, without the exchange of gradients%n"
              .formatted(ranks));
    }
    text.append("kernels: ").append(kernels.summary()).append(System.lineSeparator());
    text.append(
        "epochs            steps      B    m     batch  learning rate      images/s  time\n");
    for (PhaseEstimate e : phases) {
      Phase p = e.phase();
      text.append(
          String.format(
              Locale.ROOT,
              "%7.2f -%7.2f %8d  %5d %4.1f %5dx%-4d %.2e-%.2e %9.1f  %s%n",
              p.firstEpoch(),
              p.endEpoch(),
              p.steps(),
              p.bandwidth(),
              p.magnitude(),
              p.microBatch(),
              p.accumulation(),
              e.firstRate(),
              e.lastRate(),
              e.imagesPerSecond(),
              Durations.text(e.seconds())));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%d steps, %.2f equivalent epochs, predicted speed-up %.2fx over %s epochs, %s of"
                + " training here%s%n",
            plan.totalSteps(),
            plan.equivalentEpochs(),
            predictedSpeedup,
            recipe.baselineEpochs(),
            Durations.text(seconds()),
            memoryBytes == 0
                ? ""
                : String.format(
                    Locale.ROOT,
                    ", about %.1f GB of memory%s",
                    memoryBytes / 1e9,
                    ranks == 1 ? "" : " each rank")));
    return text.toString();
  }
}
