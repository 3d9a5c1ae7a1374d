package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * A small dataset and a network trained on it for a few seconds, once for all tests that use it.
 */
final class TinyRun {
  static final int SIDE = 16;
  static final int VALIDATION = 24;

  private static Path folder;

  private TinyRun() {}

  /** {@code data} with train and val, and {@code run}. */
  static synchronized Path folder() throws IOException {
    if (folder == null) {
      folder = Files.createTempDirectory("tiny-run");
      Runtime.getRuntime().addShutdownHook(new Thread(TinyRun::delete));
      paint("train", 40);
      paint("val", VALIDATION / 2);
      train();
    }
    return folder;
  }

  static Path run() throws IOException {
    return folder().resolve("run");
  }

  static Path data() throws IOException {
    return folder().resolve("data");
  }

  /** An image of the validation part. */
  static Path image(String name, int i) throws IOException {
    return data().resolve("val").resolve(name).resolve(i + ".png");
  }

  private static void paint(String part, int each) throws IOException {
    for (String name : List.of("blue", "red")) {
      Path images = Files.createDirectories(folder.resolve("data").resolve(part).resolve(name));
      for (int i = 0; i < each; i++) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        int other = i * 255 / each; // some blue images are nearly red, and the other way round
        g.setColor(name.equals("red") ? new Color(180, 30, other) : new Color(other, 30, 180));
        g.fillRect(0, 0, SIDE, SIDE);
        g.setColor(Color.GRAY);
        g.fillRect(i % 8, i % 5, 6, 4);
        g.dispose();
        ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
      }
    }
  }

  private static void train() {
    CommandLineTest.Result result =
        CommandLineTest.run(
            "train",
            "--data=" + folder.resolve("data"),
            "--model=resnet20_cifar",
            "--image-size=" + SIDE,
            "--epochs=4",
            "--batch-size=16",
            "--precision=fp32",
            "--out=" + folder.resolve("run"));
    assertThat(result.code()).as(result.err()).isZero();
  }

  private static void delete() {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      // It lies in the folder for temporary files.
    }
  }
}
