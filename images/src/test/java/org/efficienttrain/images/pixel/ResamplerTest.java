package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.efficienttrain.images.Image;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pillow's bytes are held by the golden files; these images are larger than those. */
class ResamplerTest {
  private static final int WIDTH = 37;
  private static final int NARROW = 19;
  private static final int PIECE = 250;

  /** Resized across alone, no row knows of another: all together are as a few at a time. */
  @ParameterizedTest
  @CsvSource({"1000, false", "1024, true", "1031, false", "2500, true"})
  void tallImagesAreAsTheirPieces(int height, boolean mirror) {
    Image image = Image.black(WIDTH, height);
    new Random(height).nextBytes(image.pixels());
    Image whole =
        Resampler.resize(
            image, Region.whole(WIDTH, height), NARROW, height, Interpolation.BICUBIC, mirror);

    for (int top = 0; top < height; top += PIECE) {
      int rows = Math.min(PIECE, height - top);
      Image piece =
          Resampler.resize(
              image, new Region(0, top, WIDTH, rows), NARROW, rows, Interpolation.BICUBIC, mirror);
      int rowBytes = NARROW * Image.CHANNELS;
      assertThat(Arrays.copyOfRange(whole.pixels(), top * rowBytes, (top + rows) * rowBytes))
          .isEqualTo(piece.pixels());
    }
  }
}
