package org.efficienttrain.curriculum.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.efficienttrain.curriculum.Stage;

/**
 * A made-up network: its accuracy is a function of the trial. What a seed does to all trials and
 * what chance does to each come on top. Counts what it is asked for, and asks nothing twice.
 */
final class Surface implements Evaluator {
  private final ToDoubleFunction<Trial> accuracy;
  private final double ofSeed;
  private final double ofTrial;
  private final long chance;
  final Map<String, Double> answers = new LinkedHashMap<>();
  final List<Trial> trained = new ArrayList<>();
  int limit = Integer.MAX_VALUE;

  /**
   * @param ofSeed standard deviation of what a seed does to all trials
   * @param ofTrial standard deviation of what chance does to one
   */
  Surface(ToDoubleFunction<Trial> accuracy, double ofSeed, double ofTrial, long chance) {
    this.accuracy = accuracy;
    this.ofSeed = ofSeed;
    this.ofTrial = ofTrial;
    this.chance = chance;
  }

  static Surface exact(ToDoubleFunction<Trial> accuracy) {
    return new Surface(accuracy, 0, 0, 0);
  }

  @Override
  public List<Double> accuracies(List<Trial> trials) {
    List<Double> out = new ArrayList<>();
    for (Trial trial : trials) {
      if (!answers.containsKey(trial.key())) {
        if (trained.size() == limit) {
          throw new BudgetSpent("no time left");
        }
        trained.add(trial);
        double seed = new Random(31 * chance + trial.seed()).nextGaussian() * ofSeed;
        double own = new Random(chance ^ trial.key().hashCode() * 7919L).nextGaussian() * ofTrial;
        answers.put(trial.key(), accuracy.applyAsDouble(trial) + seed + own);
      }
      out.add(answers.get(trial.key()));
    }
    return out;
  }

  /** Bandwidth in force at a point of the clock, 0 to 1. */
  static int bandwidthAt(Trial trial, double point) {
    double end = 0;
    for (Stage stage : trial.curriculum().stages()) {
      end += stage.share();
      if (point < end) {
        return stage.bandwidth();
      }
    }
    return trial.curriculum().imageSize();
  }

  /** Each part of training loses accuracy with every pixel below the bandwidth it needs. */
  static ToDoubleFunction<Trial> needs(int... needed) {
    return trial -> {
      double accuracy = 0.8;
      for (int i = 0; i < needed.length; i++) {
        int seen = bandwidthAt(trial, (i + 0.5) / needed.length);
        accuracy -= 1e-4 * Math.max(0, needed[i] - seen);
      }
      return accuracy;
    };
  }

  /** Training at a point of the compute does most good at the bandwidth ideal for it. */
  static ToDoubleFunction<Trial> ideals(List<Integer> ideal) {
    return trial -> {
      double accuracy = 0.5;
      for (int i = 0; i < ideal.size(); i++) {
        double point = (i + 0.5) / ideal.size();
        if (point < trial.cut().at()) {
          accuracy += 0.01 - 1e-5 * Math.abs(bandwidthAt(trial, point) - ideal.get(i));
        }
      }
      return accuracy;
    };
  }

  /**
   * A network that learns coarse patterns and, on them, fine ones, of images of 224: the fine ones
   * grow only as far as the coarse ones are there, and only from images that show them. So what a
   * slice is worth depends on all before it.
   */
  static double learned(Trial trial) {
    double coarse = 0;
    double fine = 0;
    int slices = 400;
    for (int i = 0; i < slices; i++) {
      double point = (i + 0.5) / slices;
      if (point > trial.cut().at() + trial.cut().annealing()) {
        break;
      }
      int bandwidth = point < trial.cut().at() ? bandwidthAt(trial, point) : 224;
      double passes = Math.pow(224.0 / bandwidth, 2) / slices;
      coarse += passes * 3 * (1 - coarse) * Math.min(1, bandwidth / 96.0);
      double shows = Math.max(0, (bandwidth - 90) / 134.0);
      fine += passes * 4 * shows * (coarse * coarse - fine);
    }
    return 0.4 * coarse + 0.5 * fine;
  }
}
