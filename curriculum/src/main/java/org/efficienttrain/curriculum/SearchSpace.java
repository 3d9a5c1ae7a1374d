package org.efficienttrain.curriculum;

import java.util.List;

/** The checks that both searches make of what they are to search through. */
final class SearchSpace {
  private SearchSpace() {}

  static List<Integer> checkBandwidths(List<Integer> bandwidths) {
    for (int i = 1; i < bandwidths.size(); i++) {
      if (bandwidths.get(i) <= bandwidths.get(i - 1)) {
        throw new CurriculumException(
            "The bandwidths to search through must increase: " + bandwidths + " do not.");
      }
    }
    if (bandwidths.isEmpty()) {
      throw new CurriculumException("A search needs at least one bandwidth.");
    }
    return List.copyOf(bandwidths);
  }

  static List<Double> checkMagnitudes(List<Double> magnitudes) {
    if (magnitudes.isEmpty()) {
      throw new CurriculumException("A search needs at least one stage with its magnitude.");
    }
    return List.copyOf(magnitudes);
  }
}
