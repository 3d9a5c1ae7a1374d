package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.images.loader.BatchShape;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.images.loader.LoaderSettings;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every form of dataset. */
class DatasetFormsTest {
  @TempDir Path folder;
  @TempDir Path cache;

  @BeforeEach
  void useOwnCache() {
    System.setProperty("efficienttrain.cache", cache.toString());
  }

  @AfterEach
  void useCommonCache() {
    System.clearProperty("efficienttrain.cache");
  }

  private static List<Datasets.Part> open(Path path) {
    return Datasets.open(path.toString(), Progress.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void everySampleIsLabelledNamedAndReadable(DatasetForms form) throws Exception {
    for (Datasets.Part part : open(form.write(folder))) {
      ImageDataset dataset = part.dataset();
      assertThat(dataset.size()).isGreaterThanOrEqualTo(DatasetForms.EACH);
      Set<String> names = new HashSet<>();
      Set<Integer> labels = new HashSet<>();
      for (int i = 0; i < dataset.size(); i++) {
        assertThat(names.add(dataset.name(i))).as(dataset.name(i)).isTrue();
        assertThat(dataset.name(i)).doesNotContain("\\").doesNotStartWith("/");
        labels.add(dataset.label(i));
        Image image = new ImageDecoder().decode(dataset.read(i));
        assertThat(image.width()).isIn(6, 32);
      }
      assertThat(labels).hasSizeGreaterThanOrEqualTo(2);
      assertThat(labels).allMatch(label -> label >= 0 && label < dataset.classes().size());
      assertThat(dataset.classes()).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @EnumSource
  void openingAgainGivesTheSame(DatasetForms form) throws Exception {
    Path path = form.write(folder);
    List<Datasets.Part> first = open(path);
    List<Datasets.Part> second = open(path); // From the cached index, where there is one.
    assertThat(second).hasSameSizeAs(first);
    for (int p = 0; p < first.size(); p++) {
      ImageDataset a = first.get(p).dataset();
      ImageDataset b = second.get(p).dataset();
      assertThat(b.fingerprint()).isEqualTo(a.fingerprint()).matches("[0-9a-f]{64}");
      assertThat(second.get(p).name()).isEqualTo(first.get(p).name());
      for (int i = 0; i < a.size(); i++) {
        assertThat(b.read(i)).isEqualTo(a.read(i));
        assertThat(b.label(i)).isEqualTo(a.label(i));
        assertThat(b.name(i)).isEqualTo(a.name(i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyThreadsReadTheSameBytes(DatasetForms form) throws Exception {
    ImageDataset dataset = open(form.write(folder)).get(0).dataset();
    byte[][] expected = new byte[dataset.size()][];
    Arrays.setAll(expected, dataset::read);
    IntStream.range(0, 40 * dataset.size())
        .parallel()
        .map(i -> i % dataset.size())
        .forEach(i -> assertThat(dataset.read(i)).isEqualTo(expected[i]));
  }

  @ParameterizedTest
  @EnumSource
  void trainingAndValidationHaveTheSameClassesAndNoCommonImage(DatasetForms form) throws Exception {
    Path path = form.write(folder);
    try (DatasetSplits splits = Datasets.openSplits(path.toString(), 0.3, 1, Progress.NONE)) {
      assertThat(splits.validation().classes()).isEqualTo(splits.train().classes());
      assertThat(splits.validation().size()).isPositive();
      assertThat(splits.description()).contains("training").contains("validation");
    }
  }

  @ParameterizedTest
  @EnumSource
  void packingKeepsEverything(DatasetForms form) throws Exception {
    ImageDataset dataset = open(form.write(folder)).get(0).dataset();
    Path pack = cache.resolve("again.etpack");
    PackWriter.write(dataset, pack, UnaryOperator.identity(), Progress.NONE);
    ImageDataset packed = open(pack).get(0).dataset();
    assertThat(packed.fingerprint()).isEqualTo(dataset.fingerprint());
    for (int i = 0; i < dataset.size(); i++) {
      assertThat(packed.read(i)).isEqualTo(dataset.read(i));
    }
  }

  @ParameterizedTest
  @EnumSource
  void goesThroughTheLoader(DatasetForms form) throws Exception {
    ImageDataset dataset = open(form.write(folder)).get(0).dataset();
    int seen = 0;
    try (BatchLoader loader =
            new BatchLoader(
                dataset,
                (encoded, exposure, random, target) -> {
                  new ImageDecoder().decode(encoded);
                  target.position(target.limit());
                },
                LoaderSettings.forEvaluation().withWorkers(3));
        BatchStream stream = loader.stream(new BatchShape(7, new SampleExposure(2, 0)))) {
      for (Batch next = stream.next(); next != null; next = stream.next()) {
        try (Batch batch = next) {
          seen += batch.count();
        }
      }
    }
    assertThat(seen).isEqualTo(dataset.size());
  }

  @Test
  void everyFormIsAmongTheExamples() throws Exception {
    Set<String> seen = new HashSet<>(Set.of("the embedded set")); // QuickstartSetTest
    for (DatasetForms example : DatasetForms.values()) {
      Path at = example.write(Files.createDirectory(folder.resolve(example.name())));
      Place place = Place.at(at, Datasets.Labels.REQUIRED, Progress.NONE);
      Form form =
          Datasets.FORMS.stream().filter(each -> each.recognises(place)).findFirst().orElseThrow();
      seen.add(form.title());
    }
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(Datasets.FORMS.stream().map(Form::title).toList());
  }

  /** Labels are kept where there are some. */
  @ParameterizedTest
  @EnumSource
  void labelsMayBeOptional(DatasetForms form) throws Exception {
    Path path = form.write(folder);
    List<Datasets.Part> labelled = open(path);
    List<Datasets.Part> optional =
        Datasets.open(path.toString(), Datasets.Labels.OPTIONAL, Progress.NONE);
    for (int p = 0; p < labelled.size(); p++) {
      assertThat(optional.get(p).dataset().fingerprint())
          .isEqualTo(labelled.get(p).dataset().fingerprint());
    }
  }
}
