package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** What golden files of the class token's form do not hold. */
class VisionTransformerTest {
  /** Mean over the patches, then the norm, by their definitions; the class token is left out. */
  @Test
  void theHeadReadsTheNormedMeanOfThePatches() {
    VisionTransformer model = (VisionTransformer) Backbones.create("vit_tiny_gap_cifar", 10, 32);
    GoldenFill.fill(model);
    model.eval();
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor images = Tensors.of(GoldenFill.uniform("input", 3 * 32 * 32), 1, 3, 32, 32);
      double[] tokens = model.tokens(images).toDoubles(); // 65 x 192, class token first
      double[] mean = new double[192];
      for (int i = 192; i < tokens.length; i++) {
        mean[i % 192] += tokens[i] / 64;
      }
      double centre = java.util.Arrays.stream(mean).average().orElseThrow();
      double variance =
          java.util.Arrays.stream(mean)
              .map(v -> (v - centre) * (v - centre))
              .average()
              .orElseThrow();
      double[] scale = model.state().get("fc_norm.weight").detach().toDoubles();
      double[] shift = model.state().get("fc_norm.bias").detach().toDoubles();
      double[] features = model.forwardFeatures(images).toDoubles();
      assertThat(features).hasSize(192);
      for (int i = 0; i < 192; i++) {
        double wanted = (mean[i] - centre) / Math.sqrt(variance + 1e-6) * scale[i] + shift[i];
        assertThat(features[i]).isCloseTo(wanted, within(1e-4));
      }
    }
    model.close();
  }
}
