package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.efficienttrain.images.Image;

/** Golden files and comparisons with them. PNGs are read by the JDK, not by what is tested. */
public final class Golden {
  private Golden() {}

  public static byte[] bytes(String path) {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + path)) {
      assertThat(in).as("golden file %s", path).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static JsonNode json(String path) {
    try {
      return new ObjectMapper().readTree(bytes(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Image png(String path) {
    try {
      BufferedImage in = ImageIO.read(new ByteArrayInputStream(bytes(path)));
      Image out = Image.black(in.getWidth(), in.getHeight());
      for (int i = 0; i < in.getWidth() * in.getHeight(); i++) {
        int rgb = in.getRGB(i % in.getWidth(), i / in.getWidth());
        out.pixels()[3 * i] = (byte) (rgb >> 16);
        out.pixels()[3 * i + 1] = (byte) (rgb >> 8);
        out.pixels()[3 * i + 2] = (byte) rgb;
      }
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A noisy image that depends on the seed alone. */
  public static Image noise(int width, int height, long seed) {
    Image image = Image.black(width, height);
    new java.util.Random(seed).nextBytes(image.pixels());
    return image;
  }

  /** The share of values that differ by at most {@code levels}. */
  public static double shareWithin(Image actual, Image expected, int levels) {
    assertThat(actual.width()).isEqualTo(expected.width());
    assertThat(actual.height()).isEqualTo(expected.height());
    int within = 0;
    for (int i = 0; i < actual.pixels().length; i++) {
      int difference = (actual.pixels()[i] & 0xFF) - (expected.pixels()[i] & 0xFF);
      within += Math.abs(difference) <= levels ? 1 : 0;
    }
    return (double) within / actual.pixels().length;
  }
}
