package org.efficienttrain.training.report;

import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.Metrics;
import org.efficienttrain.training.task.Metrics.Metric;

/**
 * Tells people how a run goes: one line that is overwritten on a terminal, plain lines at growing
 * distances elsewhere.
 */
public final class ProgressLine implements TrainingListener {
  private static final long PLAIN_INTERVAL_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private Metric main;
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
            "step %d/%d  epoch %.2f  training loss %.4f  %s  %.0f images/s  B %d  m %.1f  %s left",
            r.step(),
            r.totalSteps(),
            r.epoch(),
            r.loss(),
            main == null ? "" : text(main),
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
    main = r.counting().main();
    println(
        String.format(
            Locale.ROOT,
            "epoch %.2f  %s  training loss %.4f  at B %d%s",
            r.epoch(),
            all(r.counting()),
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
            "%s after %.2f equivalent epochs, %s of training, %s of evaluation",
            all(s.result().counting()),
            s.equivalentEpochs(),
            Durations.text(s.time().training()),
            Durations.text(s.time().evaluation())));
  }

  private static String all(Metrics metrics) {
    return metrics.all().stream().map(ProgressLine::text).collect(Collectors.joining("  "));
  }

  private static String text(Metric metric) {
    return metric.name().replace("top5Accuracy", "top 5") + " " + metric.text();
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
}
