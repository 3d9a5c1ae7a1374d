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

  /** Other runs than one of this process were asked to end, and did. */
  public TrainingStopped() {
    super("stopped; started again it goes on");
    this.step = 0;
  }

  /** Steps that are safely on disk. */
  public long step() {
    return step;
  }
}
