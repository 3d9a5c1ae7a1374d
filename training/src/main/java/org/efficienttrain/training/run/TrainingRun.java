package org.efficienttrain.training.run;

import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.DataSplits;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.TrainingStopped;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.batch.Augmentations;
import org.efficienttrain.training.loop.Learner;
import org.efficienttrain.training.loop.TrainingLoop;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.EvaluationReport;
import org.efficienttrain.training.report.MetricsFile;
import org.efficienttrain.training.report.StepReport;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;
import org.efficienttrain.training.task.Evaluation;
import org.efficienttrain.training.task.EvaluationResult;
import org.efficienttrain.training.task.ModelMetadata;
import org.efficienttrain.training.task.Precisions;

/**
 * What surrounds the training loop: evaluations, checkpoints, reports, the orderly end. Of several
 * ranks only the first has a folder, metrics and listeners.
 */
public final class TrainingRun implements TrainingLoop.Observer {
  private final Recipe recipe;
  private final DataSplits data;
  private final RunOptions options;
  private final TrainingPlan plan;
  private final RunFolder folder;
  private final RunIdentity identity;
  private final RunState state;
  private final Learner learner;
  private final BatchLoader loader;
  private final MetricsFile metrics;
  private final List<TrainingListener> listeners;
  private final StopSignal stop;
  private final Collective ranks;

  private long savedStep;
  private long savedNanos = System.nanoTime();
  private long reportedStep;
  private double reportedSeconds;
  private double reportedWaiting;
  private double waitedBefore;

  public TrainingRun(
      Recipe recipe,
      DataSplits data,
      RunOptions options,
      TrainingPlan plan,
      RunFolder folder,
      RunState state,
      Learner learner,
      BatchLoader loader,
      MetricsFile metrics,
      List<TrainingListener> listeners,
      StopSignal stop,
      Collective ranks) {
    this.recipe = recipe;
    this.data = data;
    this.options = options;
    this.plan = plan;
    this.folder = folder;
    this.identity = RunIdentity.of(recipe, data);
    this.state = state;
    this.learner = learner;
    this.loader = loader;
    this.metrics = metrics;
    this.listeners = listeners;
    this.stop = stop;
    this.ranks = ranks;
  }

  /** Trains to the end of the plan and writes the results. */
  public Summary run() {
    listeners.forEach(l -> l.started(recipe, plan, state.step));
    savedStep = state.step;
    reportedStep = state.step;
    reportedSeconds = state.trainingSeconds;
    reportedWaiting = state.waitingSeconds;
    try (BatchStream batches = batches()) {
      new TrainingLoop(recipe, plan, learner, options.device(), ranks)
          .run(state.step, batches, this);
    } finally {
      listBrokenFiles();
    }
    int broken = (int) ranks.sum(loader.brokenFiles().count())[0];
    Summary summary = Summaries.of(recipe, plan, state, broken);
    if (ranks.isFirst()) {
      Backbone network = learner.ema() == null ? learner.network() : learner.averaged();
      Weights.write(
          folder.weights(),
          network.state(),
          ModelMetadata.of(recipe, data.train().classes()).toMap());
      folder.writeSummary(summary);
    }
    listeners.forEach(l -> l.finished(summary));
    return summary;
  }

  /** Names the images that could not be used, also where they stop the run. */
  private void listBrokenFiles() {
    BrokenFiles broken = loader.brokenFiles();
    if (broken.count() > 0) {
      Path list = RunFolder.brokenFiles(options.out(), ranks.rank());
      broken.writeTo(list);
      listeners.forEach(l -> l.warned(broken.summary() + ", listed in " + list));
    }
  }

  private BatchStream batches() {
    int end = (int) Math.ceil(plan.dataEpochs() - 1e-9);
    if (state.step == plan.totalSteps()) {
      return loader.stream(end, 0, end, Augmentations.batches(recipe, plan));
    }
    TrainingPlan.Position at = plan.positionAt(state.step);
    return loader.stream(
        (int) at.epoch(), (int) at.stepInEpoch(), end, Augmentations.batches(recipe, plan));
  }

  @Override
  public void before(long step) {
    boolean evaluated = evaluationDue(step) && evaluate(step);
    boolean stopping = stopping();
    double minutes = (System.nanoTime() - savedNanos) / 60e9;
    if (evaluated || (step > savedStep && (stopping || minutes >= options.checkpointMinutes()))) {
      save(stopping);
    }
    if (stopping && (step < plan.totalSteps() || evaluationDue(step))) {
      TrainingStopped stopped = new TrainingStopped(savedStep);
      listeners.forEach(l -> l.warned(stopped.getMessage()));
      throw stopped;
    }
  }

  /** Whether a rank was told to end: then all do, after the same step. */
  private boolean stopping() {
    return ranks.sum(stop.requested() ? 1 : 0)[0] > 0;
  }

  /**
   * At the end, and whenever the passes over the data cross a multiple of the recipe's interval.
   */
  private boolean evaluationDue(long step) {
    if (step == 0 || state.evaluatedStep == step) {
      return false;
    }
    double every = recipe.evaluateEvery();
    return step == plan.totalSteps()
        || (every > 0
            && Math.floor(epoch(step) / every + 1e-9) > Math.floor(epoch(step - 1) / every + 1e-9));
  }

