package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What to show and when: ordered stages whose bandwidths never shrink, the last at full bandwidth.
 *
 * <p>The bandwidth of the last stage is the image size the curriculum is written for; {@link
 * #scaledTo} carries it to another. A curriculum knows no dataset and no number of epochs: see
 * {@link TrainingPlan}.
 *
 * @param name name of the preset, or the text that a curriculum of one's own was read from
 * @param clock what the shares are shares of
 * @param stages the stages in order; neighbours may share a bandwidth and differ in magnitude
 */
public record Curriculum(String name, Clock clock, List<Stage> stages) {
  private static final double SHARE_TOLERANCE = 1e-6;

  /**
   * Checks that there are stages, that their bandwidths never shrink and their shares sum to 1.
   *
   * @throws CurriculumException naming the first rule that is broken
   */
  public Curriculum {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new CurriculumException(
          "Curriculum \"" + name + "\" has no stage: give at least one, such as 224:1.");
    }
    for (int i = 1; i < stages.size(); i++) {
      int before = stages.get(i - 1).bandwidth();
      int after = stages.get(i).bandwidth();
      if (after < before) {
        throw new CurriculumException(
            ("Curriculum \"%s\" shrinks from bandwidth %d to %d at stage %d:"
                    + " order the stages from small to large.")
                .formatted(name, before, after, i + 1));
      }
    }
    double sum = stages.stream().mapToDouble(Stage::share).sum();
    if (Math.abs(sum - 1) > SHARE_TOLERANCE) {
      throw new CurriculumException(
          "The shares of curriculum \"%s\" sum to %.4g: they must sum to 1.".formatted(name, sum));
    }
  }

  /** Side in pixels of the images at full bandwidth: the bandwidth of the last stage. */
  public int imageSize() {
    return stages.get(stages.size() - 1).bandwidth();
  }

  /** Whether every stage has the full bandwidth, as in ordinary training. */
  public boolean isFullBandwidth() {
    return stages.get(0).bandwidth() == imageSize();
  }

  /**
   * Sums of the shares up to and including each stage; the last is exactly 1.
   *
   * @return as many values as there are stages, strictly increasing
   */
  public double[] cumulativeShares() {
    double[] ends = new double[stages.size()];
    double sum = 0;
    for (int i = 0; i < ends.length; i++) {
      sum += stages.get(i).share();
      ends[i] = sum;
    }
    ends[ends.length - 1] = 1;
    return ends;
  }

  /** The curriculum for another image size, every bandwidth in the same ratio to it. */
  public Curriculum scaledTo(int imageSize, int multiple) {
    return scaledTo(imageSize, multiple, Scaling.PROPORTIONAL);
  }

  /**
   * The curriculum for another image size.
   *
   * <p>A bandwidth below the full one becomes a multiple that the model accepts: the next one up,
   * unless the exact value lies less than a third of a multiple above one. That leans towards more
   * of the spectrum than the published curriculum shows, at little cost. It never exceeds the image
   * size, and is even below it because the crop only makes even sides. A curriculum that already
   * has this size is rounded too: 160 stays 160 for a multiple of 32. Scaled from 224 to 32 with
   * multiple 4, {@code efficienttrain} becomes 24, 24, 24, 28, 32 and {@code efficienttrain++} 16
   * (2 slices), 24 (4), 32 (4).
   *
   * @param imageSize new side in pixels, a multiple of {@code multiple}
   * @param multiple what every bandwidth must be divisible by, at least 1
   * @param scaling whether bandwidths keep their ratio to the image size or their pixels
   * @throws CurriculumException when the image size is not such a multiple, or below 2
   */
  public Curriculum scaledTo(int imageSize, int multiple, Scaling scaling) {
    if (imageSize < 2 || multiple < 1) {
      throw new CurriculumException(
          "Image size %d and multiple %d must be at least 2 and 1.".formatted(imageSize, multiple));
    }
    if (imageSize % multiple != 0) {
      throw new CurriculumException(
          "Image size %d is not a multiple of %d, which the model needs: use another image size."
              .formatted(imageSize, multiple));
    }
    List<Stage> scaled = new ArrayList<>(stages.size());
    for (Stage stage : stages) {
      int bandwidth = scaledBandwidth(stage.bandwidth(), imageSize, multiple, scaling);
      scaled.add(stage.withBandwidth(bandwidth));
    }
    return new Curriculum(name, clock, scaled);
  }

  private int scaledBandwidth(int bandwidth, int imageSize, int multiple, Scaling scaling) {
    if (bandwidth == imageSize()) {
      return imageSize;
    }
    int step = multiple % 2 == 0 ? multiple : 2 * multiple; // the crop's side is even
    // In integers, so that 160 of 224 stays 160: ceil(exact - 1/3), with exact = num / den.
    long num = scaling == Scaling.PROPORTIONAL ? (long) bandwidth * imageSize : bandwidth;
    long den = scaling == Scaling.PROPORTIONAL ? (long) imageSize() * step : step;
    long multiples = Math.max(1, (3 * num + 2 * den - 1) / (3 * den));
    return (int) Math.min(imageSize, multiples * step);
  }

  /** The same stages, all of which show a loaded image that often; see {@link Stage#replay}. */
  public Curriculum withReplay(int replay) {
    return new Curriculum(name, clock, stages.stream().map(s -> s.withReplay(replay)).toList());
  }

  /**
   * The same stages with another replay for every bandwidth.
   *
   * @param replays one for each different bandwidth, from small to large: the official scripts have
   *     4, 2, 1 or 2, 1, 1 for 96, 160, 224
   * @throws CurriculumException when there are not as many as bandwidths
   */
  public Curriculum withReplay(List<Integer> replays) {
    List<Integer> bandwidths = stages.stream().map(Stage::bandwidth).distinct().toList();
    if (bandwidths.size() != replays.size()) {
      throw new CurriculumException(
          "Curriculum \"%s\" has the bandwidths %s, so a replay has as many numbers, not %s."
              .formatted(name, bandwidths, replays));
    }
    List<Stage> replayed =
        stages.stream()
            .map(s -> s.withReplay(replays.get(bandwidths.indexOf(s.bandwidth()))))
            .toList();
    return new Curriculum(name, clock, replayed);
  }

  /** Whether a stage shows loaded images again. */
  public boolean replays() {
    return stages.stream().anyMatch(s -> s.replay() > 1);
  }

  /**
   * The same bandwidths, with a magnitude that grows linearly in equal slices of training.
   *
   * <p>The ICCV paper states the rule {@code m = 9 t / T}: that is {@code from = 0, to = 9} with as
   * many slices as there are epochs. EfficientTrain++ uses ten slices, 0 to 9.
   *
   * @param from magnitude of the first slice
   * @param to magnitude of the last slice
   * @param slices number of slices, at least 1; with one, the magnitude is {@code to}
   */
  public Curriculum withLinearMagnitude(double from, double to, int slices) {
    return withMagnitudeRamp(from, to, slices, 1);
  }

  /**
   * The same bandwidths, with a magnitude that grows as a power of the training done, in equal
   * slices.
   *
   * @param from magnitude of the first slice
   * @param to magnitude of the last slice
   * @param slices number of slices, at least 1; with one, the magnitude is {@code to}
   * @param power 1 grows linearly, less early, more late; above 0
   */
  public Curriculum withMagnitudeRamp(double from, double to, int slices, double power) {
    if (slices < 1) {
      throw new CurriculumException(
          "A linear magnitude needs at least 1 slice, not " + slices + ".");
    }
    if (!(power > 0) || Double.isInfinite(power)) {
      throw new CurriculumException(
          "A magnitude grows with a power above 0 of the training done, not " + power + ".");
    }
    double[] ends = cumulativeShares();
    double[] cuts =
        DoubleStream.concat(
                Arrays.stream(ends),
                IntStream.rangeClosed(1, slices).mapToDouble(k -> (double) k / slices))
            .sorted()
            .toArray();
    List<Stage> cut = new ArrayList<>();
    double start = 0;
    int stage = 0;
    for (double end : cuts) {
      if (end - start < SHARE_TOLERANCE) {
        continue; // a slice that ends where a stage does, up to rounding
      }
      double middle = (start + end) / 2;
      while (ends[stage] < middle) {
        stage++;
      }
      int slice = Math.min(slices - 1, (int) (middle * slices));
      double magnitude = slices == 1 ? to : ramp(from, to, slice, slices - 1, power);
      cut.add(stages.get(stage).withShare(end - start).withMagnitude(magnitude));
      start = end;
    }
    return new Curriculum(name, clock, cut);
  }

  private static double ramp(double from, double to, int slice, int last, double power) {
    return power == 1
        ? from + (to - from) * slice / last
        : from + (to - from) * Math.pow((double) slice / last, power);
  }

  /**
   * The curriculum as text that {@link Curricula#of} reads back to equal stages, for example {@code
   * compute 96:0.2@0,160:0.4@4,224:0.4@9}.
   */
  public String toText() {
    return CurriculumText.print(this);
  }
}
