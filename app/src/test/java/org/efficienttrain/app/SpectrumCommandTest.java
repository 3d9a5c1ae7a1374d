package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpectrumCommandTest {
  @TempDir Path folder;
  private Path photo;

  @BeforeEach
  void draw() throws IOException {
    BufferedImage image = new BufferedImage(90, 60, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int y = 0; y < 60; y++) {
      for (int x = 0; x < 90; x++) {
        image.setRGB(x, y, 0x404040 + random.nextInt(0x808080));
      }
    }
    photo = folder.resolve("photo.png");
    ImageIO.write(image, "png", photo.toFile());
  }

  @Test
  void drawsImagesAndAnAnimation() throws IOException {
    Path png = folder.resolve("s.png");
    Path gif = folder.resolve("s.gif");
    int code =
        Main.execute(
            "spectrum",
            photo.toString(),
            photo.toString(),
            "--image-size",
            "64",
            "--out",
            png.toString(),
            "--gif",
            gif.toString(),
            "--seconds",
            "2");
    assertThat(code).isZero();
    BufferedImage still = ImageIO.read(png.toFile());
    // Image, spectrum, and the crops of 32, 48 and 64 pixels, with gaps of 16; two rows.
    assertThat(still.getWidth()).isEqualTo(16 + 2 * 80 + 48 + 64 + 80);
    assertThat(still.getHeight()).isEqualTo(16 + 2 * (64 + 40 + 16));
    try (ImageInputStream in = ImageIO.createImageInputStream(gif.toFile())) {
      ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
      reader.setInput(in);
      assertThat(reader.getNumImages(true)).isEqualTo(10);
      assertThat(reader.getWidth(0)).isEqualTo(16 + 3 * 80);
    }
  }

  @Test
  void whatCannotBeDrawnIsAUsersError() throws IOException {
    Path text = Files.writeString(folder.resolve("a.jpg"), "no image");
    String out = folder.resolve("s.png").toString();
    assertThat(Main.execute("spectrum", text.toString(), "--out", out)).isEqualTo(2);
    assertThat(Main.execute("spectrum", folder + "/no.jpg", "--out", out)).isEqualTo(2);
    assertThat(Main.execute("spectrum", photo.toString(), "--out", folder + "/s.bmp")).isEqualTo(2);
    assertThat(Main.execute("spectrum", photo.toString(), "--out", out, "--image-size", "9"))
        .isEqualTo(2);
  }
}
