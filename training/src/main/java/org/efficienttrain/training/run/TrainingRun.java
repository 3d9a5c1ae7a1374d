package org.efficienttrain.training.run;

import java.util.List;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.models.Network;
import org.efficienttrain.tensor.KernelChoices;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.training.Diverged;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.TrainingStopped;
import org.efficienttrain.training.batch.SeenImages;
import org.efficienttrain.training.loop.Learner;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.loop.Trainer;
import org.efficienttrain.training.loop.TrainingLoop;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.EvaluationReport;
import org.efficienttrain.training.report.SampleReport;
import org.efficienttrain.training.report.StepReport;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;
import org.efficienttrain.training.task.Evaluation;
import org.efficienttrain.training.task.Metrics;

/** What surrounds the training loop: evaluations, checkpoints, reports, the orderly end. */
public final class TrainingRun implements TrainingLoop.Observer {
  /** Time between two looks at what the network sees. */
  private static final long LOOK_NANOS = 10_000_000_000L;

  private final Trainer trainer;
  private final Job job;
  private final Recipe recipe;
  private final TrainingPlan plan;
  private final RunState state;
  private final Journal journal;
  private final StopSignal stop;

  private boolean stopping;
  private long savedStep;
  private long savedNanos = System.nanoTime();
  private long reportedStep;
  private double reportedSeconds;
  private double reportedWaiting;
  private double waitedBefore;
  private Phase announced;
  private long lookedNanos;

  private TrainingRun(Trainer trainer, RunState state, Journal journal, StopSignal stop) {
    this.trainer = trainer;
    this.job = trainer.job();
    this.recipe = job.recipe();
    this.plan = trainer.plan();
    this.state = state;
    this.journal = journal;
    this.stop = stop;
    savedStep = state.step;
    reportedStep = state.step;
    reportedSeconds = state.trainingSeconds;
    reportedWaiting = state.waitingSeconds;
  }

  /**
   * Trains from where the folder's run stopped, or from the start, to the end of the plan.
   *
   * @param stop asked before every step
   * @throws TrainingStopped if it asks for the end
   */
  public static Summary run(Job job, List<TrainingListener> listeners, StopSignal stop) {
    TrainingPlan plan =
        Plans.plan(job.recipe(), job.data().train().size(), job.ranks().worldSize());
    try (Journal journal = Journal.of(job, listeners);
        Trainer trainer = Trainer.of(job, plan, note -> journal.tell(l -> l.warned(note)))) {
      RunState own = journal.start(trainer);
      if (job.ranks().isFirst() && own.kernels == null) {
        own.kernels = RunKernels.choose(trainer, trainer.plan().phases()).toMap();
      }
      RunIdentity identity = RunIdentity.of(job.recipe(), job.data(), trainer.learner().task());
      RunState state = CommonStart.share(own, identity, trainer.learner(), job.ranks());
      KernelChoices.fromMap(state.kernels).use();
      journal.open(state);
      return new TrainingRun(trainer, state, journal, stop).complete();
    }
  }

  private Summary complete() {
    try {
      return run();
    } catch (TrainingStopped e) {
      throw e;
    } catch (RuntimeException e) {
      journal.tell(l -> l.failed(String.valueOf(e.getMessage())));
      throw e;
    }
  }

  private Summary run() {
    journal.tell(l -> l.started(recipe, plan, state.step));
    journal.begin(trainer);
    try {
      trainer.run(state.step, this);
    } finally {
      journal.list(trainer.loader().brokenFiles(), job);
    }
    int broken = (int) job.ranks().sum(trainer.loader().brokenFiles().count())[0];
    Summary summary = Summaries.of(recipe, plan, state, broken);
    journal.finish(trainer, summary);
    journal.tell(l -> l.finished(summary));
    return summary;
  }

  @Override
  public boolean stopping() {
    return stop.requested();
  }

  @Override
  public void before(long step) {
    boolean evaluated = evaluationDue(step) && evaluate(step);
    double minutes = (System.nanoTime() - savedNanos) / 60e9;
    boolean kept = job.options().keptSteps().contains(step);
    if (evaluated
        || (step > savedStep
            && (stopping || kept || minutes >= job.options().checkpointMinutes()))) {
      save(stopping);
    }
    if (stopping && (step < plan.totalSteps() || evaluationDue(step))) {
      TrainingStopped stopped = new TrainingStopped(savedStep);
      journal.tell(l -> l.warned(stopped.getMessage()));
      journal.tell(l -> l.stopped(savedStep));
      throw stopped;
    }
    announce(step);
  }

