package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** The tables of positions of a masked autoencoder at every size. */
class MaePositionsTest extends SmallMae {
  /**
   * A patch keeps its place in the scene: at every smaller grid its waves are those of the final
   * table, as far as a wave can have moved between the two places; and no place is left out.
   */
  @Test
  void wavesAreContinuousInThePlace() {
    int width = 64;
    try (Scope scope = Scope.open()) {
      double[] table = PositionTables.sinCos(width, 14, 14).toDoubles();
      for (int grid = 2; grid <= 28; grid++) {
        double[] other = PositionTables.sinCos(width, 14, grid).toDoubles();
        for (int patch = 0; patch < grid * grid; patch++) {
          int row = patch / grid;
          double y = (row + 0.5) * 14 / grid - 0.5;
          double x = (patch % grid + 0.5) * 14 / grid - 0.5;
          int line = (int) Math.min(13, Math.max(0, Math.round(y)));
          int column = (int) Math.min(13, Math.max(0, Math.round(x)));
          for (int k = 0; k < width; k++) {
            double way = k < width / 2 ? Math.abs(x - column) : Math.abs(y - line);
            double frequency = frequency(k, width);
            double moved =
                Math.abs(other[patch * width + k] - table[(14 * line + column) * width + k]);
            assertThat(moved).isLessThanOrEqualTo(way * frequency + 1e-6);
          }
        }
      }
      assertThat(PositionTables.sinCos(width, 14, 14).bitEquals(officialTable(14, width))).isTrue();
    }
  }

  /** The official table, place by place. */
  private static Tensor officialTable(int grid, int width) {
    float[] out = new float[grid * grid * width];
    for (int i = 0; i < out.length; i++) {
      int k = i % width;
      int patch = i / width;
      int place = k < width / 2 ? patch % grid : patch / grid;
      double phase = place * frequency(k, width);
      out[i] = (float) (k / (width / 4) % 2 == 0 ? Math.sin(phase) : Math.cos(phase));
    }
    return Tensors.of(out, 1, (long) grid * grid, width);
  }

  private static double frequency(int channel, int width) {
    int quarter = width / 4;
    return Math.pow(10_000, -(double) (channel % quarter) / quarter);
  }

  /** At a smaller size the network is that of the small size, but for the places. */
  @Test
  void tablesAreSampledAtOtherSizesAndNeverTrained() {
    Mae small = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(16, Mae.Target.RAW);
    Map<String, Tensor> state = model.state();
    assertThat(model.namedParameters()).doesNotContainKeys("pos_embed", "decoder_pos_embed");
    try (Scope scope = Scope.open()) {
      try (NoGrad noGrad = NoGrad.open()) {
        small
            .state()
            .forEach(
                (name, t) -> {
                  if (name.endsWith("pos_embed")) {
                    t.narrow(1, 1, 16).copy_(PositionTables.sinCos(t.size(2), 8, 4));
                  } else {
                    t.copy_(state.get(name));
                  }
                });
      }
      Tensor noise = Tensors.rand(2, 16);
      Mae.Output out = model.forward(images(2, 16), 0.75, noise);
      assertThat(out.loss().bitEquals(small.forward(images(2, 16), 0.75, noise).loss())).isTrue();
      out.loss().backward();
      model
          .namedParameters()
          .forEach(
              (name, t) -> {
                assertThat(t.grad()).as(name).isNotNull();
                assertThat(t.grad().norm().item()).as(name).isPositive().isFinite();
              });
    }
    small.close();
  }
}
