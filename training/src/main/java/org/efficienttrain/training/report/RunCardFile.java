package org.efficienttrain.training.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;

/** Writes {@link RunCard} when a run begins and when it ends. */
public final class RunCardFile implements TrainingListener {
  private final Path folder;
  private final RunCard.Data data;
  private final String device;
  private RunCard card;

  /**
   * @param folder of the run
   * @param data what it learns from
   * @param device name of what it computes on
   */
  public RunCardFile(Path folder, RunCard.Data data, String device) {
    this.folder = folder;
    this.data = data;
    this.device = device;
  }

  @Override
  public void started(Recipe recipe, TrainingPlan plan, long firstStep) {
    write(RunCard.of(plan, data, device));
  }

  @Override
  public void stopped(long step) {
    end("stopped", "it was asked to end, and can be resumed after step " + step);
  }

  @Override
  public void failed(String message) {
    end("failed", message);
  }

  @Override
  public void finished(Summary summary) {
    end("finished", "");
  }

  private void end(String how, String message) {
    if (card != null) {
      write(card.ended(how, message));
    }
  }

  private void write(RunCard value) {
    card = value;
    try {
      value.write(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
