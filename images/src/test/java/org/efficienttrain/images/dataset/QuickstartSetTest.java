package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.junit.jupiter.api.Test;

class QuickstartSetTest {
  private static final ImageDataset SMALL = QuickstartSet.painted("train", 0, 40);

  @Test
  void hasTenBalancedClassesOfShapeAndTexture() {
    assertThat(SMALL.classes())
        .hasSize(10)
        .contains("striped-disk", "dotted-disk", "striped-cross", "dotted-star");
    int[] counts = new int[10];
    for (int i = 0; i < 40; i++) {
      counts[SMALL.label(i)]++;
      assertThat(SMALL.name(i)).contains(SMALL.classes().get(SMALL.label(i)));
    }
    assertThat(counts).containsOnly(4);
  }

  /** The same bytes on every machine and JDK: measured once, held for good. */
  @Test
  void paintsTheSameBytesEverywhere() {
    CRC32 crc = new CRC32();
    for (int i = 0; i < 40; i++) {
      crc.update(SMALL.read(i));
    }
    assertThat(HexFormat.of().toHexDigits((int) crc.getValue())).isEqualTo("4f446f73");
  }

  @Test
  void imagesDiffer() {
    Image first = QuickstartSet.paint(0, 0, 0);
    assertThat(first.width()).isEqualTo(48);
    assertThat(first.height()).isEqualTo(48);
    assertThat(QuickstartSet.paint(0, 0, 0).pixels()).isEqualTo(first.pixels());
    assertThat(QuickstartSet.paint(0, 1, 0).pixels()).isNotEqualTo(first.pixels());
    assertThat(QuickstartSet.paint(0, 0, 10).pixels()).isNotEqualTo(first.pixels());
  }

  /** Neither the mean colour nor the spread of an image may give its class away. */
  @Test
  void simpleStatisticsDoNotTellTheClasses() {
    double[] means = new double[10];
    double[] spreads = new double[10];
    int each = 300;
    for (int i = 0; i < 10 * each; i++) {
      byte[] pixels = QuickstartSet.paint(i % 10, 0, i).pixels();
      double sum = 0;
      double squares = 0;
      for (byte pixel : pixels) {
        sum += pixel & 0xFF;
        squares += (pixel & 0xFF) * (pixel & 0xFF);
      }
      double mean = sum / pixels.length;
      means[i % 10] += mean / each;
      spreads[i % 10] += Math.sqrt(squares / pixels.length - mean * mean) / each;
    }
    assertThat(range(means)).isLessThan(15);
    assertThat(range(spreads)).isLessThan(7);
  }

  private static double range(double[] values) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return high - low;
  }

  @Test
  void theOutlinesCoverAboutTheSameArea() {
    for (QuickstartShape shape : QuickstartShape.values()) {
      int inside = 0;
      double furthest = 0;
      for (int y = -150; y <= 150; y++) {
        for (int x = -150; x <= 150; x++) {
          if (shape.distance(x / 100.0, y / 100.0) < 0) {
            inside++;
            furthest = Math.max(furthest, Math.hypot(x, y) / 100.0);
          }
        }
      }
      assertThat(inside / 10_000.0).as(shape.name()).isBetween(1.6, 2.5);
      assertThat(furthest).as(shape.name()).isLessThan(1.3);
    }
  }

  @Test
  void bothTexturesUseAsMuchOfEachPaint() {
    for (QuickstartTexture texture : QuickstartTexture.values()) {
      double sum = 0;
      for (int i = 0; i < 10_000; i++) {
        sum += texture.paint(i % 100 / 100.0, Math.floorDiv(i, 100) / 100.0, 8);
      }
      assertThat(sum / 10_000).as(texture.name()).isBetween(0.47, 0.53);
    }
  }

  @Test
  void isKeptInTheCacheAndPaintedAgainWhenDamaged(@org.junit.jupiter.api.io.TempDir Path cache)
      throws Exception {
    Path file = cache.resolve("part.etpack");
    ImageDataset first = QuickstartSet.cached(file, SMALL, (what, done, total) -> {});
    assertThat(first.read(7)).isEqualTo(SMALL.read(7));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, 1000));
    ImageDataset again = QuickstartSet.cached(file, SMALL, (what, done, total) -> {});
    assertThat(again.read(39)).isEqualTo(SMALL.read(39));
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    long time = Files.getLastModifiedTime(file).toMillis();
    QuickstartSet.cached(
        file,
        SMALL,
        (what, done, total) -> {
          throw new AssertionError("painted a second time");
        });
    assertThat(Files.getLastModifiedTime(file).toMillis()).isEqualTo(time);
  }
}
