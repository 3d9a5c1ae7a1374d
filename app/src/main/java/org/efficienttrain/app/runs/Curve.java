package org.efficienttrain.app.runs;

import java.util.Arrays;

/**
 * Points of one quantity, thinned as they come so that any number of them fits: neighbours share a
 * bucket, which keeps its lowest, its highest and its last point. So no peak is lost and none is
 * invented; what goes is what lies between.
 */
public final class Curve {
  /** Buckets at most; when they are full, neighbours are merged. */
  static final int BUCKETS = 1024;

  /** A bucket's numbers: x and y of the lowest, the highest and the last point. */
  private static final int WIDTH = 6;

  private double[] buckets = new double[WIDTH * 16];
  private int count;
  private int pointsPerBucket = 1;
  private int inLast;

  /** Adds a point; one that is not finite is left out. x never falls. */
  public void add(double x, double y) {
    if (!Double.isFinite(x) || !Double.isFinite(y)) {
      return;
    }
    if (count == 0 || inLast == pointsPerBucket) {
      if (count == BUCKETS) {
        merge();
      }
      if (inLast == pointsPerBucket || count == 0) {
        append(x, y);
        return;
      }
    }
    int at = (count - 1) * WIDTH;
    if (y < buckets[at + 1]) {
      buckets[at] = x;
      buckets[at + 1] = y;
    }
    if (y > buckets[at + 3]) {
      buckets[at + 2] = x;
      buckets[at + 3] = y;
    }
    buckets[at + 4] = x;
    buckets[at + 5] = y;
    inLast++;
  }

  private void append(double x, double y) {
    int at = count * WIDTH;
    if (at == buckets.length) {
      buckets = Arrays.copyOf(buckets, 2 * at);
    }
    for (int i = 0; i < WIDTH; i += 2) {
      buckets[at + i] = x;
      buckets[at + i + 1] = y;
    }
    count++;
    inLast = 1;
  }

  /** Every two neighbours become one. */
  private void merge() {
    for (int i = 0; i < count / 2; i++) {
      int left = 2 * i * WIDTH;
      int right = left + WIDTH;
      int low = buckets[left + 1] <= buckets[right + 1] ? left : right;
      int high = buckets[left + 3] >= buckets[right + 3] ? left : right;
      double[] merged = {
        buckets[low],
        buckets[low + 1],
        buckets[high + 2],
        buckets[high + 3],
        buckets[right + 4],
        buckets[right + 5]
      };
      System.arraycopy(merged, 0, buckets, i * WIDTH, WIDTH);
    }
    boolean odd = count % 2 == 1;
    if (odd) {
      System.arraycopy(buckets, (count - 1) * WIDTH, buckets, count / 2 * WIDTH, WIDTH);
    }
    inLast += odd ? 0 : pointsPerBucket;
    count = (count + 1) / 2;
    pointsPerBucket *= 2;
  }

  /** Whether there is no point. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** The last value; NaN where there is none. */
  public double last() {
    return count == 0 ? Double.NaN : buckets[count * WIDTH - 1];
  }

  /** The same points, thinned to fewer buckets. */
  public Curve thinned(int most) {
    Curve copy = new Curve();
    copy.buckets = buckets.clone();
    copy.count = count;
    copy.pointsPerBucket = pointsPerBucket;
    copy.inLast = inLast;
    while (copy.count > Math.max(2, most)) {
      copy.merge();
    }
    return copy;
  }

  /**
   * The points that were kept.
   *
   * @return x and y in turn, by rising x
   */
  public double[] points() {
    double[] out = new double[count * WIDTH];
    int n = 0;
    for (int i = 0; i < count; i++) {
      int at = i * WIDTH;
      int first = buckets[at] <= buckets[at + 2] ? at : at + 2;
      int second = first == at ? at + 2 : at;
      for (int from : new int[] {first, second, at + 4}) {
        boolean repeated = n > 0 && out[n - 2] == buckets[from] && out[n - 1] == buckets[from + 1];
        if (!repeated) {
          out[n++] = buckets[from];
          out[n++] = buckets[from + 1];
        }
      }
    }
    return Arrays.copyOf(out, n);
  }

  /**
   * The value at x, on straight lines between the last points of the buckets; for quantities that
   * only rise, such as time.
   */
  public double at(double x) {
    if (count == 0) {
      return Double.NaN;
    }
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (buckets[middle * WIDTH + 4] < x) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    double x1 = buckets[low * WIDTH + 4];
    double y1 = buckets[low * WIDTH + 5];
    double x0 = low == 0 ? 0 : buckets[low * WIDTH - 2];
    double y0 = low == 0 ? 0 : buckets[low * WIDTH - 1];
    return x1 == x0 ? y1 : y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  }
}