  private void announce(long step) {
    if (step < plan.totalSteps() && !plan.phaseAt(step).equals(announced)) {
      announced = plan.phaseAt(step);
      lookedNanos = 0;
      journal.tell(l -> l.phaseStarted(plan.phases().indexOf(announced), announced));
    }
  }

  @Override
  public boolean looking() {
    long now = System.nanoTime();
    boolean due = lookedNanos == 0 || now - lookedNanos > LOOK_NANOS;
    return due && job.ranks().isFirst();
  }

  @Override
  public void seen(Phase phase, Tensor images) {
    lookedNanos = System.nanoTime();
    SampleReport report =
        new SampleReport(
            state.step,
            phase.bandwidth(),
            phase.magnitude(),
            SeenImages.of(images, SampleReport.MOST));
    journal.tell(l -> l.samples(report));
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
        || (every > 0 && intervals(step, every) > intervals(step - 1, every));
  }

  private double intervals(long step, double every) {
    return Math.floor(plan.epochAt(step) / every + 1e-9);
  }

  /** Returns whether there is a result: not when the process was told to end meanwhile. */
  private boolean evaluate(long step) {
    long start = System.nanoTime();
    int bandwidth = plan.phaseAt(step - 1).bandwidth();
    Learner learner = trainer.learner();
    job.ranks().average(learner.statistics()); // one network, whatever batches a rank has seen
    List<Network> weights =
        learner.ema() == null
            ? List.of(learner.network())
            : List.of(learner.network(), learner.averaged());
    List<Metrics> results =
        learner
            .task()
            .evaluate(weights, job.data().validation(), evaluation(bandwidth))
            .orElse(List.of());
    state.evaluationSeconds += (System.nanoTime() - start) / 1e9;
    if (results.isEmpty()) {
      stopping = true;
      return false;
    }
    double loss = state.meanLoss();
    Metrics averaged = results.size() > 1 ? results.get(1) : null;
    boolean best = state.record(bandwidth, results.get(0), averaged);
    EvaluationReport report =
        new EvaluationReport(
            step,
            plan.epochAt(step),
            bandwidth,
            loss,
            results.get(0),
            averaged,
            best,
            state.trainingSeconds);
    journal.tell(l -> l.evaluated(report));
    return true;
  }

  private Evaluation evaluation(int bandwidth) {
    RunOptions options = job.options();
    return new Evaluation(
        recipe.imageSize(),
        bandwidth,
        recipe.evaluationCrop(),
        Math.max(16, Math.min(256, recipe.microBatch())),
        new Evaluation.Place(
            options.device(),
            recipe.precision().type(),
            options.workers(),
            options.maxBroken(),
            job.ranks(),
            stop::requested));
  }

  private void save(boolean last) {
    if (state.skippedInARow > 0) {
      return; // what is on disk is from before the trouble
    }
    if (journal.save(state, trainer, last)) {
      savedStep = state.step;
      journal.tell(l -> l.saved(savedStep));
    }
    savedNanos = System.nanoTime();
  }

  @Override
  public void after(TrainingLoop.Step step, double seconds) {
    stopping = step.stop();
    Phase phase = step.phase();
    int index = plan.phases().indexOf(phase);
    state.count(index, phase.batchSize(), step.loss(), step.taken(), seconds);
    double waited = trainer.loader().statistics().waitedSeconds();
    state.waitingSeconds += waited - waitedBefore;
    waitedBefore = waited;
    if (state.skippedInARow > recipe.maxSkippedSteps()) {
      throw new Diverged(
          " for %d steps in a row, up to step %d: lower learningRate (%s) or clipNorm (%s); %s"
              .formatted(
                  state.skippedInARow,
                  state.step,
                  recipe.learningRate(),
                  recipe.clipNorm(),
                  savedStep == 0
                      ? "there was no checkpoint yet"
                      : "the checkpoint of step " + savedStep + " is good"));
    }
    if (state.step % job.options().logEvery() == 0 || state.step == plan.totalSteps()) {
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
            plan.epochAt(state.step),
            step.loss(),
            step.learningRate(),
            step.gradientNorm(),
            phase.bandwidth(),
            phase.magnitude(),
            phase.batchSize(),
            speed,
            waiting / seconds,
            perCost * costLeft());
    reportedStep = state.step;
    reportedSeconds = state.trainingSeconds;
    reportedWaiting = state.waitingSeconds;
    journal.tell(l -> l.stepped(report));
  }

  /** In images at full bandwidth. */
  private double costLeft() {
    double cost = 0;
    for (Phase phase : plan.phases()) {
      cost += phase.stepsFrom(state.step) * phase.stepCost();
    }
    return cost;
  }
}
