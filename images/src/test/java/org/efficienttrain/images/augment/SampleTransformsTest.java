package org.efficienttrain.images.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.SampleTransform;
import org.efficienttrain.images.pixel.Golden;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.Interpolation;
import org.efficienttrain.images.pixel.PixelOps;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.images.pixel.Resampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SampleTransformsTest {
  private static final byte[] JPEG = Golden.bytes("images/good.jpg");

  private static byte[] run(SampleTransform transform, byte[] file, double magnitude, int side) {
    return run(transform, file, magnitude, side, 0);
  }

  private static byte[] run(
      SampleTransform transform, byte[] file, double magnitude, int side, long index) {
    SampleExposure exposure = new SampleExposure(side, magnitude);
    ByteBuffer target = ByteBuffer.allocateDirect(exposure.bytes() + 8);
    transform.apply(file, exposure, RandomSource.of(1, 0, index), target);
    assertThat(target.position()).isEqualTo(exposure.bytes());
    byte[] bytes = new byte[exposure.bytes()];
    target.flip().get(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(LowFrequency.class)
  void trainingDependsOnItsArgumentsAlone(LowFrequency mode) {
    SampleTransform transform =
        SampleTransforms.training(AugmentationSpec.imagenet(64).withLowFrequency(mode));
    for (long index = 0; index < 20; index++) {
      byte[] first = run(transform, JPEG, 4.5, 32, index);
      assertThat(run(transform, JPEG, 4.5, 32, index)).isEqualTo(first);
      assertThat(run(transform, JPEG, 4.5, 32, index + 100)).isNotEqualTo(first);
    }
  }

  /** Bytes that runs were trained on: whoever makes this faster must not change them. */
  @ParameterizedTest
  @CsvSource({
    "FOURIER,40,c1ce9e5e",
    "FOURIER,64,44193c24",
    "LANCZOS,40,03bbb1ea",
    "DCT,24,258b0c6a"
  })
  void theBytesOfASampleStayTheSame(LowFrequency mode, int side, String expected) {
    int size = mode == LowFrequency.FOURIER ? side : 64;
    SampleTransform transform =
        SampleTransforms.training(AugmentationSpec.imagenet(size).withLowFrequency(mode));
    CRC32 crc = new CRC32();
    for (long index = 0; index < 40; index++) {
      crc.update(run(transform, JPEG, index % 2 == 0 ? 0 : 4.5, side, index));
    }
    assertThat(HexFormat.of().toHexDigits((int) crc.getValue())).isEqualTo(expected);
  }

  @Test
  void lanczosResizesWhatTheFullSizeWouldHaveBeen() {
    AugmentationSpec spec = AugmentationSpec.imagenet(64);
    byte[] full = run(SampleTransforms.training(spec), JPEG, 5, 64);

    byte[] reduced =
        run(SampleTransforms.training(spec.withLowFrequency(LowFrequency.LANCZOS)), JPEG, 5, 24);

    assertThat(reduced)
        .isEqualTo(
            Resampler.resize(new Image(full, 64, 64), 24, 24, Interpolation.LANCZOS).pixels());
  }

  @Test
  void dctIsDirectOnlyWhereItMayBe() {
    AugmentationSpec lanczos = AugmentationSpec.imagenet(64).withLowFrequency(LowFrequency.LANCZOS);
    AugmentationSpec dct = lanczos.withLowFrequency(LowFrequency.DCT);
    byte[] reference = run(SampleTransforms.training(lanczos), JPEG, 5, 24);

    assertThat(run(SampleTransforms.training(dct), JPEG, 5, 24)).isEqualTo(reference);
    assertThat(run(SampleTransforms.training(dct.withAugmentAtBandwidth(true)), JPEG, 5, 24))
        .isNotEqualTo(reference);
    assertThat(run(SampleTransforms.training(dct), JPEG, 0, 24))
        .isNotEqualTo(run(SampleTransforms.training(lanczos), JPEG, 0, 24));

    // Without a policy there is nothing that magnitude could make stronger; ThreeAugment has none.
    AugmentationSpec plain = dct.withPolicy(Policy.NONE);
    assertThat(run(SampleTransforms.training(plain), JPEG, 5, 24))
        .isEqualTo(run(SampleTransforms.training(plain), JPEG, 0, 24))
        .isNotEqualTo(run(SampleTransforms.training(lanczos.withPolicy(Policy.NONE)), JPEG, 5, 24));
    Policy three = new ThreeAugment();
    assertThat(run(SampleTransforms.training(dct.withPolicy(three)), JPEG, 0, 24))
        .isEqualTo(run(SampleTransforms.training(lanczos.withPolicy(three)), JPEG, 0, 24));
  }

  /** The same region at every bandwidth: the curriculum changes the detail, not the content. */
  @Test
  void dctShowsWhatLanczosShows() {
    AugmentationSpec plain = AugmentationSpec.imagenet(64).withPolicy(Policy.NONE);
    for (long index = 0; index < 20; index++) {
      byte[] dct =
          run(
              SampleTransforms.training(plain.withLowFrequency(LowFrequency.DCT)),
              JPEG,
              0,
              24,
              index);
      byte[] lanczos =
          run(
              SampleTransforms.training(plain.withLowFrequency(LowFrequency.LANCZOS)),
              JPEG,
              0,
              24,
              index);
      assertThat(Golden.shareWithin(new Image(dct, 24, 24), new Image(lanczos, 24, 24), 24))
          .isGreaterThan(0.95);
    }
  }

  @Test
  void evaluationResizesTheShorterSideAndTakesTheCentre() {
    Image image = Golden.png("augment/in1.png"); // 96 x 119
    byte[] actual =
        run(SampleTransforms.evaluation(AugmentationSpec.imagenet(224)), image.toPpm(), 0, 56);

    // 56 / 0.875 = 64; 119 * 64 / 96 = 79; cut from ((64 - 56) / 2, round((79 - 56) / 2) = 12).
    Image resized = Resampler.resize(image, 64, 79, Interpolation.BICUBIC);
    assertThat(actual).isEqualTo(PixelOps.cut(resized, 4, 12, 56, 56).pixels());
  }

  @Test
  void evaluationWarpsFrom384On() {
    Image image = Golden.png("augment/in1.png");

    byte[] actual =
        run(SampleTransforms.evaluation(AugmentationSpec.imagenet(384)), image.toPpm(), 0, 384);

    assertThat(actual).isEqualTo(Resampler.resize(image, 384, 384, Interpolation.BICUBIC).pixels());
  }

  @Test
  void cifarSamplesAreShiftedAndFlippedCopies() {
    Image image = Golden.noise(32, 32, 3);
    SampleTransform transform = SampleTransforms.training(AugmentationSpec.cifar());
    for (long index = 0; index < 50; index++) {
      byte[] actual = run(transform, image.toPpm(), 0, 32, index);
      assertThat(isShiftOf(image, actual) || isShiftOf(PixelOps.mirror(image), actual)).isTrue();
    }
    byte[] evaluated =
        run(SampleTransforms.evaluation(AugmentationSpec.cifar()), image.toPpm(), 0, 32);
    assertThat(evaluated).isEqualTo(image.pixels());
  }

  private static boolean isShiftOf(Image image, byte[] pixels) {
    for (int y = -4; y <= 4; y++) {
      for (int x = -4; x <= 4; x++) {
        if (Arrays.equals(PixelOps.cut(image, x, y, 32, 32).pixels(), pixels)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void brokenFilesAreReportedAsSuch() {
    SampleTransform transform = SampleTransforms.training(AugmentationSpec.imagenet(64));

    assertThatThrownBy(() -> run(transform, Golden.bytes("images/truncated.jpg"), 0, 64))
        .isInstanceOf(BrokenImageException.class)
        .hasMessage("the JPEG data end early");
  }

  @Test
  void mirroringWhileResizingIsMirroringAfterwards() {
    Image image = new ImageDecoder().decode(JPEG);
    Region region = new Region(5, 6, 51, 47);

    Image mirrored = Resampler.resize(image, region, 33, 33, Interpolation.BICUBIC, true);

    assertThat(mirrored.pixels())
        .isEqualTo(
            PixelOps.mirror(Resampler.resize(image, region, 33, 33, Interpolation.BICUBIC, false))
                .pixels());
  }
}
