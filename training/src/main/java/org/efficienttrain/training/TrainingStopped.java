package org.efficienttrain.training;

/** The run was asked to end (Ctrl-C, SIGTERM), and did so after saving. It can be resumed. */
public final class TrainingStopped extends RuntimeException {
  private final long step;

  /**
   * @param step steps that are safely on disk
   */
  public TrainingStopped(long step) {
    super("stopped after step " + step + "; go on with --resume");
    this.step = step;
  }

  /** Steps that are safely on disk. */
  public long step() {
    return step;
  }
}
