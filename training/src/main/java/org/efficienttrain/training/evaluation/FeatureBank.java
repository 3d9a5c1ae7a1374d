package org.efficienttrain.training.evaluation;

import java.util.Arrays;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.tensor.distributed.Collective;

/** Descriptions of the images of a dataset, row by row; each rank fills in its own images. */
final class FeatureBank {
  private static final int BLOCK = 1 << 20;

  private final ImageDataset images;

  /** Of each image, its features; allocated when their number is known. */
  private float[] values;

  private final boolean[] seen;
  private int dims;

  FeatureBank(ImageDataset images) {
    this.images = images;
    this.seen = new boolean[images.size()];
  }

  /** Adds a batch: rows of {@code features} belong to the images with these numbers. */
  void add(int[] indices, float[] features) {
    if (values == null) {
      dims = features.length / indices.length;
      values = new float[Math.multiplyExact(images.size(), dims)];
    }
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(features, i * dims, values, indices[i] * dims, dims);
      seen[indices[i]] = true;
    }
  }

  /** Adds the other ranks' images: each number comes from one rank, so that sums are exact. */
  void gather(Collective ranks) {
    if (ranks.worldSize() == 1) {
      return;
    }
    // A rank may have no images at all, and then does not know the width.
    int here = values == null ? 0 : 1;
    double[] widths = ranks.sum(dims, here);
    dims = (int) (widths[0] / Math.max(1, widths[1]));
    values = values == null ? new float[Math.multiplyExact(images.size(), dims)] : values;
    for (int from = 0; from < values.length; from += BLOCK) {
      int end = Math.min(values.length, from + BLOCK);
      double[] part = new double[end - from];
      for (int i = from; i < end; i++) {
        part[i - from] = values[i];
      }
      part = ranks.sum(part);
      for (int i = from; i < end; i++) {
        values[i] = (float) part[i - from];
      }
    }
    for (int from = 0; from < seen.length; from += BLOCK) {
      int end = Math.min(seen.length, from + BLOCK);
      double[] part = new double[end - from];
      for (int i = from; i < end; i++) {
        part[i - from] = seen[i] ? 1 : 0;
      }
      part = ranks.sum(part);
      for (int i = from; i < end; i++) {
        seen[i] = part[i - from] > 0;
      }
    }
  }

  /** Number of images that could be used. */
  int size() {
    int size = 0;
    for (boolean one : seen) {
      size += one ? 1 : 0;
    }
    return size;
  }

  /** The features of the images that could be used, one after the other. */
  float[] features() {
    int rows = size();
    if (rows == seen.length) {
      return values;
    }
    float[] out = new float[rows * dims];
    int at = 0;
    for (int i = 0; i < seen.length; i++) {
      if (seen[i]) {
        System.arraycopy(values, i * dims, out, at, dims);
        at += dims;
      }
    }
    return out;
  }

  /** The classes of the images that could be used. */
  int[] labels() {
    int[] out = new int[seen.length];
    int at = 0;
    for (int i = 0; i < seen.length; i++) {
      if (seen[i]) {
        out[at++] = images.label(i);
      }
    }
    return Arrays.copyOf(out, at);
  }
}
