package org.efficienttrain.training.task;

import org.efficienttrain.models.Backbone;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.Recipe.Trained;

/**
 * How good a network's features are for telling classes apart, when one linear layer is all that
 * learns: the network is frozen and in evaluation mode, and its features pass batch statistics
 * without scale and shift before they reach the head (He et al., CVPR 2022; facebookresearch/mae,
 * {@code main_linprobe.py}).
 */
public final class LinearProbe extends Classification {
  /**
   * Builds the network, loads what is to be probed, and puts the statistics before its head.
   *
   * @throws UserError if there is nothing to probe, or more than the head is to learn
   */
  public LinearProbe(Setting setting) {
    super(checked(setting));
    normalise(network(), setting);
  }

  private static Setting checked(Setting setting) {
    if (setting.weights() == null) {
      throw new UserError("a linear probe measures weights: give them with --from");
    }
    if (setting.recipe().trained() != Trained.HEAD) {
      throw new UserError(
          "a linear probe trains the head alone: set trained to head, not "
              + setting.recipe().trained().name().toLowerCase(java.util.Locale.ROOT));
    }
    return setting;
  }

  private static void normalise(Backbone network, Setting setting) {
    network.normaliseFeatures();
    network.headNorm().to(setting.device());
  }

  @Override
  public Backbone copy() {
    Backbone copy = super.copy();
    copy.normaliseFeatures();
    copy.headNorm().to(device());
    return copy;
  }

  /** The statistics count batches; everything else is as it will be used. */
  @Override
  protected void beginLearning() {
    network().eval();
    network().headNorm().train();
  }
}
