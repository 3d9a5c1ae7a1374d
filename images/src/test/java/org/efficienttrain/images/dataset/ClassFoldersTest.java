package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassFoldersTest {
  @TempDir Path root;

  private void write(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
  }

  private ImageDataset open() {
    return Datasets.open(root.toString(), Progress.NONE).get(0).dataset();
  }

  private AbstractThrowableAssert<?, ?> assertRefused() {
    return assertThatThrownBy(this::open)
        .isExactlyInstanceOf(ImageException.class)
        .hasMessageNotContaining("\n");
  }

  private static List<String> names(ImageDataset dataset) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < dataset.size(); i++) {
      names.add(dataset.name(i));
    }
    return names;
  }

  @Test
  void classesAndFilesAreInTheOrderOfTheirNames() throws IOException {
    write("dog/b.JPEG");
    write("dog/a/deep/er/z.png");
    write("cat/2.webp");
    write("cat/10.jpg");
    write("Zebra/1.bmp");
    write("dog/notes.txt");
    write("dog/.hidden.jpg");
    write("cat/.thumbnails/1.jpg");
    write(".git/x/1.jpg");
    write("readme.md");
    ImageDataset dataset = open();
    assertThat(dataset.classes()).containsExactly("Zebra", "cat", "dog");
    assertThat(names(dataset))
        .containsExactly(
            "Zebra/1.bmp", "cat/10.jpg", "cat/2.webp", "dog/a/deep/er/z.png", "dog/b.JPEG");
    assertThat(dataset.label(0)).isZero();
    assertThat(dataset.label(4)).isEqualTo(2);
    assertThat(dataset.read(3)).asString().isEqualTo("dog/a/deep/er/z.png");
  }

  @Test
  void theFingerprintTellsOneDatasetFromAnother() throws IOException {
    write("cat/1.jpg");
    write("dog/1.jpg");
    String before = open().fingerprint();
    assertThat(before).matches("[0-9a-f]{64}").isEqualTo(open().fingerprint());
    write("dog/2.jpg");
    String more = open().fingerprint();
    Files.writeString(root.resolve("dog/2.jpg"), "other length");
    assertThat(List.of(before, more, open().fingerprint())).doesNotHaveDuplicates();
  }

  @Test
  void anEmptyOrMissingFolderIsOneSentence() throws IOException {
    assertRefused().hasMessage("the folder " + root + " is empty");
    Files.createDirectory(root.resolve("cat"));
    assertRefused()
        .hasMessage(
            "the class folder %s holds no images: add some, or remove it", root.resolve("cat"));
    root = root.resolve("nowhere");
    assertRefused().hasMessage("there is no dataset at " + root + ": it does not exist");
  }

  @Test
  void imagesWithoutClassFoldersAreOneSentence() throws IOException {
    write("1.jpg");
    assertRefused()
        .hasMessageContaining("holds images without labels")
        .hasMessageContaining("./et pretrain");
  }

  @Test
  void aFolderOfOnePartIsNoClass() throws IOException {
    write("test/cat/1.jpg");
    assertRefused()
        .hasMessage(
            "%s holds test, a part of a dataset rather than a class: name %s itself",
            root, root.resolve("test"));
    write("val/cat/1.jpg");
    assertRefused().hasMessageContaining("holds test and val, a part of a dataset");
  }

  @Test
  void classesThatDifferOnlyInCaseAreOneSentence() throws IOException {
    write("cat/1.jpg");
    write("Cat/1.jpg");
    assertRefused().hasMessageContaining("two classes that differ only in case, Cat and cat");
  }

  @Test
  void linksAreFollowedButNotInCircles(@TempDir Path elsewhere) throws IOException {
    write("cat/1.jpg");
    write("dog/1.jpg");
    Files.writeString(elsewhere.resolve("9.jpg"), "linked");
    Files.createSymbolicLink(root.resolve("cat/more"), elsewhere);
    Files.createSymbolicLink(root.resolve("cat/0.jpg"), root.resolve("gone.jpg"));
    ImageDataset dataset = open();
    assertThat(names(dataset))
        .containsExactly("cat/0.jpg", "cat/1.jpg", "cat/more/9.jpg", "dog/1.jpg");
    assertThatThrownBy(() -> dataset.read(0)).isInstanceOf(BrokenImageException.class);
    assertThat(dataset.read(2)).asString().isEqualTo("linked");

    Files.createSymbolicLink(root.resolve("dog/again"), root);
    assertRefused().hasMessageContaining("dog/again leads back to a folder above it");
    Files.delete(root.resolve("dog/again"));
    Files.createSymbolicLink(root.resolve("loop"), root);
    assertRefused().hasMessageContaining("loop leads back to a folder above it");
  }

  @Test
  void linksThatLeadToThemselvesAreNamedAsSuch() throws IOException {
    write("cat/1.jpg");
    for (String name : List.of("dog", "cat/more", "cat/2.jpg")) {
      Path link = root.resolve(name);
      Files.createSymbolicLink(link, link);
      assertRefused().hasMessage("the symbolic link %s leads in a circle: remove it", link);
      Files.delete(link);
    }
    Path there = root.resolve("there");
    Path back = root.resolve("back");
    Files.createSymbolicLink(there, back);
    Files.createSymbolicLink(back, there);
    root = there;
    assertRefused().hasMessage("the symbolic link %s leads in a circle: remove it", there);
  }

  @Test
  void aFileThatGoesAwayIsABrokenSample() throws IOException {
    write("cat/1.jpg");
    ImageDataset dataset = open();
    Files.delete(root.resolve("cat/1.jpg"));
    assertThatThrownBy(() -> dataset.read(0))
        .isInstanceOf(BrokenImageException.class)
        .hasMessageContaining("cannot be read");
  }
}
