package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.efficienttrain.images.BrokenImageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class DecoderLinesTest {
  private static final byte[] SOUND = Golden.bytes("images/good.jpg");
  private static final String NOTE = "note: the decoder wrote this about ";

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

  @BeforeEach
  void catchStandardError() {
    System.setErr(new PrintStream(shown, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveStandardErrorBack() {
    System.setErr(before);
  }

  private static boolean decode(String name, byte[] file) {
    return DecoderLines.run(name, () -> new ImageDecoder().decode(file));
  }

  /** A JPEG that ends within its data, with an end marker all the same. */
  private static byte[] cut(byte[] jpeg) {
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length * 2 / 3);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    return cut;
  }

  private String shown() {
    return shown.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aFileThatLibjpegComplainsOfIsNamedOnce() {
    for (String kind : new String[] {"good", "gray", "cmyk", "progressive"}) {
      byte[] cut = cut(Golden.bytes("images/" + kind + ".jpg"));
      assertThat(decode("once/" + kind + ".jpg", cut)).as(kind).isTrue();
      assertThat(decode("once/" + kind + ".jpg", cut)).as(kind).isTrue();
    }
    assertThat(shown().lines())
        .containsExactly(
            NOTE + "once/good.jpg",
            NOTE + "once/gray.jpg",
            NOTE + "once/cmyk.jpg",
            NOTE + "once/progressive.jpg");
  }

  @Test
  void soundFilesAndThoseWithoutANameAreNot() {
    for (String name : FormatsTest.soundFiles().toList()) {
      assertThat(decode(name, Golden.bytes("formats/" + name))).as(name).isFalse();
    }
    new ImageDecoder().decode(cut(SOUND));
    assertThat(decode("after.jpg", SOUND)).isFalse();
    assertThat(shown()).isEmpty();
  }

  @Test
  void aBrokenFileIsNamedToo() {
    byte[] png = Golden.bytes("formats/rgb.png");
    int chunk = new String(png, StandardCharsets.ISO_8859_1).indexOf("IDAT");
    int length = ByteBuffer.wrap(png).getInt(chunk - 4);
    Arrays.fill(png, chunk + 20, chunk + 40, (byte) 0x55);
    CRC32 sum = new CRC32();
    sum.update(png, chunk, 4 + length);
    ByteBuffer.wrap(png).putInt(chunk + 4 + length, (int) sum.getValue());
    assertThatThrownBy(() -> decode("broken.png", png)).isInstanceOf(BrokenImageException.class);
    assertThat(shown().lines()).containsExactly(NOTE + "broken.png");
  }

  @Test
  void ofManyThreadsEachHearsItsOwn() {
    byte[] cut = cut(SOUND);
    IntStream.range(0, 400)
        .parallel()
        .forEach(
            i -> assertThat(decode("many/" + i, i % 7 == 0 ? cut : SOUND)).isEqualTo(i % 7 == 0));
    assertThat(shown().lines())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 400)
                .filter(i -> i % 7 == 0)
                .mapToObj(i -> NOTE + "many/" + i)
                .toList());
  }
}
