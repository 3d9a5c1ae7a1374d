package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.SampleTransform;
import org.efficienttrain.images.pixel.DecoderLines;

/** Reads and transforms one sample, and knows what to do when it is broken. */
final class SampleReader {
  private final ImageDataset dataset;
  private final SampleTransform transform;
  private final LoaderSettings settings;
  private final BrokenFiles brokenFiles;

  SampleReader(
      ImageDataset dataset,
      SampleTransform transform,
      LoaderSettings settings,
      BrokenFiles brokenFiles) {
    this.dataset = dataset;
    this.transform = transform;
    this.settings = settings;
    this.brokenFiles = brokenFiles;
  }

  /**
   * Writes the sample at a position of an epoch's order. In training a broken sample is replaced by
   * the next sound one in dataset order: that depends on the files alone, and keeps the class where
   * the dataset is sorted by class.
   *
   * @return the number of the sample, or {@link PendingBatch#UNUSABLE} in an evaluation
   */
  int read(int epoch, int position, EpochOrder order, SampleExposure exposure, ByteBuffer target) {
    int wanted = settings.training() ? order.at(position / settings.repeats()) : position;
    int repeat = position % settings.repeats();
    int attempts = settings.training() ? dataset.size() : 1;
    for (int attempt = 0; attempt < attempts; attempt++) {
      int index = (int) (((long) wanted + attempt) % dataset.size());
      if (!brokenFiles.contains(index) && tryRead(epoch, index, repeat, exposure, target)) {
        return index;
      }
    }
    if (settings.training()) {
      throw new ImageException("not one of the " + dataset.size() + " images can be used");
    }
    return PendingBatch.UNUSABLE;
  }

  private boolean tryRead(
      int epoch, int index, int repeat, SampleExposure exposure, ByteBuffer target) {
    RandomSource random = RandomSource.of(settings.seed(), epoch, index);
    RandomSource own = repeat > 0 ? random.fork(repeat) : random;
    target.clear();
    try {
      byte[] file = dataset.read(index);
      DecoderLines.run(dataset.name(index), () -> transform.apply(file, exposure, own, target));
    } catch (BrokenImageException e) {
      brokenFiles.add(index, dataset.name(index), e);
      stopWhenTooMany();
      return false;
    } catch (RuntimeException e) {
      throw new ImageException(dataset.name(index) + ": " + e.getMessage(), e);
    }
    if (target.hasRemaining()) {
      throw new IllegalStateException(
          "%s: the transform left %d of %d bytes unwritten"
              .formatted(dataset.name(index), target.remaining(), exposure.bytes()));
    }
    return true;
  }

  private void stopWhenTooMany() {
    int broken = brokenFiles.count();
    if (broken > 1 && broken > settings.maxBrokenFraction() * dataset.size()) {
      BrokenFiles.BrokenFile example = brokenFiles.list().get(0);
      throw new ImageException(
          "%d of %d images are broken, more than the %s%% allowed, for example %s (%s): repair or delete them, or allow more"
              .formatted(
                  broken,
                  dataset.size(),
                  trimmed(100 * settings.maxBrokenFraction()),
                  example.name(),
                  example.reason().words()));
    }
  }

  private static String trimmed(double percent) {
    return percent == Math.rint(percent) ? String.valueOf((long) percent) : String.valueOf(percent);
  }
}
