package org.efficienttrain.training.batch;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.images.Image;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;

/** Turns what a network sees back into pictures. */
public final class SeenImages {
  private SeenImages() {}

  /**
   * The first images of a batch as pixels; what lies outside of 0 to 255 is clipped.
   *
   * @param images (N, 3, H, W) normalised
   * @param most images at most
   */
  public static List<Image> of(Tensor images, int most) {
    int count = (int) Math.min(most, images.size(0));
    int height = (int) images.size(2);
    int width = (int) images.size(3);
    double[] mean = Normalisation.mean();
    double[] std = Normalisation.std();
    float[] values;
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      values = images.detach().narrow(0, 0, count).contiguous().to(Device.CPU).toFloats();
    }
    List<Image> out = new ArrayList<>();
    int plane = width * height;
    for (int i = 0; i < count; i++) {
      byte[] pixels = new byte[plane * Image.CHANNELS];
      for (int c = 0; c < Image.CHANNELS; c++) {
        for (int p = 0; p < plane; p++) {
          double value = values[(i * Image.CHANNELS + c) * plane + p] * std[c] + mean[c];
          pixels[p * Image.CHANNELS + c] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
        }
      }
      out.add(new Image(pixels, width, height));
    }
    return out;
  }
}
