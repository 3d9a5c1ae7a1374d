package org.efficienttrain.curriculum.search;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.CurriculumException;
import org.efficienttrain.curriculum.Stage;

/**
 * What both searches for bandwidths search through: stages of equal shares.
 *
 * @param bandwidths candidates in increasing order; the last is the full bandwidth
 * @param magnitudes RandAugment magnitude of each stage; their number is that of the stages
 * @param seeds each candidate is trained with these, at least one
 */
public record SearchSpace(List<Integer> bandwidths, List<Double> magnitudes, List<Long> seeds) {

  /**
   * Checks the candidates.
   *
   * @throws CurriculumException when bandwidths are not increasing, or a list is empty
   */
  public SearchSpace {
    for (int i = 1; i < bandwidths.size(); i++) {
      if (bandwidths.get(i) <= bandwidths.get(i - 1)) {
        throw new CurriculumException(
            "The bandwidths to search through must increase: " + bandwidths + " do not.");
      }
    }
    if (bandwidths.isEmpty() || magnitudes.isEmpty() || seeds.isEmpty()) {
      throw new CurriculumException(
          "A search needs at least one bandwidth, one stage with its magnitude and one seed.");
    }
    bandwidths = List.copyOf(bandwidths);
    magnitudes = List.copyOf(magnitudes);
    seeds = List.copyOf(seeds);
  }

  /** Magnitudes that grow linearly over so many stages, as those of the published curricula do. */
  public static List<Double> magnitudes(double from, double to, int stages) {
    return IntStream.range(0, stages)
        .mapToObj(i -> stages == 1 ? to : from + (to - from) * i / (stages - 1))
        .toList();
  }

  /** Its numbers for {@link SearchAlgorithm#settings}. */
  Map<String, Object> settings(String algorithm) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("algorithm", algorithm);
    settings.put("candidates", bandwidths);
    settings.put("seeds", seeds);
    settings.put("stages", stages());
    settings.put("magnitudes", magnitudes);
    return settings;
  }

  int full() {
    return bandwidths.get(bandwidths.size() - 1);
  }

  int stages() {
    return magnitudes.size();
  }

  /** All stages at full bandwidth. */
  int[] allFull() {
    int[] chosen = new int[stages()];
    Arrays.fill(chosen, full());
    return chosen;
  }

  Curriculum curriculum(String name, Clock clock, int[] chosen) {
    List<Stage> stages =
        IntStream.range(0, chosen.length)
            .mapToObj(i -> Stage.of(chosen[i], 1.0 / chosen.length, magnitudes.get(i)))
            .toList();
    return new Curriculum(name, clock, stages);
  }

  /** Mean bandwidth of a trial up to its cut, of the full one. */
  static double meanBandwidth(Trial trial) {
    double sum = 0;
    double start = 0;
    for (Stage stage : trial.curriculum().stages()) {
      double end = Math.min(trial.cut().at(), start + stage.share());
      sum += Math.max(0, end - start) * stage.bandwidth();
      start += stage.share();
    }
    return sum / trial.cut().at() / trial.curriculum().imageSize();
  }
}
