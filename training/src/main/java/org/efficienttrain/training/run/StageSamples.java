package org.efficienttrain.training.run;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.SampleTransform;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.images.pixel.DecoderLines;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.batch.Augmentations;
import org.efficienttrain.training.batch.Preparation;
import org.efficienttrain.training.batch.SeenImages;
import org.efficienttrain.training.report.SampleFiles;
import org.efficienttrain.training.report.SampleReport;

/**
 * The same images as every stage of a plan shows them: with its bandwidth and its magnitude, and
 * the same chance each time. Neither erased nor mixed, which has nothing to do with the curriculum.
 */
final class StageSamples {
  private static final int IMAGES = 8;

  /** Of a plan with more stages, so many are drawn, evenly spread. */
  private static final int MOST_STAGES = 12;

  private StageSamples() {}

  /** Draws the stages into the folder of a run. */
  static void write(Job job, TrainingPlan plan, SampleFiles files) {
    List<Phase> phases = plan.phases();
    int drawn = Math.min(MOST_STAGES, phases.size());
    List<Original> originals = originals(job);
    SampleTransform transform = SampleTransforms.training(Augmentations.workers(job.recipe()));
    for (int i = 0; i < drawn; i++) {
      int number = drawn == 1 ? 0 : i * (phases.size() - 1) / (drawn - 1);
      files.stage(number + 1, report(job, phases.get(number), originals, transform));
    }
  }

  private static final class Original {
    private final String name;
    private final byte[] file;

    Original(String name, byte[] file) {
      this.name = name;
      this.file = file;
    }
  }

  /** The first images of as many classes as there are. */
  private static List<Original> originals(Job job) {
    ImageDataset train = job.data().train();
    int size = train.size();
    int count = Math.min(IMAGES, size);
    List<Original> originals = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try {
        int index = (int) ((long) i * size / count);
        originals.add(new Original(train.name(index), train.read(index)));
      } catch (BrokenImageException e) {
        // the loader counts those
      }
    }
    return originals;
  }

  private static SampleReport report(
      Job job, Phase phase, List<Original> originals, SampleTransform transform) {
    int side = job.recipe().loadedSide(phase.bandwidth());
    SampleExposure exposure = new SampleExposure(side, phase.magnitude());
    ByteBuffer pixels = ByteBuffer.allocateDirect(originals.size() * exposure.bytes());
    int count = 0;
    for (int i = 0; i < originals.size(); i++) {
      try {
        Original image = originals.get(i);
        RandomSource random = RandomSource.of(job.recipe().seed(), 0, i);
        DecoderLines.run(image.name, () -> transform.apply(image.file, exposure, random, pixels));
        count++;
      } catch (BrokenImageException e) {
        pixels.position(count * exposure.bytes());
      }
    }
    try (Scope scope = Scope.open();
        Preparation preparation = new Preparation(side, phase.bandwidth(), Device.CPU)) {
      Tensor images = preparation.apply(pixels.slice(0, count * exposure.bytes()), count);
      return new SampleReport(
          phase.firstStep(), phase.bandwidth(), phase.magnitude(), SeenImages.of(images, IMAGES));
    }
  }
}
