package org.efficienttrain.curriculum.search;

import java.util.List;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.Cut;

/**
 * One of the choices of a decision.
 *
 * @param name of the choice, for people: a bandwidth, or a ramp of the magnitude
 * @param curriculum what it shows
 * @param cut where its runs are cut short
 * @param keptStages as in {@link Trial#keptStages}
 */
public record Candidate(String name, Curriculum curriculum, Cut cut, List<Integer> keptStages) {
  /** Keeps the list unmodifiable. */
  public Candidate {
    keptStages = List.copyOf(keptStages);
  }

  /** Its training with a seed. */
  public Trial trial(long seed) {
    return new Trial(curriculum, cut, seed, keptStages);
  }
}
