package org.efficienttrain.training.run;

import java.util.List;
import java.util.function.Consumer;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.loop.Trainer;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;

/**
 * What a run leaves behind, and whom it tells. The first rank keeps a folder and has listeners; the
 * others are silent.
 */
interface Journal extends AutoCloseable {
  /**
   * The journal of this rank.
   *
   * @throws org.efficienttrain.training.UserError if the folder cannot take the run
   */
  static Journal of(Job job, List<TrainingListener> listeners) {
    return job.ranks().isFirst() ? new FolderJournal(job, listeners) : new SilentJournal();
  }

  /** The state to go on from: of the newest sound checkpoint, or of a new run. */
  RunState start(Trainer trainer);

  /** Begins to write, behind what the state has written already. */
  void open(RunState state);

  /** Draws what the stages show; the listeners know already that the run begins. */
  default void begin(Trainer trainer) {}

  /** Tells every listener; one that throws is warned about, and the run goes on. */
  void tell(Consumer<TrainingListener> event);

  /**
   * Saves a checkpoint.
   *
   * @param last whether there will be no other try, so that a failure has to be thrown
   * @return whether one was written; a failure costs this checkpoint only
   */
  boolean save(RunState state, Trainer trainer, boolean last);

  /** Lists the images that could not be used, which every rank does on its own. */
  default void list(BrokenFiles broken, Job job) {
    if (broken.count() > 0) {
      var file = RunFolder.brokenFiles(job.options().out(), job.ranks().rank());
      broken.writeTo(file);
      tell(l -> l.warned(broken.summary() + ", listed in " + file));
    }
  }

  /** Writes the finished weights and the summary. */
  void finish(Trainer trainer, Summary summary);

  @Override
  void close();
}
