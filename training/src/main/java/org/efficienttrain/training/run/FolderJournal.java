package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.efficienttrain.models.Network;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Learner;
import org.efficienttrain.training.loop.Trainer;
import org.efficienttrain.training.report.MetricsFile;
import org.efficienttrain.training.report.RunCard;
import org.efficienttrain.training.report.RunCardFile;
import org.efficienttrain.training.report.SampleFiles;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;

/** The first rank's journal: the run's folder, its metrics, and the listeners. */
final class FolderJournal implements Journal {
  private final Job job;
  private final RunOptions options;
  private final RunFolder folder;
  private final List<TrainingListener> listeners;
  private final SampleFiles samples;
  private final FolderLock lock;
  private RunIdentity identity;
  private MetricsFile metrics;

  FolderJournal(Job job, List<TrainingListener> listeners) {
    this.job = job;
    this.options = job.options();
    this.folder = RunFolder.open(options);
    this.listeners = new ArrayList<>(listeners);
    this.samples = new SampleFiles(options.out());
    RunCard.Data data =
        new RunCard.Data(
            job.data().train().size(), job.data().validation().size(), job.data().classNames());
    this.listeners.add(new RunCardFile(options.out(), data, options.device().toString()));
    this.listeners.add(samples);
    this.lock = FolderLock.hold(options.out());
  }

  @Override
  public RunState start(Trainer trainer) {
    RunState state = null;
    Learner learner = trainer.learner();
    identity = RunIdentity.of(job.recipe(), job.data(), learner.task());
    if (options.resume()) {
      state =
          folder.restore(
              learner, identity, options.force(), note -> tell(listener -> listener.warned(note)));
    }
    folder.checkSpace(learner, options.keepCheckpoints() + options.keptSteps().size() + 2);
    if (state != null) {
      return state;
    }
    folder.writeRecipe(job.recipe());
    return new RunState(trainer.plan().phases().size());
  }

  @Override
  public void open(RunState state) {
    metrics = new MetricsFile(folder.metrics(), state.metricsBytes);
  }

  @Override
  public void begin(Trainer trainer) {
    tell(
        l -> {
          if (l == samples) {
            StageSamples.write(job, trainer.plan(), samples);
          }
        });
  }

  @Override
  public void tell(Consumer<TrainingListener> event) {
    if (metrics != null) {
      event.accept(metrics);
    }
    for (TrainingListener listener : List.copyOf(listeners)) {
      try {
        event.accept(listener);
      } catch (UserError e) {
        throw e; // it asks for the end of the run
      } catch (RuntimeException e) {
        listeners.remove(listener);
        String warning =
            "%s failed (%s) and is not told of this run any more; training goes on"
                .formatted(listener.getClass().getSimpleName(), e);
        listeners.forEach(other -> other.warned(warning));
      }
    }
  }

  @Override
  public boolean save(RunState state, Trainer trainer, boolean last) {
    long start = System.nanoTime();
    Learner learner = trainer.learner();
    state.lossScale = learner.scaler().scale();
    state.stepsSinceOverflow = learner.scaler().stepsSinceOverflow();
    state.metricsBytes = metrics.sync();
    try {
      folder.save(state, learner, identity);
    } catch (TensorException e) {
      if (last) {
        throw e;
      }
      tell(l -> l.warned(e.getMessage() + "; training goes on"));
      return false;
    }
    Set<Long> kept = new HashSet<>(options.keptSteps());
    kept.add(state.bestStep);
    folder.prune(options.keepCheckpoints(), kept);
    state.checkpointSeconds += (System.nanoTime() - start) / 1e9;
    return true;
  }

  @Override
  public void finish(Trainer trainer, Summary summary) {
    Learner learner = trainer.learner();
    Network network = learner.ema() == null ? learner.network() : learner.averaged();
    Weights.write(folder.weights(), network.state(), learner.task().metadata());
    folder.writeSummary(summary);
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
    lock.close();
  }
}
