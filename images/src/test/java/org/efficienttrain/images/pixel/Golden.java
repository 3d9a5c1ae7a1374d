package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
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

  /** Names of the golden files of a folder, in their order. */
  public static List<String> names(String folder) {
    try (Stream<Path> files =
        Files.list(Path.of(Golden.class.getResource("/golden/" + folder).toURI()))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A sound PNG of one gray level, made in little memory. */
  public static byte[] flatPng(int width, int height) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflated = new DeflaterOutputStream(data)) {
      for (int y = 0; y < height; y++) {
        deflated.write(new byte[1 + width]);
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8);
    writeChunk(file, "IHDR", header.array());
    writeChunk(file, "IDAT", data.toByteArray());
    writeChunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void writeChunk(ByteArrayOutputStream file, String name, byte[] data)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length);
    chunk.put(name.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, 4 + data.length);
    file.write(chunk.putInt((int) sum.getValue()).array());
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
