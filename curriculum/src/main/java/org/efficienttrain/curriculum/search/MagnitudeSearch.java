package org.efficienttrain.curriculum.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.CurriculumException;
import org.efficienttrain.curriculum.Cut;

/**
 * A search for the ramp of RandAugment's magnitude over a given curriculum, which the papers set by
 * hand: first for the value it begins with, growing linearly, then for its shape.
 *
 * <p>The magnitude of a slice is {@code from + (to - from) (i / (slices - 1)) ^ power}. Of what
 * differs by no more than the noise, the first value or shape in the list is taken: put the one to
 * keep first.
 *
 * @param base curriculum whose bandwidths and shares stay
 * @param ramps what is tried
 * @param seeds each candidate is trained with these
 * @param rule what is noise; the tolerance is not used
 */
public record MagnitudeSearch(Curriculum base, Ramps ramps, List<Long> seeds, NoiseRule rule)
    implements SearchAlgorithm {

  /**
   * The ramps to choose from.
   *
   * @param from first values, each 0 to 10
   * @param powers shapes: 1 is linear, less grows early, more late
   * @param to last value, 0 to 10
   * @param slices number of steps of the ramp
   */
  public record Ramps(List<Double> from, List<Double> powers, double to, int slices) {
    public Ramps {
      from = List.copyOf(from);
      powers = List.copyOf(powers);
    }
  }

  /**
   * Checks the lists.
   *
   * @throws CurriculumException when one is empty
   */
  public MagnitudeSearch {
    if (ramps.from.isEmpty() || ramps.powers.isEmpty() || seeds.isEmpty()) {
      throw new CurriculumException(
          "A search for the magnitude needs at least one first value, one shape and one seed.");
    }
    seeds = List.copyOf(seeds);
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("algorithm", "magnitude");
    settings.put("candidates", ramps.from);
    settings.put("seeds", seeds);
    settings.put("powers", ramps.powers);
    settings.put("curriculum", base.toText());
    return settings;
  }

  @Override
  public double dearest(Trial trial) {
    return -1;
  }

  @Override
  public SearchResult search(Evaluator evaluator) {
    Contest contest = new Contest(evaluator, rule, seeds);
    List<Decision> decisions = new ArrayList<>();
    Candidate current = new Candidate("as it is", base, Cut.NONE, List.of());
    try {
      List<Candidate> starts = ramps.from.stream().map(first -> candidate(first, 1)).toList();
      current = decide(contest, "first value", starts, evaluator, decisions);
      double first = ramps.from.get(starts.indexOf(current));
      List<Candidate> shapes = ramps.powers.stream().map(power -> candidate(first, power)).toList();
      current = decide(contest, "shape", shapes, evaluator, decisions);
    } catch (BudgetSpent e) {
      return new SearchResult(current.curriculum(), decisions, false);
    }
    return new SearchResult(current.curriculum(), decisions, true);
  }

  private static Candidate decide(
      Contest contest,
      String what,
      List<Candidate> candidates,
      Evaluator evaluator,
      List<Decision> decisions) {
    if (candidates.size() == 1) {
      return candidates.get(0);
    }
    Decision decision = contest.choose(what, candidates);
    decisions.add(decision);
    evaluator.decided(decision);
    return decision.taken().measured().candidate();
  }

  private Candidate candidate(double first, double power) {
    String name = String.format(Locale.ROOT, "%s-%s^%s", first, ramps.to, power);
    Curriculum ramp = base.withMagnitudeRamp(first, ramps.to, ramps.slices, power);
    return new Candidate(name, ramp, Cut.NONE, List.of());
  }
}
