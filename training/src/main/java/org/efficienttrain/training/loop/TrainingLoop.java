package org.efficienttrain.training.loop;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.efficienttrain.curriculum.LearningRate;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.RandomErasing;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.batch.Preparation;
import org.efficienttrain.training.recipe.Recipe;

/**
 * EfficientTrain as code: at every step the plan says which frequencies and how much augmentation
 * the network sees; the rest is ordinary training.
 *
 * <p>All chance of a step comes from (seed, step), so that a step does not depend on how the run
 * came to it.
 */
public final class TrainingLoop {
  /**
   * What one step did.
   *
   * @param loss mean over the batch and the ranks
   * @param gradientNorm before clipping
   * @param taken whether the weights changed; false where the loss or a gradient was not finite
   * @param stop whether a rank was told to end
   */
  public record Step(
      Phase phase,
      double learningRate,
      double loss,
      double gradientNorm,
      boolean taken,
      boolean stop) {}

  /** Looks on between steps. */
  public interface Observer {
    /** Before every step; may evaluate and save. */
    void before(long step);

    /** Whether this process was told to end. */
    default boolean stopping() {
      return false;
    }

    /** After every step, inside its scope. */
    void after(Step step, double seconds);

    /** Whether to be shown what the network saw in the step that was just taken. */
    default boolean looking() {
      return false;
    }

    /**
     * What the network saw, inside the step's scope.
     *
     * @param images (N, 3, B, B) normalised: the first part of the batch
     */
    default void seen(Phase phase, Tensor images) {}
  }

  /** Keeps these draws apart from those of the image loader. */
  private static final long ON_DEVICE = 0x646576696365L; // "device"

  private final Recipe recipe;
  private final TrainingPlan plan;
  private final LearningRate learningRate;
  private final Learner learner;
  private final Device device;
  private final Collective ranks;
  private final RandomErasing erasing;

  public TrainingLoop(
      Recipe recipe, TrainingPlan plan, Learner learner, Device device, Collective ranks) {
    this.recipe = recipe;
    this.plan = plan;
    this.learningRate = Plans.learningRate(recipe, plan);
    this.learner = learner;
    this.device = device;
    this.ranks = ranks;
    this.erasing = RandomErasing.withProbability(recipe.erasing());
  }

  /** Takes the steps of the plan from {@code firstStep} to its end. */
  public void run(long firstStep, BatchStream batches, Observer observer) {
    long step = firstStep;
    while (step < plan.totalSteps()) {
      Phase phase = plan.phaseAt(step);
      try (Preparation preparation = preparation(phase)) {
        for (; step < phase.endStep(); step++) {
          observer.before(step);
          long start = System.nanoTime();
          try (Scope scope = Scope.open();
              Batch batch = batches.next()) {
            Step taken =
                take(step, phase, preparation, batch, learningRate.at(step), observer.stopping());
            observer.after(taken, (System.nanoTime() - start) / 1e9);
            if (observer.looking()) {
              observer.seen(phase, shown(step, phase, preparation, batch));
            }
          }
        }
      }
    }
    observer.before(step);
  }

  /** One step of the optimiser on one batch, which passes the network in equal parts. */
  private Step take(
      long step, Phase phase, Preparation preparation, Batch batch, double rate, boolean stopping) {
    learner.beginStep();
    double loss = 0;
    for (int part = 0; part < phase.accumulation(); part++) {
      Generator.seed(recipe.seed(), step, draw(part));
      loss += addGradients(step, part, phase, preparation, batch) / phase.accumulation();
    }
    // The mean over the ranks, so that all decide alike whether the step is taken.
    double[] sums = ranks.sum(loss, stopping ? 1 : 0);
    loss = sums[0] / ranks.worldSize();
    Learner.Update update = learner.update(rate, loss, recipe.clipNorm());
    return new Step(phase, rate, loss, update.gradientNorm(), update.taken(), sums[1] > 0);
  }

  /** What the images of a phase go through; to be closed. */
  public Preparation preparation(Phase phase) {
    return preparation(phase, recipe.loadedSide(phase.bandwidth()));
  }

  /** The same for images that come with another side than the recipe says, in pixels. */
  Preparation preparation(Phase phase, int side) {
    return new Preparation(side, phase.bandwidth(), device, erasing, recipe.eraseAfterCrop());
  }

  /** One step on its own, to see how long it takes. */
  void take(long step, Phase phase, Preparation preparation, Batch batch) {
    take(step, phase, preparation, batch, learningRate.at(step));
  }

  /** One step on its own at a rate of one's own. */
  public Step take(long step, Phase phase, Preparation preparation, Batch batch, double rate) {
    return take(step, phase, preparation, batch, rate, false);
  }

  /**
   * The first part of a batch as the network saw it in a step: made again, from the same chance but
   * for the noise of erased parts.
   */
  private Tensor shown(long step, Phase phase, Preparation preparation, Batch batch) {
    RandomSource random = random(step, 0);
    Tensor images = preparation.apply(pixels(batch, phase, 0), phase.microBatch(), random);
    return learner.task().shown(images, random);
  }

  /** Adds the gradients of one part of a batch and returns its loss. */
  private double addGradients(
      long step, int part, Phase phase, Preparation preparation, Batch batch) {
    int n = phase.microBatch();
    RandomSource random = random(step, part);
    try (Scope scope = Scope.open()) {
      Tensor images = preparation.apply(pixels(batch, phase, part), n, random);
      int[] labels = Arrays.copyOfRange(batch.labels(), part * n, (part + 1) * n);
      Tensor loss = learner.task().loss(images, labels, random);
      if (part == phase.accumulation() - 1) {
        ranks.averageNextBackward();
      }
      loss.mul(learner.scaler().scale() / phase.accumulation()).backward();
      return loss.item();
    }
  }

  private static ByteBuffer pixels(Batch batch, Phase phase, int part) {
    int bytes = phase.microBatch() * batch.side() * batch.side() * 3;
    return batch.pixels().slice(part * bytes, bytes);
  }

  private RandomSource random(long step, int part) {
    return RandomSource.of(recipe.seed(), step, draw(part)).fork(ON_DEVICE);
  }

  /**
   * The number of a part among those of all ranks: no two draw the same. Ranks take the images in
   * turn, so where a part is one image, its number is the image's place in the batch.
   */
  private int draw(int part) {
    return part * ranks.worldSize() + ranks.rank();
  }
}
