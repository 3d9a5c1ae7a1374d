package org.efficienttrain.training.run;

import java.util.function.Consumer;
import org.efficienttrain.training.loop.Trainer;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;

/** The journal of a rank besides the first, which keeps none. */
final class SilentJournal implements Journal {
  @Override
  public RunState start(Trainer trainer) {
    return new RunState(trainer.plan().phases().size());
  }

  @Override
  public void open(RunState state) {}

  @Override
  public void tell(Consumer<TrainingListener> event) {}

  @Override
  public boolean save(RunState state, Trainer trainer, boolean last) {
    return true; // the first rank does
  }

  @Override
  public void finish(Trainer trainer, Summary summary) {}

  @Override
  public void close() {}
}
