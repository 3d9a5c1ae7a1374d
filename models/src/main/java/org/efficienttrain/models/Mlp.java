package org.efficienttrain.models;

import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.Linear;

/** The two-layer network with a GELU that the transformers share, over (..., C). */
final class Mlp extends Layer {
  private final Linear fc1;
  private final Linear fc2;

  Mlp(int width, int hidden) {
    this.fc1 = child("fc1", new Linear(width, hidden));
    this.fc2 = child("fc2", new Linear(hidden, width));
  }

  @Override
  public Tensor forward(Tensor x) {
    try (Scope scope = Scope.open()) {
      return scope.keep(fc2.forward(Functional.gelu(fc1.forward(x))));
    }
  }
}
