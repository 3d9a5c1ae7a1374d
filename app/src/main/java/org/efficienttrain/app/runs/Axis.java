package org.efficienttrain.app.runs;

/** What the curves of runs are drawn over, and laid over each other by. */
public enum Axis {
  STEPS("steps"),
  EPOCHS("epochs of data"),
  EQUIVALENT("equivalent epochs (compute)"),
  SECONDS("seconds of training"),
  MINUTES("minutes of training");

  private final String words;

  Axis(String words) {
    this.words = words;
  }

  /** What is written beside it. */
  public String words() {
    return words;
  }

  /** Where a step of a run lies on it. */
  public double of(MetricsLog metrics, double step) {
    return switch (this) {
      case STEPS -> step;
      case EPOCHS -> metrics.epochs().at(step);
      case EQUIVALENT -> metrics.equivalents().at(step);
      case SECONDS -> metrics.seconds().at(step);
      case MINUTES -> metrics.seconds().at(step) / 60;
    };
  }
}
