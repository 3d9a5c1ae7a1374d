package org.efficienttrain.curriculum.search;

import java.util.List;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.Cut;

/**
 * One training that a search asks for.
 *
 * @param curriculum what to show
 * @param cut where to cut the run short; {@link Cut#NONE} for a whole run
 * @param seed of everything random
 * @param keptStages numbers of stages after which the run can serve another trial as its beginning;
 *     at most those up to the cut
 */
public record Trial(Curriculum curriculum, Cut cut, long seed, List<Integer> keptStages) {
  /** Keeps the list unmodifiable. */
  public Trial {
    keptStages = List.copyOf(keptStages);
  }

  /** What is trained as a line of text: equal for equal trainings only. */
  public String key() {
    String whole = curriculum.toText() + " seed " + seed;
    return cut.isNone() ? whole : whole + " cut " + cut.at() + " annealing " + cut.annealing();
  }
}
