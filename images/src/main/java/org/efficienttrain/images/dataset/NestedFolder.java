package org.efficienttrain.images.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder with nothing in it but one that is a dataset by itself, and not a class. */
final class NestedFolder implements Form {
  @Override
  public String title() {
    return "a folder in a folder";
  }

  @Override
  public boolean recognises(Place place) {
    if (place.children().size() != 1 || !Files.isDirectory(place.children().get(0))) {
      return false;
    }
    List<Path> children = ClassFolders.children(place.children().get(0));
    Place inner =
        new Place(place.where(), place.path(), children, place.labels(), place.progress());
    return (inner.named(ClassPaths.TRAIN) != null && inner.validation() != null)
        || inner.holds(CifarDataset::isCifar);
  }

  @Override
  public List<Datasets.Part> open(Place place) {
    return Datasets.open(place.at(place.children().get(0)));
  }
}
