package org.efficienttrain.training;

/** Training ended because loss or gradients stayed without a finite value. */
public final class Diverged extends UserError {
  private static final long serialVersionUID = 1;

  /** How every such sentence begins. */
  public static final String START = "loss or gradients have not been finite";

  /** With what comes after {@link #START}. */
  public Diverged(String rest) {
    super(START + rest);
  }
}
