package org.efficienttrain.models;

import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.Init;
import org.efficienttrain.tensor.nn.Linear;
import org.efficienttrain.tensor.nn.Module;

/** Initial weights that several families share; norms start at weight 1 and bias 0. */
final class Initialisation {
  /** The deviation that the official transformers use everywhere. */
  static final double STD = 0.02;

  private Initialisation() {}

  /** Linear weights from a truncated normal of deviation 0.02, biases 0; convolutions stay. */
  static void linearTruncatedNormal(Module root) {
    root.apply(
        m -> {
          if (m instanceof Linear linear) {
            Init.truncatedNormal(linear.weight, STD);
            if (linear.bias != null) {
              Init.constant(linear.bias, 0);
            }
          }
        });
  }

  /** Linear and convolution weights from a truncated normal of deviation 0.02, biases 0. */
  static void truncatedNormal(Module root) {
    linearTruncatedNormal(root);
    root.apply(
        m -> {
          if (m instanceof Conv2d conv) {
            Init.truncatedNormal(conv.weight, STD);
            if (conv.bias != null) {
              Init.constant(conv.bias, 0);
            }
          }
        });
  }
}
