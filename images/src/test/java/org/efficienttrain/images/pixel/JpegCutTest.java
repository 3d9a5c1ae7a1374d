package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A cut JPEG decodes to the pixels of the whole one, to the last bit. */
class JpegCutTest {
  private static final int[] REDUCTIONS = {1, 2, 4, 8};

  private final ImageDecoder decoder = new ImageDecoder();

  /** Smooth colours with some noise, so that blocks are long and short, and dark and bright. */
  private static Image photograph(int width, int height) {
    Random random = new Random(width * 1000L + height);
    Image image = Image.black(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = (y * width + x) * Image.CHANNELS;
        int noise = x / 50 % 2 == 0 ? 0 : random.nextInt(60);
        image.pixels()[at] = (byte) (128 + 127 * Math.sin(x / 19.0 + y / 41.0));
        image.pixels()[at + 1] = (byte) (y * 195 / height + noise);
        image.pixels()[at + 2] = (byte) (x / 37 % 2 == y / 23 % 2 ? 250 : noise);
      }
    }
    return image;
  }

  private static byte[] jpeg(int width, int height, int... settings) {
    int[] all = Arrays.copyOf(settings, settings.length + 2);
    all[settings.length] = opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
    all[settings.length + 1] = 85;
    return OpenCv.encode(photograph(width, height), ".jpg", all);
  }

  private static Region draw(ImageHeader header, Random random) {
    int width = 1 + random.nextInt(header.width());
    int height = 1 + random.nextInt(header.height());
    return new Region(
        random.nextInt(header.width() - width + 1),
        random.nextInt(header.height() - height + 1),
        width,
        height);
  }

  /** How many of the drawn regions were cut; each of them has been compared. */
  private int compare(byte[] file, int draws) {
    Random random = new Random(7);
    ImageHeader header = decoder.header(file);
    int cuts = 0;
    for (int reduction : REDUCTIONS) {
      Image whole = decoder.decode(file, header, reduction);
      for (int i = 0; i < draws; i++) {
        Region region = draw(header, random);
        JpegCut cut = JpegCut.of(file, region, reduction);
        if (cut == null) {
          continue;
        }
        cuts++;
        ImageHeader size = decoder.header(cut.file());
        assertThat(size.width()).isEqualTo(cut.width());
        assertThat(size.height()).isEqualTo(cut.height());
        Image part = decoder.decode(cut.file(), size, reduction);
        assertThat(pixels(part, cut.region(), reduction))
            .as("%s at 1/%d", region, reduction)
            .isEqualTo(pixels(whole, region, reduction));
      }
    }
    return cuts;
  }

  /** What decoding and resizing a region reads of a reduced image. */
  private static byte[] pixels(Image reduced, Region region, int reduction) {
    int left = region.x() / reduction;
    int top = region.y() / reduction;
    int right = (region.x() + region.width() + reduction - 1) / reduction;
    int bottom = (region.y() + region.height() + reduction - 1) / reduction;
    return PixelOps.cut(reduced, left, top, right - left, bottom - top).pixels();
  }

  @ParameterizedTest
  @CsvSource({"0x111111", "0x211111", "0x121111", "0x221111", "0x411111"})
  void aCutDecodesToTheSamePixels(String sampling) {
    int factors = Integer.decode(sampling);
    for (int optimised = 0; optimised <= 1; optimised++) {
      for (int[] size : new int[][] {{333, 250}, {160, 160}, {97, 401}}) {
        byte[] file =
            jpeg(
                size[0],
                size[1],
                opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR,
                factors,
                opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE,
                optimised);
        assertThat(compare(file, 40)).isGreaterThan(optimised == 1 ? 30 : 60);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"good.jpg", "gray.jpg", "exif_rotated.jpg"})
  void goldenFilesAreCutAsWell(String name) {
    assertThat(compare(Golden.bytes("images/" + name), 100)).isGreaterThan(30);
  }

  @Test
  void otherKindsAreLeftToTheDecoder() {
    Region corner = new Region(0, 0, 40, 40);
    byte[] restarts = jpeg(200, 200, opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL, 3);
    byte[] progressive = jpeg(200, 200, opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE, 1);

    assertThat(JpegCut.of(jpeg(200, 200), corner, 1)).isNotNull();
    assertThat(JpegCut.of(jpeg(200, 200), new Region(0, 0, 190, 190), 1)).isNull();
    assertThat(JpegCut.of(restarts, corner, 1)).isNull();
    assertThat(JpegCut.of(progressive, corner, 1)).isNull();
    assertThat(JpegCut.of(Golden.bytes("images/cmyk.jpg"), corner, 1)).isNull();
  }

  /** Whatever is wrong with a file, cutting it neither fails nor changes what is decoded. */
  @Test
  void damageNeverShows() {
    byte[] whole = jpeg(150, 130);
    Random random = new Random(3);
    int cuts = 0;
    for (int i = 0; i < 1500; i++) {
      byte[] damaged = whole.clone();
      boolean header = i % 3 == 0;
      for (int k = 0; k < 3; k++) {
        int at = header ? 2 + random.nextInt(600) : 600 + random.nextInt(whole.length - 602);
        damaged[at] = (byte) random.nextInt(256);
      }
      try {
        cuts += compare(damaged, 1);
      } catch (BrokenImageException expected) {
        assertThat(expected).hasMessageMatching("[^\\n]+");
      }
    }
    assertThat(cuts).isPositive();
  }
}