  private double epoch(long step) {
    if (step == plan.totalSteps()) {
      return plan.dataEpochs();
    }
    TrainingPlan.Position at = plan.positionAt(step);
    return at.epoch() + (double) at.stepInEpoch() / at.stepsInEpoch();
  }

  /** Returns whether there is a result: not when the process was told to end meanwhile. */
  private boolean evaluate(long step) {
    long start = System.nanoTime();
    int bandwidth = plan.phaseAt(step - 1).bandwidth();
    Evaluation evaluation =
        new Evaluation(
            recipe.imageSize(),
            bandwidth,
            recipe.evaluationCrop(),
            Math.max(16, Math.min(256, recipe.microBatch())),
            options.device(),
            Precisions.of(recipe.precision()),
            options.workers(),
            options.maxBroken());
    ranks.average(learner.statistics()); // one network, whatever batches a rank has seen
    EvaluationResult result =
        evaluation.run(learner.network(), data.validation(), stop::requested, ranks);
    EvaluationResult averaged =
        result == null || learner.ema() == null
            ? null
            : evaluation.run(learner.averaged(), data.validation(), stop::requested, ranks);
    state.evaluationSeconds += (System.nanoTime() - start) / 1e9;
    if (stopping()) {
      return false;
    }
    double loss = state.meanLoss();
    boolean best = state.record(bandwidth, result, averaged);
    EvaluationReport report =
        new EvaluationReport(
            step, epoch(step), bandwidth, loss, result, averaged, best, state.trainingSeconds);
    listeners.forEach(l -> l.evaluated(report));
    return true;
  }

  /**
   * Saves. A failure costs this checkpoint only: training goes on with the one before.
   *
   * @param last whether there will be no other try
   */
  private void save(boolean last) {
    if (state.skippedInARow > 0) {
      return; // what is on disk is from before the trouble
    }
    if (!ranks.isFirst()) {
      savedStep = state.step;
      return;
    }
    long start = System.nanoTime();
    state.lossScale = learner.scaler().scale();
    state.stepsSinceOverflow = learner.scaler().stepsSinceOverflow();
    state.metricsBytes = metrics.sync();
    savedNanos = System.nanoTime();
    try {
      folder.save(state, learner, identity);
    } catch (TensorException e) {
      if (last) {
        throw e;
      }
      listeners.forEach(l -> l.warned(e.getMessage() + "; training goes on"));
      return;
    }
    savedStep = state.step;
    folder.prune(options.keepCheckpoints(), state.bestStep);
    state.checkpointSeconds += (System.nanoTime() - start) / 1e9;
    listeners.forEach(l -> l.saved(savedStep));
  }

  @Override
  public void after(TrainingLoop.Step step, double seconds) {
    Phase phase = step.phase();
    int index = plan.phases().indexOf(phase);
    state.count(index, phase.batchSize(), step.loss(), step.taken(), seconds);
    double waited = loader.statistics().waitedSeconds();
    state.waitingSeconds += waited - waitedBefore;
    waitedBefore = waited;
    if (state.skippedInARow > recipe.maxSkippedSteps()) {
      throw new UserError(
          "loss or gradients have not been finite for %d steps in a row, up to step %d: lower learningRate (%s) or clipNorm (%s); %s"
              .formatted(
                  state.skippedInARow,
                  state.step,
                  recipe.learningRate(),
                  recipe.clipNorm(),
                  savedStep == 0
                      ? "there was no checkpoint yet"
                      : "the checkpoint of step " + savedStep + " is good"));
    }
    if (state.step % options.logEvery() == 0 || state.step == plan.totalSteps()) {
      report(step);
    }
  }

  private void report(TrainingLoop.Step step) {
    Phase phase = step.phase();
    double seconds = state.trainingSeconds - reportedSeconds;
    double waiting = state.waitingSeconds - reportedWaiting;
    double perCost = seconds / (state.step - reportedStep) / phase.stepCost();
    double speed = (state.step - reportedStep) * phase.batchSize() / seconds;
    StepReport report =
        new StepReport(
            state.step,
            plan.totalSteps(),
            epoch(state.step),
            step.loss(),
            step.learningRate(),
            step.gradientNorm() == null ? Double.NaN : step.gradientNorm().item(),
            phase.bandwidth(),
            phase.magnitude(),
            phase.batchSize(),
            speed,
            waiting / seconds,
            perCost * costLeft());
    reportedStep = state.step;
    reportedSeconds = state.trainingSeconds;
    reportedWaiting = state.waitingSeconds;
    listeners.forEach(l -> l.stepped(report));
  }

  /** In images at full bandwidth. */
  private double costLeft() {
    double cost = 0;
    for (Phase phase : plan.phases()) {
      cost +=
          Math.max(0, phase.endStep() - Math.max(phase.firstStep(), state.step)) * phase.stepCost();
    }
    return cost;
  }
}
