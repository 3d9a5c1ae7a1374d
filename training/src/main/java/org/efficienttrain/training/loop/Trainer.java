package org.efficienttrain.training.loop;

import java.util.function.Consumer;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.images.loader.BatchShape;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.batch.Augmentations;
import org.efficienttrain.training.batch.Preparation;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.Task;

/**
 * Everything that takes steps, put together in one place: the plan, the learner, the image workers
 * and the loop. Runs, dry runs and measurements of steps all start here.
 */
public final class Trainer implements AutoCloseable {
  private final Job job;
  private final TrainingPlan plan;
  private final Learner learner;
  private final BatchLoader loader;
  private final TrainingLoop loop;

  private Trainer(Job job, TrainingPlan plan, Learner learner, BatchLoader loader) {
    this.job = job;
    this.plan = plan;
    this.learner = learner;
    this.loader = loader;
    this.loop = new TrainingLoop(job.recipe(), plan, learner, job.options().device(), job.ranks());
  }

  /**
   * Builds the network from the recipe's seed, outside any scope, and starts the image workers.
   *
   * @param notes takes a sentence for each thing done to the weights it starts from
   * @throws org.efficienttrain.training.UserError if the recipe does not fit the images
   */
  public static Trainer of(Job job, Consumer<String> notes) {
    return of(
        job, Plans.plan(job.recipe(), job.data().train().size(), job.ranks().worldSize()), notes);
  }

  /** The same with a plan that is known already. */
  public static Trainer of(Job job, TrainingPlan plan, Consumer<String> notes) {
    Recipe recipe = job.recipe();
    RunOptions options = job.options();
    Generator.seed(recipe.seed());
    Task task =
        options
            .task()
            .create(
                new Task.Setting(
                    recipe, job.data().classNames(), options.device(), options.weights(), notes));
    Learner learner = new Learner(recipe, task);
    try {
      BatchLoader loader =
          new BatchLoader(
              job.data().train(),
              SampleTransforms.training(Augmentations.workers(recipe)),
              Augmentations.loader(job, plan));
      return new Trainer(job, plan, learner, loader);
    } catch (RuntimeException e) {
      learner.close();
      throw e;
    }
  }

  /** What it was put together for. */
  public Job job() {
    return job;
  }

  /** Phases, steps and batches. */
  public TrainingPlan plan() {
    return plan;
  }

  /** Everything that learns. */
  public Learner learner() {
    return learner;
  }

  /** The image workers. */
  public BatchLoader loader() {
    return loader;
  }

  /** Takes steps one by one. */
  public TrainingLoop loop() {
    return loop;
  }

  /** Takes the steps of the plan from one on to its end. */
  public void run(long firstStep, TrainingLoop.Observer observer) {
    try (BatchStream batches =
        loader.stream(firstStep, plan.totalSteps(), Augmentations.batches(job.recipe(), plan))) {
      loop.run(firstStep, batches, observer);
    }
  }

  /**
   * Takes steps as a phase asks for, one after the other, to see how long they take, their waiting
   * for images included.
   *
   * @param phase need not be of the plan
   * @param warmUp steps before those that are timed
   * @param count at least 1
   * @return seconds of all timed steps
   */
  public double time(Phase phase, int warmUp, int count) {
    long start = System.nanoTime();
    try (Preparation preparation = loop.preparation(phase);
        BatchStream batches = loader.endless(shape(phase))) {
      for (int i = 0; i < warmUp + count; i++) {
        if (i == warmUp) {
          start = System.nanoTime();
        }
        try (Batch batch = batches.next()) {
          take(phase, preparation, batch);
        }
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /**
   * Takes the same step several times while no image worker runs, to see how long the last takes:
   * that of a phase in its midst.
   *
   * @param phase need not be of the plan
   * @param side of the images that the workers make, B or S, in pixels; the recipe's is not asked
   * @param count at least 1
   * @return seconds
   */
  public double timeOfStep(Phase phase, int side, int count) {
    double seconds = 0;
    try (Preparation preparation = loop.preparation(phase, side);
        BatchStream batches = loader.endless(shape(phase, side));
        Batch batch = batches.next()) {
      batches.close();
      for (int i = 0; i < count; i++) {
        long start = System.nanoTime();
        take(phase, preparation, batch);
        seconds = (System.nanoTime() - start) / 1e9;
      }
    }
    return seconds;
  }

  /** What the image workers hand out in a phase. */
  public BatchShape shape(Phase phase) {
    return shape(phase, job.recipe().loadedSide(phase.bandwidth()));
  }

  private static BatchShape shape(Phase phase, int side) {
    return new BatchShape(
        phase.microBatch() * phase.accumulation(), new SampleExposure(side, phase.magnitude()));
  }

  private void take(Phase phase, Preparation preparation, Batch batch) {
    try (Scope scope = Scope.open()) {
      long step = Math.min(phase.firstStep(), plan.totalSteps() - 1); // another plan may be longer
      loop.take(step, phase, preparation, batch);
    }
  }

  @Override
  public void close() {
    loader.close();
    learner.close();
  }
}
