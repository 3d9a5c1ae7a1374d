package org.efficienttrain.images.dataset;

import java.nio.file.Path;
import java.util.List;

/** A folder with {@code train} and {@code val} (or another name for it), each of any form. */
final class TrainingAndValidation implements Form {
  @Override
  public String title() {
    return "a training and a validation folder";
  }

  @Override
  public boolean recognises(Place place) {
    return place.named(ClassPaths.TRAIN) != null;
  }

  @Override
  public List<Datasets.Part> open(Place place) {
    Path train = place.named(ClassPaths.TRAIN);
    Path validation = place.validation();
    return validation == null
        ? Datasets.single(Datasets.only(place.at(train)))
        : Datasets.parts(Datasets.only(place.at(train)), Datasets.only(place.at(validation)));
  }
}
