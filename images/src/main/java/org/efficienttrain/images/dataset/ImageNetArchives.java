package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;

/**
 * The archives of ILSVRC 2012 exactly as downloaded, in one folder: {@code
 * ILSVRC2012_img_train.tar}, {@code ILSVRC2012_img_val.tar} and {@code
 * ILSVRC2012_devkit_t12.tar.gz}. The validation images have no folders: the development kit lists
 * their classes. Classes are WordNet names in alphabetical order, as everywhere in the field.
 */
final class ImageNetArchives implements Form {
  private static final String TRAIN = "ILSVRC2012_img_train.tar";
  private static final String VALIDATION = "ILSVRC2012_img_val.tar";
  private static final List<String> DEVKITS =
      List.of("ILSVRC2012_devkit_t12.tar.gz", "ILSVRC2012_devkit_t12.tar");
  private static final String META = "data/meta.mat";
  private static final String TRUTH = "data/ILSVRC2012_validation_ground_truth.txt";
  private static final int LARGEST_FILE = 16 << 20;
  private static final Pattern NAME = Pattern.compile(".*_val_(\\d{8})\\.[A-Za-z]+");

  @Override
  public String title() {
    return "ILSVRC 2012 as downloaded";
  }

  @Override
  public boolean recognises(Place place) {
    return place.holds(name -> name.equals(TRAIN) || name.equals(VALIDATION));
  }

  @Override
  public List<Datasets.Part> open(Place place) {
    Path folder = place.path();
    List<Datasets.Part> parts = new ArrayList<>();
    Path train = folder.resolve(TRAIN);
    if (Files.exists(train)) {
      SampleTable table =
          TarDataset.tables(List.of(train), Datasets.Labels.REQUIRED, place.progress()).get("");
      if (table == null) {
        throw new ImageException(train + " does not hold one archive per class");
      }
      parts.add(
          new Datasets.Part("train", new IndexedDataset(table, TarDataset.store(List.of(train)))));
    }
    if (Files.exists(folder.resolve(VALIDATION))) {
      parts.add(new Datasets.Part("val", validation(folder)));
    }
    return parts.size() == 1 ? Datasets.single(parts.get(0).dataset()) : List.copyOf(parts);
  }

  private static ImageDataset validation(Path folder) {
    Path tar = folder.resolve(VALIDATION);
    List<String> wnids = validationClasses(devkit(folder));
    List<String> classes = List.copyOf(new TreeSet<>(wnids));
    Map<String, Integer> labels = new HashMap<>();
    classes.forEach(name -> labels.put(name, labels.size()));
    SampleTable.Builder samples = new SampleTable.Builder();
    TarScanner.scan(
        tar,
        (path, offset, length, content) -> {
          Matcher name = NAME.matcher(path);
          if (!name.matches()) {
            return;
          }
          int number = Integer.parseInt(name.group(1));
          if (number < 1 || number > wnids.size()) {
            throw new ImageException(
                "%s holds %s, but the development kit lists %d images"
                    .formatted(tar, path, wnids.size()));
          }
          samples.add(path, labels.get(wnids.get(number - 1)), 0, offset, length);
        });
    return new IndexedDataset(
        samples.build(classes, tar.toString()), TarDataset.store(List.of(tar)));
  }

  private static Path devkit(Path folder) {
    for (String name : DEVKITS) {
      if (Files.exists(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new ImageException(
        "%s has no labels of its own: put %s beside it"
            .formatted(folder.resolve(VALIDATION), DEVKITS.get(0)));
  }

  /** WordNet name of each validation image. */
  private static List<String> validationClasses(Path devkit) {
    try {
      Map<String, byte[]> files = readDevkit(devkit);
      Map<Integer, String> wnids = new HashMap<>();
      for (MatFile.Synset synset : MatFile.synsets(files.get(META))) {
        wnids.put(synset.id(), synset.wnid());
      }
      List<String> result = new ArrayList<>();
      String truth = new String(files.get(TRUTH), StandardCharsets.US_ASCII);
      for (String line : truth.lines().map(String::strip).toList()) {
        String wnid = line.matches("\\d{1,6}") ? wnids.get(Integer.valueOf(line)) : null;
        if (wnid == null) {
          throw new IOException("its list of labels has the line \"" + line + "\"");
        }
        result.add(wnid);
      }
      return result;
    } catch (IOException e) {
      throw new ImageException(
          "cannot read the development kit %s: %s".formatted(devkit, CacheFolder.reason(e)), e);
    }
  }

  private static Map<String, byte[]> readDevkit(Path devkit) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (InputStream raw = Files.newInputStream(devkit);
        InputStream plain = Unpacked.isCompressed(devkit) ? new GZIPInputStream(raw) : raw;
        TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        for (String wanted : List.of(META, TRUTH)) {
          if (e.getName().endsWith("/" + wanted) && e.getSize() <= LARGEST_FILE) {
            files.put(wanted, tar.readAllBytes());
          }
        }
      }
    }
    if (files.size() != 2) {
      throw new IOException("it lacks " + (files.containsKey(META) ? TRUTH : META));
    }
    return files;
  }
}
