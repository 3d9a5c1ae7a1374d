package org.efficienttrain.training.loop;

import java.util.List;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.optim.Gradients;

/**
 * Keeps small gradients above the smallest float16 by training on a multiple of the loss, as {@code
 * torch.amp.GradScaler} does: halved when gradients overflow, doubled after {@value #GROWTH_STEPS}
 * steps without. With the other types the factor is 1.
 */
public final class LossScaler {
  private static final double FIRST_SCALE = 65536;
  private static final int GROWTH_STEPS = 2000;

  private final boolean enabled;
  private double scale;
  private long stepsSinceOverflow;

  public LossScaler(Precision precision) {
    this.enabled = precision == Precision.FP16;
    this.scale = enabled ? FIRST_SCALE : 1;
  }

  /** What the loss is multiplied by. */
  public double scale() {
    return scale;
  }

  public long stepsSinceOverflow() {
    return stepsSinceOverflow;
  }

  /** Goes on where an earlier run stopped. */
  public void restore(double savedScale, long savedSteps) {
    scale = savedScale;
    stepsSinceOverflow = savedSteps;
  }

  /**
   * Divides finite gradients by the factor, in place, and adapts the factor.
   *
   * @param finite whether the gradients are
   * @return whether they were changed
   */
  public boolean unscale(List<Tensor> gradients, boolean finite) {
    if (!enabled) {
      return false;
    }
    if (!finite) {
      scale /= 2;
      stepsSinceOverflow = 0;
      return false;
    }
    Tensor inverse = Tensors.of(new float[] {(float) (1 / scale)}).squeeze(0);
    Gradients.scale(gradients, inverse.to(gradients.get(0).device()));
    stepsSinceOverflow++;
    if (stepsSinceOverflow == GROWTH_STEPS) {
      scale *= 2;
      stepsSinceOverflow = 0;
    }
    return true;
  }
}
