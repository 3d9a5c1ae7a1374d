package org.efficienttrain.training.report;

import java.util.List;
import org.efficienttrain.images.Image;

/**
 * Some images of a batch as the network saw them: augmented, cropped to the bandwidth, erased and
 * mixed; numbers outside of what a pixel can hold are clipped.
 *
 * @param step steps taken, that of this batch included
 * @param bandwidth side B of the images in pixels
 * @param magnitude strength of RandAugment
 * @param images the first of the batch, at most {@value #MOST}
 */
public record SampleReport(long step, int bandwidth, double magnitude, List<Image> images) {
  /** Images of a report at most. */
  public static final int MOST = 16;

  public SampleReport {
    images = List.copyOf(images);
  }

  /** All images in one picture, on rows of eight with a thin white line between them. */
  public Image sheet() {
    return sheet(images, 8);
  }

  /**
   * Images of one size in one picture.
   *
   * @param images at least one
   * @param columns images in a row at most
   */
  public static Image sheet(List<Image> images, int columns) {
    int gap = 2;
    int across = Math.min(columns, images.size());
    int down = (images.size() + columns - 1) / columns;
    int width = images.get(0).width();
    int height = images.get(0).height();
    int total = across * (width + gap) - gap;
    byte[] pixels = new byte[total * (down * (height + gap) - gap) * Image.CHANNELS];
    java.util.Arrays.fill(pixels, (byte) 255);
    for (int i = 0; i < images.size(); i++) {
      int left = i % columns * (width + gap);
      int top = i / columns * (height + gap);
      for (int y = 0; y < height; y++) {
        System.arraycopy(
            images.get(i).pixels(),
            y * width * Image.CHANNELS,
            pixels,
            ((top + y) * total + left) * Image.CHANNELS,
            width * Image.CHANNELS);
      }
    }
    return new Image(pixels, total, down * (height + gap) - gap);
  }
}
