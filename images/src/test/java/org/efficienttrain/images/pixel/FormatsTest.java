package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.efficienttrain.images.pixel.Golden.shareWithin;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sound files of every format and of every kind that Pillow 13 writes of it, in {@code
 * golden/formats}; beside each lies {@code NAME.ppm}, what Pillow's {@code convert("RGB")} makes of
 * it.
 */
class FormatsTest {
  /** Whose products OpenCV rounds down and Pillow to nearest. */
  private static final Set<String> ROUNDED = Set.of("cmyk.jpg", "cmyk_progressive.jpg");

  private final ImageDecoder decoder = new ImageDecoder();

  static Stream<String> soundFiles() {
    List<String> names = Golden.names("formats");
    return names.stream().filter(name -> names.contains(name + ".ppm"));
  }

  @ParameterizedTest
  @MethodSource("soundFiles")
  void soundFilesDecodeToPillowsPixels(String name) {
    Image expected = decoder.decode(Golden.bytes("formats/" + name + ".ppm"));
    Image actual = decoder.decode(Golden.bytes("formats/" + name));
    if (ROUNDED.contains(name)) {
      assertThat(shareWithin(actual, expected, 1)).isEqualTo(1);
    } else {
      assertThat(actual.pixels()).isEqualTo(expected.pixels());
    }
  }

  @Test
  void allFormatsAreThere() {
    Set<ImageHeader.Format> formats = Set.of(ImageHeader.Format.values());
    assertThat(soundFiles().map(name -> ImageHeader.read(Golden.bytes("formats/" + name)).format()))
        .containsAll(formats.stream().filter(format -> format != ImageHeader.Format.PPM).toList());
  }

  /** An encoder spends as little as it can on one colour: the bounds must not be tighter. */
  @ParameterizedTest
  @ValueSource(strings = {"flat_gray_opt.jpg", "flat.webp", "flat.gif", "flat.png"})
  void largeImagesOfOneColourAreSound(String name) {
    Image image = decoder.decode(Golden.bytes("formats/" + name));
    assertThat(image.width()).isEqualTo(3000);
    assertThat(image.height()).isEqualTo(2600);
    assertThat(image.get(2999, 2599, 1)).isEqualTo(image.get(0, 0, 1)).isBetween(198, 202);
  }

  /** What follows the first image of an animation does not matter. */
  @ParameterizedTest
  @MethodSource("soundFiles")
  void aFileCutAnywhereIsBroken(String name) {
    byte[] whole = Golden.bytes("formats/" + name);
    int step = Math.max(1, whole.length / 40);
    for (int length = 1; length < whole.length * 7 / 8; length += step) {
      byte[] part = Arrays.copyOf(whole, length);
      if (name.startsWith("two") && length > whole.length / 2 - step) {
        return;
      }
      assertThatThrownBy(() -> decoder.decode(part))
          .as("%s cut to %d of %d bytes", name, length, whole.length)
          .isInstanceOf(BrokenImageException.class);
    }
  }

  /** Walking over strips must not take longer than the file is long, however they lie. */
  @Test
  void stripsThatOverlapAreRefused() {
    int strips = 100_000;
    int data = 2_000_000; // 200 GB to walk over
    ByteBuffer file =
        ByteBuffer.allocate(8 + 2 + 12 * 6 + 4 + 8 * strips + data).order(ByteOrder.LITTLE_ENDIAN);
    int tables = 8 + 2 + 12 * 6 + 4;
    file.put("II*\0".getBytes(StandardCharsets.ISO_8859_1)).putInt(8).putShort((short) 6);
    int[][] fields = {
      {256, 4, 1, 10}, {257, 4, 1, strips}, {259, 3, 1, 32773},
      {273, 4, strips, tables}, {278, 4, 1, 1}, {279, 4, strips, tables + 4 * strips}
    };
    for (int[] field : fields) {
      file.putShort((short) field[0]).putShort((short) field[1]).putInt(field[2]).putInt(field[3]);
    }
    file.putInt(0);
    for (int i = 0; i < strips; i++) {
      file.putInt(tables + 4 * i, tables + 8 * strips);
      file.putInt(tables + 4 * (strips + i), data);
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () ->
            assertThatThrownBy(() -> decoder.decode(file.array()))
                .hasMessage("the TIFF strips or tiles overlap"));
  }
}
