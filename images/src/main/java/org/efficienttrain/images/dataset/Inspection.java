package org.efficienttrain.images.dataset;

import java.util.List;
import java.util.Map;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.images.pixel.ImageHeader;

/**
 * What there is to know about a dataset before training on it.
 *
 * @param images number of samples
 * @param checked how many of them were decoded
 * @param classes names; none where the images have no labels
 * @param counts samples of each class
 * @param widths in pixels, of the sound images among those checked
 * @param heights in pixels, likewise
 * @param bytes length of the files, likewise
 * @param formats number of files of each format
 * @param broken the images that cannot be used
 * @param damaged names of images that are decoded although their data are in error
 */
public record Inspection(
    int images,
    int checked,
    List<String> classes,
    List<Integer> counts,
    Spread widths,
    Spread heights,
    Spread bytes,
    Map<ImageHeader.Format, Integer> formats,
    BrokenFiles broken,
    List<String> damaged) {
  /** How values are spread: the smallest, the one in the middle, the largest. */
  public record Spread(int smallest, int median, int largest) {
    static Spread of(int[] sorted) {
      return sorted.length == 0
          ? new Spread(0, 0, 0)
          : new Spread(sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }
  }
}
