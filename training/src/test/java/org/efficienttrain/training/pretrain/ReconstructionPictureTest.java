package org.efficienttrain.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.efficienttrain.models.Hog;
import org.efficienttrain.training.pretrain.ReconstructionPicture.Example;
import org.junit.jupiter.api.Test;

/** Where things lie in the picture, and which way strokes point. */
class ReconstructionPictureTest {
  private static final int TILE = 160;
  private static final int STEP = 164;

  private static float[] plain(float value) {
    float[] out = new float[3 * 16 * 16];
    Arrays.fill(out, value);
    return out;
  }

  @Test
  void pixelsComeBackWhereTheyWereHidden() {
    boolean[] hidden = {true, false, false, false};
    BufferedImage picture =
        ReconstructionPicture.ofPixels(List.of(new Example(plain(-10), hidden, plain(10))), 16, 8);

    assertThat(picture.getWidth()).isEqualTo(3 * STEP + 4);
    assertThat(picture.getHeight()).isEqualTo(STEP + 4);
    int quarter = 4 + TILE / 4;
    assertThat(rgb(picture, quarter, quarter)).isEqualTo(0x000000); // the image is black
    assertThat(rgb(picture, STEP + quarter, quarter)).isEqualTo(0x9a9a9a); // hidden
    assertThat(rgb(picture, STEP + quarter + TILE / 2, quarter)).isEqualTo(0x000000);
    assertThat(rgb(picture, 2 * STEP + quarter, quarter)).isEqualTo(0xffffff); // comes back
    assertThat(rgb(picture, 2 * STEP + quarter + TILE / 2, quarter)).isEqualTo(0x000000);
  }

  private static int rgb(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }

  /** A gradient from left to right is an upright edge; one from top to bottom lies. */
  @Test
  void strokesLieAlongTheEdge() {
    Hog hog = new Hog(8, 8);
    for (int bin : new int[] {4, 0}) {
      float[] values = new float[4 * hog.size()];
      for (int patch = 0; patch < 4; patch++) {
        for (int channel = 0; channel < 3; channel++) {
          values[patch * hog.size() + channel * 9 + bin] = 1;
        }
      }
      BufferedImage picture =
          ReconstructionPicture.ofHistograms(
              List.of(new Example(plain(0), new boolean[] {true, false, false, false}, values)),
              16,
              hog);
      int centre = 2 * STEP + 4 + TILE / 4;
      int middle = 4 + TILE / 4;
      int along = 20;
      boolean upright = lit(picture, centre, middle + along);
      boolean lying = lit(picture, centre + along, middle);
      assertThat(upright).isEqualTo(bin == 4);
      // Bin 0 reaches from 0 to 20 degrees: its middle line falls a little.
      assertThat(lying || lit(picture, centre + along, middle - 4)).isEqualTo(bin == 0);
      assertThat(rgb(picture, centre, middle)).isEqualTo(0xffa040); // predicted
      assertThat(rgb(picture, centre + TILE / 2, middle)).isEqualTo(0xffffff); // seen
    }
  }

  private static boolean lit(BufferedImage picture, int x, int y) {
    for (int dx = -2; dx <= 2; dx++) {
      for (int dy = -2; dy <= 2; dy++) {
        if (rgb(picture, x + dx, y + dy) != 0) {
          return true;
        }
      }
    }
    return false;
  }
}
