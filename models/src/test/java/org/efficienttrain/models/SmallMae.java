package org.efficienttrain.models;

import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of one small masked autoencoder, the same for each. */
abstract class SmallMae {
  Mae model;

  @BeforeEach
  void build() {
    Generator.seed(3);
    model = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(32, Mae.Target.RAW);
  }

  @AfterEach
  void free() {
    model.zeroGrad();
    model.close();
  }

  static Tensor images(int n, int size) {
    return Tensors.of(GoldenFill.uniform("input", n * 3 * size * size), n, 3, size, size);
  }
}
