package org.efficienttrain.images.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.SampleTransform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CorruptionTest {
  private static Image picture(int side) {
    Image image = Image.black(side, side);
    byte[] pixels = image.pixels();
    for (int i = 0; i < pixels.length; i++) {
      int x = i / 3 % side;
      int y = i / 3 / side;
      pixels[i] = (byte) (60 + (x * 7 + y * 3 + i % 3 * 40 + (x / 5 + y / 4) % 2 * 50) % 120);
    }
    return image;
  }

  private static double distance(Image a, Image b) {
    double sum = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      double d = (a.pixels()[i] & 0xFF) - (b.pixels()[i] & 0xFF);
      sum += d * d;
    }
    return Math.sqrt(sum / a.pixels().length);
  }

  @ParameterizedTest
  @EnumSource
  void eachStrengthDamagesMoreAndSeedsRepeat(Corruption corruption) {
    for (int side : new int[] {32, 96}) {
      Image image = picture(side);
      byte[] before = image.pixels().clone();
      double last = 0;
      for (int strength = 1; strength <= Corruption.STRENGTHS; strength++) {
        Image damaged = corruption.apply(image, strength, RandomSource.of(1, 2));
        assertThat(distance(image, damaged))
            .as("%s at %d pixels, strength %d", corruption, side, strength)
            .isGreaterThan(last);
        last = distance(image, damaged);
        assertThat(corruption.apply(image, strength, RandomSource.of(1, 2)).pixels())
            .isEqualTo(damaged.pixels());
      }
      assertThat(image.pixels()).isEqualTo(before);
    }
  }

  @Test
  void noiseHasThePublishedDeviation() {
    Image gray = Image.black(200, 200);
    java.util.Arrays.fill(gray.pixels(), (byte) 128);
    Image noisy = Corruption.NOISE.apply(gray, 2, RandomSource.of(0, 0));
    assertThat(distance(gray, noisy) / 255).isCloseTo(0.12, within(0.002));
  }

  @Test
  void contrastAndBrightnessAsInThePublishedCode() {
    // Values in 0..255 of one pixel, the mean of each channel 100: red 200, green 100, blue 0.
    Image two = new Image(new byte[] {(byte) 200, 100, 0, 0, 100, (byte) 200}, 2, 1);
    Image flat = Corruption.CONTRAST.apply(two, 2, RandomSource.of(0, 0)); // CIFAR's: 0.5
    assertThat(flat.get(0, 0, 0)).isBetween(149, 150);
    assertThat(flat.get(0, 0, 1)).isBetween(99, 100);
    assertThat(flat.get(0, 0, 2)).isBetween(49, 50);
    Image bright = Corruption.BRIGHTNESS.apply(two, 2, RandomSource.of(0, 0)); // value + 0.1
    assertThat(bright.get(0, 0, 0)).isBetween(225, 226);
    assertThat(bright.get(0, 0, 1)).isBetween(112, 113);
    assertThat(bright.get(0, 0, 2)).isZero();
  }

  @Test
  void noiseDependsOnSampleSeedAndStrengthOnly() {
    SampleTransform gray =
        (encoded, exposure, random, target) -> {
          random.nextLong(); // what the transform draws must not matter
          target.put(picture(exposure.side()).pixels());
        };
    byte[] first = run(Corruption.NOISE.after(gray, 1, 7), 3);
    assertThat(run(Corruption.NOISE.after(gray, 1, 7), 3)).isEqualTo(first);
    assertThat(run(Corruption.NOISE.after(gray, 1, 7), 4)).isNotEqualTo(first);
    assertThat(run(Corruption.NOISE.after(gray, 1, 8), 3)).isNotEqualTo(first);
  }

  private static byte[] run(SampleTransform transform, int index) {
    ByteBuffer target = ByteBuffer.allocate(32 * 32 * 3);
    transform.apply(new byte[0], new SampleExposure(32, 0), RandomSource.of(0, 0, index), target);
    return target.array();
  }

  @Test
  void thereAreFiveStrengths() {
    assertThatThrownBy(() -> Corruption.BLUR.apply(picture(32), 6, RandomSource.of(0, 0)))
        .hasMessage("the strength of a corruption is 1 to 5, not 6");
  }
}
