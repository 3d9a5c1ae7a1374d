package org.efficienttrain.app;

import java.util.List;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.dataset.Datasets.Part;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.TrainedModel;

/**
 * The images of an evaluation.
 *
 * @param test images to measure on, labelled with the outputs of the network
 * @param train images whose neighbours vote, with the same labels; null where there are none
 * @param part which part of the dataset {@code test} is: val, train or all
 */
record EvaluationData(ImageDataset test, ImageDataset train, String part) implements AutoCloseable {

  /**
   * Opens a dataset: its validation part where it has one, else what the same {@code
   * --val-fraction} held back from training, else all of it.
   *
   * @param valFraction share that was held back, or null
   * @throws UserError if its classes are not those of the network
   */
  static EvaluationData open(String where, Double valFraction, TrainedModel model) {
    if (valFraction != null && !(valFraction > 0 && valFraction < 1)) {
      throw new UserError("--val-fraction must lie between 0 and 1, not be " + valFraction);
    }
    List<Part> parts = Datasets.open(where, Console.progress());
    if (parts.size() == 1 && valFraction != null) {
      parts.get(0).dataset().close();
      DatasetSplits splits = Datasets.openSplits(where, valFraction, 0, Console.progress());
      return of(splits.validation(), splits.train(), "val", where, model);
    }
    if (parts.size() == 1) {
      return of(parts.get(0).dataset(), null, "all", where, model);
    }
    return of(parts.get(1).dataset(), parts.get(0).dataset(), "val", where, model);
  }

  private static EvaluationData of(
      ImageDataset test, ImageDataset train, String part, String where, TrainedModel model) {
    if (!model.hasHead()) { // only neighbours vote: the dataset's own classes will do
      return new EvaluationData(
          train == null ? test : Datasets.relabelled(test, train.classes(), where), train, part);
    }
    return new EvaluationData(
        labelled(test, where, model), train == null ? null : labelled(train, where, model), part);
  }

  private static ImageDataset labelled(ImageDataset images, String where, TrainedModel model) {
    List<String> outputs = model.classes();
    List<String> classes = images.classes();
    if (classes.isEmpty()) {
      throw new UserError(
          "%s has no labels: put the images of each class into a folder of its own"
              .formatted(where));
    }
    if (model.namedClasses()) {
      for (String name : classes) {
        if (!outputs.contains(name)) {
          throw new UserError(
              "%s has the class %s, which %s does not know (it has %s): remove it, or name the outputs with --classes"
                  .formatted(where, name, model.file(), shortened(outputs)));
        }
      }
      return Datasets.relabelled(images, outputs, where);
    }
    if (classes.size() != outputs.size()) {
      throw new UserError(
          "%s has %d classes, but %s has %d outputs without names: name them with --classes, a line each"
              .formatted(where, classes.size(), model.file(), outputs.size()));
    }
    return images;
  }

  private static String shortened(List<String> names) {
    int most = 5;
    String list = String.join(", ", names.subList(0, Math.min(most, names.size())));
    return names.size() > most ? list + ", ... " + names.size() + " in all" : list;
  }

  @Override
  public void close() {
    test.close();
    if (train != null) {
      train.close();
    }
  }
}
