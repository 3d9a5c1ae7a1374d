package org.efficienttrain.images.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.Datasets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedDatasetTest {
  private static final int IMAGES = 10;

  @Test
  void keepsFilesWithinItsBudgetAndReadsTheOthersAgain(@TempDir Path folder) throws Exception {
    Path cats = Files.createDirectories(folder.resolve("cat"));
    byte[] file = Image.black(6, 4).toPpm();
    for (int i = 0; i < IMAGES; i++) {
      Files.write(cats.resolve(i + ".ppm"), file);
    }
    ImageDataset dataset = Datasets.open(folder.toString(), Progress.NONE).get(0).dataset();
    long each = file.length + 16L;
    CachedDataset cache = new CachedDataset(dataset, 4 * each + 1);
    for (int i = 0; i < IMAGES; i++) {
      assertThat(cache.read(i)).isEqualTo(file);
    }
    assertThat(cache.fingerprint()).isEqualTo(dataset.fingerprint());

    byte[] other = Image.black(4, 6).toPpm();
    for (int i = 0; i < IMAGES; i++) {
      Files.write(cats.resolve(i + ".ppm"), other);
    }
    for (int i = 0; i < IMAGES; i++) {
      assertThat(cache.read(i)).isEqualTo(i < 4 ? file : other);
    }
  }
}
