package org.efficienttrain.curriculum.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.curriculum.CurriculumException;

/** Measures candidates seed by seed and compares them. */
final class Contest {
  /** Seeds after which a candidate may be given up. */
  private static final int FIRST_LOOK = 2;

  private final Evaluator evaluator;
  private final NoiseRule rule;
  private final List<Long> seeds;
  private final Map<Candidate, List<Double>> accuracies = new LinkedHashMap<>();
  private Noise noise = Noise.UNKNOWN;

  Contest(Evaluator evaluator, NoiseRule rule, List<Long> seeds) {
    this.evaluator = evaluator;
    this.rule = rule;
    this.seeds = seeds;
  }

  int seeds() {
    return seeds.size();
  }

  /** Seeds of a first look. */
  int firstLook() {
    return Math.min(FIRST_LOOK, seeds.size());
  }

  /** Candidates to be asked for together, so that nothing that computes is idle. */
  int candidatesAtOnce() {
    return Math.max(1, evaluator.atOnce() / firstLook());
  }

  /** Has candidates trained with the first seeds, where they were not yet. */
  void measure(Collection<Candidate> candidates, int count) {
    List<Trial> trials = new ArrayList<>();
    List<Candidate> owners = new ArrayList<>();
    for (Candidate candidate : candidates) {
      int done = accuracies.getOrDefault(candidate, List.of()).size();
      for (long seed : seeds.subList(Math.min(done, count), count)) {
        trials.add(candidate.trial(seed));
        owners.add(candidate);
      }
    }
    if (trials.isEmpty()) {
      return;
    }
    List<Double> answers = evaluator.accuracies(trials);
    for (int i = 0; i < answers.size(); i++) {
      accuracies.computeIfAbsent(owners.get(i), c -> new ArrayList<>()).add(answers.get(i));
    }
  }

  /** Whether its accuracies are those of a rehearsal, in part at least. */
  boolean isMadeUp(Candidate candidate) {
    return accuracies.get(candidate).stream().anyMatch(a -> a < 0 || a > 1);
  }

  Measured measured(Candidate candidate) {
    return new Measured(candidate, accuracies.get(candidate));
  }

  /** How much better one is than another, over the seeds that both have. */
  Difference difference(Candidate one, Candidate other, Noise noise) {
    if (one.equals(other)) {
      return Difference.ZERO;
    }
    List<Double> a = accuracies.get(one);
    List<Double> b = accuracies.get(other);
    int n = Math.min(a.size(), b.size());
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += (a.get(i) - b.get(i)) / n;
    }
    return new Difference(mean, noise.errorOfDifference(n));
  }

  /** The noise so far and that of some candidates over the seeds that all of them have. */
  Noise noiseWith(List<Candidate> candidates) {
    return noise.with(candidates.stream().map(accuracies::get).toList());
  }

  /** Makes this the noise so far. */
  void learn(Noise learned) {
    noise = learned;
  }

  /**
   * Takes the first candidate that is not worse than the best by more than the noise; those that
   * are hopeless after two seeds get no more.
   *
   * @param candidates the one to be taken within the noise first
   */
  Decision choose(String what, List<Candidate> candidates) {
    measure(candidates, firstLook());
    List<Candidate> left = candidates;
    if (seeds() > firstLook()) {
      Noise look = noiseWith(candidates);
      Candidate leader = best(what, candidates);
      boolean rehearsed = candidates.stream().anyMatch(this::isMadeUp);
      left =
          candidates.stream()
              .filter(c -> rehearsed || !difference(c, leader, look).below(0, rule.hopeless()))
              .toList();
      measure(left, seeds());
    }
    learn(noiseWith(left.size() < 2 ? candidates : left));
    Candidate best = best(what, left);
    Candidate chosen =
        left.stream()
            .filter(c -> !difference(c, best, noise).below(0, rule.errors()))
            .findFirst()
            .orElse(best);
    boolean unclear =
        left.stream()
            .filter(c -> !c.equals(chosen))
            .anyMatch(c -> difference(c, chosen, noise).unclear(0, rule.errors()));
    List<Decision.Option> options =
        candidates.stream()
            .map(c -> new Decision.Option(measured(c), difference(c, best, noise)))
            .toList();
    return new Decision(what, chosen.name(), options, unclear);
  }

  private Candidate best(String what, List<Candidate> candidates) {
    return candidates.stream()
        .filter(c -> !Double.isNaN(measured(c).mean()))
        .max(Comparator.comparingDouble((Candidate c) -> measured(c).mean()))
        .orElseThrow(
            () ->
                new CurriculumException(
                    "Training failed with every candidate of " + what + ": see their runs."));
  }
}
