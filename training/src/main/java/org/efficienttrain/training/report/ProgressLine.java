package org.efficienttrain.training.report;

import java.io.PrintStream;
import java.util.Locale;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;

/**
 * Tells people how a run goes: one line that is overwritten on a terminal, plain lines at growing
 * distances elsewhere.
 */
public final class ProgressLine implements TrainingListener {
  private static final long PLAIN_INTERVAL_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private double accuracy = Double.NaN;
  private long lastPlain;
  private int width;

  /**
   * @param terminal whether {@code out} shows a carriage return as one
   */
  public ProgressLine(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void started(Recipe recipe, TrainingPlan plan, long firstStep) {
    lastPlain = System.nanoTime();
    println(
        "%s, %s at %d pixels, %d steps in %d phases, %s"
            .formatted(
                recipe.model(),
                recipe.curriculum(),
                recipe.imageSize(),
                plan.totalSteps(),
                plan.phases().size(),
                firstStep == 0 ? "from the start" : "resumed after step " + firstStep));
  }

  @Override
  public void stepped(StepReport r) {
    String text =
        String.format(
            Locale.ROOT,
            "step %d/%d  epoch %.2f  loss %.4f  accuracy %s  %.0f images/s  B %d  m %.1f  %s left",
            r.step(),
            r.totalSteps(),
            r.epoch(),
            r.loss(),
            Double.isNaN(accuracy) ? "-" : percent(accuracy),
            r.imagesPerSecond(),
            r.bandwidth(),
            r.magnitude(),
            Durations.text(r.secondsLeft()));
    if (terminal) {
      out.print("\r" + padded(text));
      out.flush();
    } else if (System.nanoTime() - lastPlain > PLAIN_INTERVAL_NANOS || r.step() == r.totalSteps()) {
      lastPlain = System.nanoTime();
      out.println(text);
    }
  }

  @Override
  public void evaluated(EvaluationReport r) {
    accuracy = r.counting().accuracy();
    println(
        String.format(
            Locale.ROOT,
            "epoch %.2f  accuracy %s  validation loss %.4f  training loss %.4f  at B %d%s",
            r.epoch(),
            percent(accuracy),
            r.counting().loss(),
            r.trainingLoss(),
            r.bandwidth(),
            r.best() ? "  best so far" : ""));
  }

  @Override
  public void warned(String message) {
    println("note: " + message);
  }

  @Override
  public void finished(Summary s) {
    println(
        String.format(
            Locale.ROOT,
            "accuracy %s (top 5 %s) after %.2f equivalent epochs, %s of training, %s of evaluation",
            percent(s.accuracy()),
            percent(s.top5Accuracy()),
            s.equivalentEpochs(),
            Durations.text(s.trainingSeconds()),
            Durations.text(s.evaluationSeconds())));
  }

  private void println(String text) {
    out.println(terminal ? "\r" + padded(text) : text);
    width = 0;
  }

  /** Overwrites what is left of a longer line. */
  private String padded(String text) {
    String line = text + " ".repeat(Math.max(0, width - text.length()));
    width = text.length();
    return line;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }
}
