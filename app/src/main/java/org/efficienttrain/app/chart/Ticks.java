package org.efficienttrain.app.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Round numbers along an axis. */
public final class Ticks {
  private Ticks() {}

  /**
   * Multiples of 1, 2 or 5 times a power of ten within a range.
   *
   * @param most about how many, at least 2
   */
  public static List<Double> of(double low, double high, int most) {
    List<Double> ticks = new ArrayList<>();
    if (!(high > low)) {
      ticks.add(low);
      return ticks;
    }
    double rough = (high - low) / most;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {1, 2, 5, 10}) {
      step = factor * power;
      if (step >= rough * 0.999) {
        break;
      }
    }
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A number for people: at most four digits that count, thousands as k, millions as M. */
  public static String text(double value) {
    double size = Math.abs(value);
    if (size >= 1e6) {
      return plain(value / 1e6) + "M";
    }
    if (size >= 1e4) {
      return plain(value / 1e3) + "k";
    }
    if (size > 0 && size < 1e-3) {
      return String.format(Locale.ROOT, "%.2g", value).replaceAll("\\.?0+e", "e");
    }
    return plain(value);
  }

  private static String plain(double value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    return rounded.signum() == 0 ? "0" : rounded.toPlainString();
  }
}
