package org.efficienttrain.images.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.pixel.Golden;
import org.efficienttrain.images.pixel.Region;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the augmentations draw: ranges and frequencies. */
class RandomnessTest {
  private static RandomSource random(long purpose) {
    return RandomSource.of(11, purpose);
  }

  @ParameterizedTest
  @CsvSource({"400,533", "32,32", "1000,40", "40,1000", "1,1", "3,2"})
  void cropsLieWithinTheImageAndTheirRanges(int width, int height) {
    RandomResizedCrop crop = RandomResizedCrop.standard();
    for (int i = 0; i < 500; i++) {
      Region region = crop.sample(width, height, random(i));

      assertThat(region.x() + region.width()).isLessThanOrEqualTo(width);
      assertThat(region.y() + region.height()).isLessThanOrEqualTo(height);
      if (width == 400) {
        double share = (double) region.width() * region.height() / (width * height);
        assertThat(share).isBetween(0.079, 1.0);
        assertThat((double) region.width() / region.height()).isBetween(0.74, 1.35);
      }
    }
  }

  /**
   * Areas are uniform in 0.08..1 as far as all ratios fit, so small ones come as often as asked.
   */
  @Test
  void smallCropsAreAsFrequentAsTheScaleSays() {
    int below = 0;
    for (int i = 0; i < 10_000; i++) {
      Region region = RandomResizedCrop.standard().sample(400, 400, random(i));
      below += region.width() * region.height() < 0.31 * 160_000 ? 1 : 0;
    }
    // A quarter of the draws; those that do not fit are redrawn, which makes it a little more.
    assertThat(below / 10_000.0).isBetween(0.25, 0.32);
  }

  @Test
  void paddedCropsMoveByAtMostThePadding() {
    Image image = Golden.noise(8, 8, 1);
    boolean[] seen = new boolean[9];
    for (int i = 0; i < 500; i++) {
      Image cut = new PaddedCrop(4).apply(image, random(i));

      assertThat(cut.width()).isEqualTo(8);
      for (int shift = -4; shift <= 4; shift++) {
        seen[shift + 4] |= shift >= 0 && cut.get(0, 0, 0) == image.get(shift, 0, 0);
        seen[shift + 4] |= shift < 0 && cut.get(7, 7, 0) == image.get(7 + shift, 7, 0);
      }
    }
    assertThat(seen).containsOnly(true);
  }

  @Test
  void erasedRectanglesHaveTheAskedFrequencyAndArea() {
    RandomErasing erasing = RandomErasing.withProbability(0.25);
    int erased = 0;
    for (int i = 0; i < 8000; i++) {
      Optional<Region> region = erasing.sample(96, 64, random(i));
      if (region.isPresent()) {
        erased++;
        Region r = region.get();
        assertThat(r.x() + r.width()).isLessThanOrEqualTo(96);
        assertThat(r.y() + r.height()).isLessThanOrEqualTo(64);
        assertThat(r.width() * r.height() / (96.0 * 64)).isBetween(0.015, 0.345);
      }
    }
    assertThat(erased / 8000.0).isCloseTo(0.25, within(0.02));
  }

  @Test
  void randAugmentChangesHalfOfTheLayers() {
    Image image = Golden.png("augment/in0.png");
    RandAugment one = new RandAugment(1, 0.5, 0.5, 0);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
      Image result = one.apply(image, 9, random(i));
      assertThat(result.pixels().length).isEqualTo(image.pixels().length);
      same += result == image ? 1 : 0;
    }
    assertThat(same / 1000.0).isCloseTo(0.5, within(0.05));
  }

  /** The same draws at magnitudes a fraction apart: on average a stronger change. */
  @Test
  void changeGrowsWithFractionsOfMagnitude() {
    Image image = Golden.png("augment/in0.png");
    RandAugment policy = new RandAugment(1, 1, 0, 0);
    double previous = 0;
    for (double magnitude : new double[] {3, 3.3, 3.6, 3.9}) {
      double change = 0;
      for (int i = 0; i < 200; i++) {
        Image result = policy.apply(image, magnitude, random(i));
        change += meanDifference(result, image);
      }
      assertThat(change).isGreaterThan(previous);
      previous = change;
    }
  }

  private static double meanDifference(Image a, Image b) {
    long sum = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      sum += Math.abs((a.pixels()[i] & 0xFF) - (b.pixels()[i] & 0xFF));
    }
    return (double) sum / a.pixels().length;
  }

  @Test
  void policiesLeaveTheirArgumentAsItIs() {
    Image image = Golden.png("augment/in0.png");
    byte[] before = image.pixels().clone();
    for (int i = 0; i < 200; i++) {
      RandAugment.standard().apply(image, 9, random(i));
      new ThreeAugment().apply(image, 0, random(i));
      new ColorJitter(0.4).apply(image, random(i));
    }
    assertThat(image.pixels()).isEqualTo(before);
  }

  @Test
  void settingsThatMakeNoSenseAreRefusedInASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RandomResizedCrop(0.5, 0.2, 0.75, 1.33))
        .withMessage("the crop's scale must be a range within 0..1, not 0.5..0.2");
    assertThatIllegalArgumentException().isThrownBy(() -> new PaddedCrop(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> RandomErasing.withProbability(1.5));
    assertThatIllegalArgumentException().isThrownBy(() -> new ColorJitter(-0.1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AugmentationSpec.none(32).withEvaluationCrop(0));
  }
}
