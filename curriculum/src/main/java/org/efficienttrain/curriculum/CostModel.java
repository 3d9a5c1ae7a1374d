package org.efficienttrain.curriculum;

import java.util.function.IntToDoubleFunction;

/** What one image at a bandwidth costs to train on, relative to one at full bandwidth. */
@FunctionalInterface
public interface CostModel {
  /**
   * Relative cost of one image.
   *
   * @param bandwidth side B in pixels, at most {@code imageSize}
   * @param imageSize full bandwidth in pixels
   * @return above 0; 1 at full bandwidth
   */
  double cost(int bandwidth, int imageSize);

  /**
   * Cost in proportion to the pixels, {@code (B / imageSize)^2}: the measure by which both papers
   * lay out their schedules.
   */
  static CostModel pixels() {
    return (bandwidth, imageSize) -> {
      double ratio = (double) bandwidth / imageSize;
      return ratio * ratio;
    };
  }

  /**
   * Cost in proportion to a count of operations, for example a model's measured FLOPs.
   *
   * @param flops operations for one image of that side, in any unit, above 0
   */
  static CostModel flops(IntToDoubleFunction flops) {
    return (bandwidth, imageSize) ->
        flops.applyAsDouble(bandwidth) / flops.applyAsDouble(imageSize);
  }
}
