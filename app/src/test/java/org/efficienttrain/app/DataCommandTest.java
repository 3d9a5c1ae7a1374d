package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.efficienttrain.images.Image;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
  private static final int EACH = 4;

  @TempDir Path folder;
  private Path photos;

  @BeforeEach
  void writePhotos() throws IOException {
    photos = folder.resolve("photos");
    for (String part : new String[] {"train", "val"}) {
      for (String name : new String[] {"cat", "dog"}) {
        Path images = Files.createDirectories(photos.resolve(part).resolve(name));
        for (int i = 0; i < EACH; i++) {
          Files.write(images.resolve(i + ".ppm"), Image.black(20, 10).toPpm());
        }
      }
    }
    Files.writeString(photos.resolve("val/dog/text.jpg"), "this is no image");
  }

  private CommandLineTest.Result data(String command, Path where, String... more) {
    String[] args = new String[3 + more.length];
    args[0] = "data";
    args[1] = command;
    args[2] = where.toString();
    System.arraycopy(more, 0, args, 3, more.length);
    return CommandLineTest.run(args);
  }

  @Test
  void inspectReportsBothPartsAndDrawsThem() throws IOException {
    Path out = folder.resolve("inspected");
    CommandLineTest.Result result = data("inspect", photos, "--out", out.toString());
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("8 images in 2 classes, 8 checked", "9 images in 2 classes", "PPM 8", "4 cat")
        .contains("broken: dog/text.jpg");
    assertThat(out.resolve("train-contact-sheet.png")).isNotEmptyFile();
    assertThat(out.resolve("val-contact-sheet.png")).isNotEmptyFile();
    assertThat(out.resolve("val-broken.tsv")).content().contains("dog/text.jpg");
    assertThat(out.resolve("train-broken.tsv")).doesNotExist();
  }

  @Test
  void imagesNeedNoLabelsToBeInspectedAndPacked() throws IOException {
    Path loose = Files.createDirectories(folder.resolve("loose/deep"));
    for (int i = 0; i < EACH; i++) {
      Files.write(loose.resolve(i + ".ppm"), Image.black(20, 10).toPpm());
    }
    Path pack = folder.resolve("loose.etpack");
    assertThat(data("pack", loose, "--out", pack.toString()).code()).isZero();
    for (Path where : new Path[] {loose, loose.getParent(), pack}) {
      CommandLineTest.Result result =
          data("inspect", where, "--out", folder.resolve("inspected").toString());
      assertThat(result.code()).isZero();
      assertThat(result.out()).contains("4 images without labels, 4 checked");
    }
  }

  @Test
  void packMakesADatasetOfBothPartsThatInspectReads() {
    Path packs = folder.resolve("packed");
    CommandLineTest.Result result =
        data("pack", photos, "--out", packs.toString(), "--side", "8", "--quality", "95");
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("train.etpack: 8 images", "val.etpack: 8 images", "1 broken");
    CommandLineTest.Result again =
        data("inspect", packs, "--out", folder.resolve("inspected").toString());
    assertThat(again.out()).contains("8 images in 2 classes", "JPEG 8");
    assertThat(again.out()).containsPattern("height +8 +8 +8");
  }

  @Test
  void mistakesAreOneSentenceAndCodeTwo() throws IOException {
    Files.createDirectories(photos.resolve("train/Cat"));
    Files.write(photos.resolve("train/Cat/1.ppm"), Image.black(20, 10).toPpm());
    assertMistake(data("inspect", photos, "--out", folder.toString()), "differ only in case");
    assertMistake(data("pack", photos, "--side", "3"), "at least 8");
    assertMistake(data("pack", folder.resolve("absent")), "does not exist");
    assertMistake(data("fetch", Path.of("mnist")), "choose one of cifar10");
  }

  private static void assertMistake(CommandLineTest.Result result, String hint) {
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(hint).doesNotContain("\tat ");
    assertThat(result.err().strip().lines().count()).isEqualTo(1);
  }
}
