package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.efficienttrain.images.pixel.Golden.shareWithin;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.pixel.ImageHeader.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private final ImageDecoder decoder = new ImageDecoder();

  private static byte[] file(String name) {
    return Golden.bytes("images/" + name);
  }

  private void assertBroken(byte[] file, Reason reason) {
    assertThatThrownBy(() -> decoder.decode(file))
        .isInstanceOfSatisfying(
            BrokenImageException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  /** {@code pillow/NAME.ppm} is what Pillow's convert("RGB") makes of the file. */
  @ParameterizedTest
  @CsvSource({
    "alpha.png,PNG",
    "cmyk.jpg,JPEG",
    "exif_rotated.jpg,JPEG",
    "good.jpg,JPEG",
    "gray.jpg,JPEG",
    "gray16.png,PNG",
    "palette.png,PNG",
    "png_named.jpg,PNG",
    "progressive.jpg,JPEG",
    "webp.webp,WEBP"
  })
  void soundFilesDecodeToPillowsPixels(String name, Format format) {
    byte[] file = file(name);
    Image expected = decoder.decode(Golden.bytes("pillow/" + name + ".ppm"));

    assertThat(ImageHeader.read(file))
        .extracting(ImageHeader::format, ImageHeader::width, ImageHeader::height)
        .containsExactly(format, 96, 96);
    Image actual = decoder.decode(file);
    assertThat(shareWithin(actual, expected, 1)).isEqualTo(1);
    if (!name.equals("cmyk.jpg")) { // whose products OpenCV rounds down and Pillow to nearest
      assertThat(actual.pixels()).isEqualTo(expected.pixels());
    }
  }

  @Test
  void emptyTextAndTruncatedFilesAreNamedAsSuch() {
    assertBroken(file("empty.jpg"), Reason.EMPTY);
    assertBroken(file("text.jpg"), Reason.UNKNOWN_FORMAT);
    assertBroken(file("truncated.jpg"), Reason.TRUNCATED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"good.jpg", "progressive.jpg", "cmyk.jpg", "exif_rotated.jpg"})
  void aJpegCutAnywhereIsBroken(String name) {
    byte[] whole = file(name);
    for (int length = 1; length < whole.length; length += 37) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> decoder.decode(part)).isInstanceOf(BrokenImageException.class);
    }
    assertBroken(Arrays.copyOf(whole, whole.length - 1), Reason.TRUNCATED);
    assertBroken(Arrays.copyOf(whole, whole.length - 2), Reason.TRUNCATED);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 64})
  void aJpegWithoutDataIsBroken(int side) {
    byte[] whole = ImageEncoder.jpeg(Golden.noise(side, side, 1), 90);
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    int scan = text.indexOf("\u00FF\u00DA");
    int data = scan + 2 + 2 + 1 + 2 * Image.CHANNELS + 3;
    byte[] empty = Arrays.copyOf(whole, data + 2);
    empty[data] = (byte) 0xFF;
    empty[data + 1] = (byte) 0xD9;
    assertBroken(empty, Reason.TRUNCATED);
  }

  /** Each scan is a pass over all blocks: 25 of 169 megapixels, a hundred of few. */
  @Test
  void theLargerAJpegTheFewerItsScans() {
    assertThat(ImageHeader.read(progressive(13_000, 25)).width()).isEqualTo(13_000);
    assertThatThrownBy(() -> ImageHeader.read(progressive(13_000, 26)))
        .isInstanceOf(BrokenImageException.class)
        .hasMessageContaining("more than 25 scans");
    assertThat(ImageHeader.read(progressive(2000, 100)).width()).isEqualTo(2000);
    assertThatThrownBy(() -> ImageHeader.read(progressive(2000, 101)))
        .isInstanceOf(BrokenImageException.class)
        .hasMessageContaining("more than 100 scans");
  }

  /** A file with its last scan as often as it takes, and 40 kB of zeros behind each. */
  private static byte[] progressive(int side, int scans) {
    byte[] whole = file("progressive.jpg");
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    int frame = text.indexOf("\u00FF\u00C2");
    for (int i = 5; i < 9; i += 2) {
      whole[frame + i] = (byte) (side >> 8);
      whole[frame + i + 1] = (byte) side;
    }
    int last = text.lastIndexOf("\u00FF\u00DA");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Arrays.copyOf(whole, last));
    for (int n = text.substring(0, last).split("\u00FF\u00DA", -1).length; n <= scans; n++) {
      out.writeBytes(Arrays.copyOfRange(whole, last, whole.length - 2));
      out.writeBytes(new byte[40_000]);
    }
    out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD9});
    return out.toByteArray();
  }

  @Test
  void bytesBehindTheEndOfAJpegDoNotMatter() {
    byte[] whole = file("good.jpg");
    byte[] padded = Arrays.copyOf(whole, whole.length + 100);

    assertThat(decoder.decode(padded).pixels()).isEqualTo(decoder.decode(whole).pixels());
  }

  @ParameterizedTest
  @ValueSource(strings = {"alpha.png", "palette.png", "webp.webp"})
  void otherFormatsCutInHalfAreBroken(String name) {
    byte[] whole = file(name);

    assertThatThrownBy(() -> decoder.decode(Arrays.copyOf(whole, whole.length / 2)))
        .isInstanceOf(BrokenImageException.class);
  }

  @Test
  void theSizeIsCheckedBeforeAnythingIsDecoded() {
    assertBroken(file("bomb.png"), Reason.TOO_LARGE);
    assertThatThrownBy(() -> decoder.decode(file("bomb.png")))
        .hasMessage("the image has 60000 x 60000 pixels, more than the limit of 178956970");
    assertThatThrownBy(() -> new ImageDecoder(96 * 96 - 1).decode(file("good.jpg")))
        .isInstanceOf(BrokenImageException.class);
    assertThat(new ImageDecoder(96 * 96).decode(file("good.jpg")).width()).isEqualTo(96);
  }

  @ParameterizedTest
  @CsvSource({"1,96", "2,48", "4,24", "8,12"})
  void aReducedJpegResemblesTheResizedOne(int reduction, int side) {
    byte[] file = file("good.jpg");

    Image actual = decoder.decode(file, decoder.header(file), reduction);

    Image resized = Resampler.resize(decoder.decode(file), side, side, Interpolation.BILINEAR);
    assertThat(actual.width()).isEqualTo(side);
    assertThat(shareWithin(actual, resized, 24)).isGreaterThan(0.95);
  }

  @Test
  void regionsAreDecodedAtTheSmallestScaleThatCovers() {
    byte[] file = file("good.jpg");
    ImageHeader header = decoder.header(file);
    Region region = new Region(11, 7, 71, 80);
    Image full =
        Resampler.resize(decoder.decode(file), region, 32, 32, Interpolation.BICUBIC, true);

    Image reduced = decoder.decodeResized(file, header, region, 32, Interpolation.BICUBIC, true);
    Image exact = decoder.decodeResized(file, header, region, 36, Interpolation.BICUBIC, true);

    assertThat(reduced.pixels()).isNotEqualTo(full.pixels());
    assertThat(shareWithin(reduced, full, 24)).isGreaterThan(0.95);
    assertThat(exact.pixels())
        .isEqualTo(
            Resampler.resize(decoder.decode(file), region, 36, 36, Interpolation.BICUBIC, true)
                .pixels());
  }

  @Test
  void pixmapsRoundTrip() {
    Image image = Golden.noise(7, 5, 1);

    assertThat(decoder.decode(image.toPpm()).pixels()).isEqualTo(image.pixels());
    assertBroken(Arrays.copyOf(image.toPpm(), 60), Reason.TRUNCATED);
    assertBroken("P6\n3 -1\n255\n".getBytes(StandardCharsets.US_ASCII), Reason.CORRUPT);
  }

  /** Headers of hostile files: whatever the bytes, a BrokenImageException or a size. */
  @Test
  void noBytesMakeTheHeaderReaderFailOtherwise() {
    Random random = new Random(5);
    for (String name : new String[] {"good.jpg", "alpha.png", "webp.webp"}) {
      byte[] whole = file(name);
      for (int i = 0; i < 2000; i++) {
        byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(400));
        for (int k = 0; k < 4; k++) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        try {
          assertThat(ImageHeader.read(damaged).pixels()).isPositive();
        } catch (BrokenImageException expected) {
          assertThat(expected).hasMessageMatching("[^\\n]+");
        }
      }
    }
  }
}
