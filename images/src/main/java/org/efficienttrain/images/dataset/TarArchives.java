package org.efficienttrain.images.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A tar archive, or a folder of archives and no folders: see {@link TarDataset}. */
final class TarArchives implements Form {
  @Override
  public String title() {
    return "tar archives";
  }

  static boolean isArchive(Path file) {
    return ImageFiles.extension(file.toString()).equals("tar") || Unpacked.isCompressed(file);
  }

  @Override
  public boolean recognises(Place place) {
    return place.isFile(TarArchives::isArchive)
        || (place.children().stream().anyMatch(TarArchives::isArchive)
            && place.children().stream().noneMatch(Files::isDirectory));
  }

  @Override
  public List<Datasets.Part> open(Place place) {
    return place.isFolder()
        ? openShards(place, place.children().stream().filter(TarArchives::isArchive).toList())
        : openAll(place, List.of(place.path()));
  }

  private static List<Datasets.Part> openAll(Place place, List<Path> files) {
    List<Path> tars = files.stream().map(file -> Unpacked.plain(file, place.progress())).toList();
    List<Datasets.Part> parts = new ArrayList<>();
    TarDataset.tables(tars, place.labels(), place.progress())
        .forEach(
            (name, table) ->
                parts.add(
                    new Datasets.Part(name, new IndexedDataset(table, TarDataset.store(tars)))));
    return parts;
  }

  /** Shards are told apart by their names: {@code set-train-0001.tar}, {@code set-val-0001.tar}. */
  private static List<Datasets.Part> openShards(Place place, List<Path> files) {
    List<Path> train = called(files, ClassPaths.TRAIN);
    for (String name : ClassPaths.VALIDATION) {
      List<Path> validation = called(files, name);
      if (!train.isEmpty() && !validation.isEmpty()) {
        return Datasets.parts(
            Datasets.only(openAll(place, train), place),
            Datasets.only(openAll(place, validation), place));
      }
    }
    return openAll(place, files);
  }

  private static List<Path> called(List<Path> files, String part) {
    Pattern word = Pattern.compile("(^|.*[^a-z])" + part + "([^a-z].*|$)");
    return files.stream()
        .filter(
            file -> word.matcher(ClassFolders.fileName(file).toLowerCase(Locale.ROOT)).matches())
        .toList();
  }
}
