package org.efficienttrain.training.evaluation;

import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;

/**
 * Where a network looks when it says what it says: Grad-CAM (Selvaraju et al., ICCV 2017). The
 * gradient of the likeliest class, averaged over the places of the last map, weighs the channels of
 * that map; what is left above 0 speaks for the class.
 *
 * <p>The map is that of {@link Backbone#forwardMap}: the last feature map, and where a class token
 * gathers, the tokens that the last block reads.
 */
public final class GradCam {
  private final Backbone network;

  /**
   * Looks into a network.
   *
   * @param network whose parameters record no gradient, in evaluation mode
   */
  public GradCam(Backbone network) {
    this.network = network;
  }

  /**
   * What was found for a batch.
   *
   * @param logits (N, classes)
   * @param maps (N, h, w), the largest of each image 1, or all 0 where nothing speaks for the class
   */
  public record Result(Tensor logits, Tensor maps) {}

  /**
   * Answers about images, and where each answer comes from. Not within a {@code NoGrad}.
   *
   * @param images (N, 3, S, S), normalised
   */
  public Result of(Tensor images) {
    try (Scope scope = Scope.open()) {
      Tensor leaf = network.forwardMap(images).detach().requiresGrad_(true);
      Tensor logits = network.forwardHead(network.forwardGather(leaf));
      Tensor best = logits.detach().argmax(1).unsqueeze(1);
      logits.gather(1, best).sum().backward();
      Tensor gradient = leaf.grad();
      try (NoGrad noGrad = NoGrad.open()) {
        Tensor weights = network.places(gradient).to(DType.FLOAT32).mean(new long[] {1, 2}, true);
        Tensor places = network.places(leaf.detach()).to(DType.FLOAT32);
        Tensor cam = places.mul(weights).sum(new long[] {3}, false).relu();
        Tensor largest = cam.amax(new long[] {1, 2}, true);
        Tensor maps = cam.div(largest.clamp(Float.MIN_NORMAL, Float.MAX_VALUE));
        return new Result(scope.keep(logits.detach().to(DType.FLOAT32)), scope.keep(maps));
      }
    }
  }
}
