package org.efficienttrain.app.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CurveTest {
  @Test
  void fewPointsStayAsTheyAre() {
    Curve curve = new Curve();
    curve.add(1, 5);
    curve.add(2, Double.NaN);
    curve.add(3, 4);
    assertThat(curve.points()).containsExactly(1, 5, 3, 4);
    assertThat(curve.last()).isEqualTo(4);
  }

  /** Every point is one that came, and of any stretch the lowest and the highest did stay. */
  @ParameterizedTest
  @ValueSource(ints = {1023, 1024, 1025, 5000, 100_000})
  void extremesStayAndNothingIsInvented(int count) {
    Random random = new Random(1);
    double[] y = random.doubles(count).toArray();
    y[count / 3] = 100;
    y[count / 2] = -100;
    Curve curve = new Curve();
    for (int i = 0; i < count; i++) {
      curve.add(i, y[i]);
    }
    for (Curve thin : new Curve[] {curve, curve.thinned(60), curve.thinned(7)}) {
      double[] points = thin.points();
      double before = -1;
      boolean high = false;
      boolean low = false;
      for (int i = 0; i < points.length; i += 2) {
        assertThat(points[i]).isGreaterThan(before);
        before = points[i];
        assertThat(points[i + 1]).isEqualTo(y[(int) points[i]]);
        high |= points[i + 1] == 100;
        low |= points[i + 1] == -100;
      }
      assertThat(high && low).isTrue();
      assertThat(points[0]).isLessThan(count / 3.0);
      assertThat(points[points.length - 2]).isEqualTo(count - 1);
    }
    assertThat(curve.points().length).isLessThanOrEqualTo(6 * Curve.BUCKETS);
    assertThat(curve.thinned(60).points().length).isLessThanOrEqualTo(6 * 60);
  }

  @Test
  void betweenPointsOfARisingQuantityALine() {
    Curve seconds = new Curve();
    for (int step = 10; step <= 100_000; step += 10) {
      seconds.add(step, step * 0.25);
    }
    for (double step : new double[] {0, 3, 10, 4_321, 99_995, 100_000}) {
      assertThat(seconds.at(step)).isCloseTo(step * 0.25, within(1e-9));
    }
    assertThat(new Curve().at(3)).isNaN();
  }
}
