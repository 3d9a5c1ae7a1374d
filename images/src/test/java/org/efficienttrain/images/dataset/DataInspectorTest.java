package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.pixel.Golden;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.ImageEncoder;
import org.efficienttrain.images.pixel.ImageHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class DataInspectorTest {
  @TempDir Path folder;

  private ImageDataset open(Map<String, byte[]> more) throws IOException {
    Map<String, byte[]> files = DatasetForms.images("");
    files.putAll(more);
    DatasetForms.writeFiles(folder, files);
    return Datasets.open(folder.toString(), Progress.NONE).get(0).dataset();
  }

  private static Map<String, byte[]> more() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("cat/large.png", ImageEncoder.png(Image.black(300, 20)));
    files.put("dog/empty.jpg", new byte[0]);
    files.put("dog/text.jpg", "this is no image".getBytes(StandardCharsets.US_ASCII));
    return files;
  }

  @Test
  void reportsClassesSizesAndBrokenFiles() throws IOException {
    Inspection inspection =
        new DataInspector(open(more()), new ImageDecoder()).inspect(1_000, Progress.NONE);
    assertThat(inspection.images()).isEqualTo(13);
    assertThat(inspection.checked()).isEqualTo(13);
    assertThat(inspection.classes()).containsExactly("cat", "dog");
    assertThat(inspection.counts()).containsExactly(6, 7);
    assertThat(inspection.widths()).isEqualTo(new Inspection.Spread(6, 6, 300));
    assertThat(inspection.heights()).isEqualTo(new Inspection.Spread(4, 4, 20));
    assertThat(inspection.formats())
        .containsExactly(
            Map.entry(ImageHeader.Format.PNG, 1), Map.entry(ImageHeader.Format.PPM, 10));
    assertThat(inspection.broken().byReason())
        .containsExactly(Map.entry(Reason.EMPTY, 1), Map.entry(Reason.UNKNOWN_FORMAT, 1));
  }

  @Test
  void checksAsManyAsAsked() throws IOException {
    Inspection inspection =
        new DataInspector(open(Map.of()), new ImageDecoder()).inspect(3, Progress.NONE);
    assertThat(inspection.checked()).isEqualTo(3);
    assertThat(inspection.images()).isEqualTo(10);
  }

  @Test
  void drawsARowForEachClass() throws IOException {
    byte[] png = new DataInspector(open(more()), new ImageDecoder()).contactSheet();
    Image sheet = new ImageDecoder().decode(png);
    assertThat(sheet.height()).isEqualTo(2 * 100 + 4);
    assertThat(sheet.width()).isEqualTo(10 * 100 + 4);
    assertThat(sheet.get(0, 0, 0)).isEqualTo(0xF4); // paper
    // The last cat is black and very wide: its tile is 96 x 6 in the middle of its place.
    int left = 4 + 5 * 100;
    assertThat(sheet.get(left + 48, 4 + 48, 0)).isZero();
    assertThat(sheet.get(left + 48, 4 + 30, 0)).isEqualTo(0xF4);
  }

  @Test
  void imagesNeedNoLabels() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 12; i++) {
      files.put("%02d.ppm".formatted(i), DatasetForms.image(i));
    }
    DatasetForms.writeFiles(folder, files);
    ImageDataset loose =
        Datasets.open(folder.toString(), Datasets.Labels.OPTIONAL, Progress.NONE).get(0).dataset();
    DataInspector inspector = new DataInspector(loose, new ImageDecoder());
    Inspection inspection = inspector.inspect(100, Progress.NONE);
    assertThat(inspection.checked()).isEqualTo(12);
    assertThat(inspection.counts()).isEmpty();
    assertThat(new ImageDecoder().decode(inspector.contactSheet()).height()).isEqualTo(2 * 100 + 4);
  }

  @Test
  void namesJpegsThatAreDecodedAlthoughTheyAreDamaged() throws IOException {
    byte[] sound = Golden.bytes("images/good.jpg");
    byte[] damaged = sound.clone();
    int half = sound.length / 2;
    damaged[half] = (byte) 0xFF; // the data end here, with most of their bytes behind
    damaged[half + 1] = (byte) 0xD9;
    ImageDataset dataset = open(Map.of("cat/sound.jpg", sound, "dog/damaged.jpg", damaged));
    Inspection inspection =
        new DataInspector(dataset, new ImageDecoder()).inspect(100, Progress.NONE);
    assertThat(inspection.broken().count()).isZero();
    assertThat(inspection.damaged()).containsExactly("dog/damaged.jpg");
  }

  /** Those that only the decoder's own line tells of. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void namesProgressiveJpegsThatAreDamaged() throws IOException {
    byte[] sound = Golden.bytes("images/progressive.jpg");
    byte[] damaged = Arrays.copyOf(sound, sound.length / 2);
    damaged[damaged.length - 2] = (byte) 0xFF;
    damaged[damaged.length - 1] = (byte) 0xD9;
    ImageDataset dataset = open(Map.of("cat/sound.jpg", sound, "dog/progressive.jpg", damaged));
    Inspection inspection =
        new DataInspector(dataset, new ImageDecoder()).inspect(100, Progress.NONE);
    assertThat(inspection.broken().count()).isZero();
    assertThat(inspection.damaged()).containsExactly("dog/progressive.jpg");
  }

  @Test
  void encodesWhatItDecodes() {
    byte[] pixels = new byte[5 * 7 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 2);
    }
    Image image = new Image(pixels, 5, 7);
    assertThat(new ImageDecoder().decode(ImageEncoder.png(image)).pixels()).isEqualTo(pixels);
    Image jpeg = new ImageDecoder().decode(ImageEncoder.jpeg(image, 95));
    assertThat(jpeg.width()).isEqualTo(5);
    assertThat(jpeg.height()).isEqualTo(7);
  }

  @Test
  void packingCanMakeImagesSmaller() throws IOException {
    Image wide = Image.black(60, 40);
    java.util.Arrays.fill(wide.pixels(), (byte) 90);
    ImageDataset dataset = open(Map.of("cat/large.png", ImageEncoder.png(wide)));
    Path pack = folder.resolve("small.etpack");
    PackWriter.write(dataset, pack, new PackRecoder(10, 90), Progress.NONE);
    ImageDataset packed = Datasets.open(pack.toString(), Progress.NONE).get(0).dataset();
    assertThat(packed.name(5)).isEqualTo("cat/large.png");
    Image small = new ImageDecoder().decode(packed.read(5));
    assertThat(small.width()).isEqualTo(15);
    assertThat(small.height()).isEqualTo(10);
    assertThat(small.get(7, 5, 1)).isBetween(88, 92);
    assertThat(packed.read(0)).isEqualTo(dataset.read(0)); // 6 x 4 pixels: as it was
    assertThatThrownBy(() -> new PackRecoder(3, 90)).hasMessageContaining("at least 8");
  }
}
