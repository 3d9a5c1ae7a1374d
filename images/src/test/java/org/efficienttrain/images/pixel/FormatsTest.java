package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.efficienttrain.images.pixel.Golden.shareWithin;

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
}
