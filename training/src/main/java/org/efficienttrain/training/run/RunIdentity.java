package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.Task;

/**
 * What a run is a run of. A run can only be resumed as the same.
 *
 * @param recipe every key of the recipe with its value
 * @param task name of the class of the task; null from an earlier version
 * @param trainingImages fingerprint of the training images
 * @param validationImages fingerprint of the validation images
 * @param trainingSize the training images in numbers, for people; null from an earlier version
 * @param validationSize the same of the validation images
 */
public record RunIdentity(
    Map<String, Object> recipe,
    String task,
    String trainingImages,
    String validationImages,
    String trainingSize,
    String validationSize) {

  public static RunIdentity of(Recipe recipe, DatasetSplits data, Task task) {
    return of(recipe, data, task.getClass().getName());
  }

  /** Name of the class of a job's task, which is made for that and closed. */
  public static String task(Job job) {
    RunOptions options = job.options();
    Task.Setting setting =
        new Task.Setting(
            job.recipe(), job.data().classNames(), options.device(), options.weights(), n -> {});
    try (Task task = options.task().create(setting)) {
      return task.getClass().getName();
    }
  }

  static RunIdentity of(Recipe recipe, DatasetSplits data, String task) {
    return new RunIdentity(
        recipe.toMap(),
        task,
        data.train().fingerprint(),
        data.validation().fingerprint(),
        size(data.train()),
        size(data.validation()));
  }

  private static String size(ImageDataset images) {
    return "%d images in %d classes".formatted(images.size(), images.classes().size());
  }

  /** In words, how this differs from what an earlier run was of; empty where it does not. */
  public List<String> differences(RunIdentity earlier) {
    return differences(earlier, Set.of());
  }

  /** The same but for some keys of the recipe. */
  List<String> differences(RunIdentity earlier, Set<String> ignored) {
    List<String> out = new ArrayList<>();
    Map<String, Object> all = new LinkedHashMap<>(earlier.recipe);
    all.putAll(recipe);
    all.keySet().removeAll(ignored);
    Map<String, Object> constants = Recipe.constants();
    for (String key : all.keySet()) {
      // A key that an earlier version did not have was what it is where nobody says otherwise.
      Object before = earlier.recipe.getOrDefault(key, constants.get(key));
      Object now = recipe.get(key);
      if (!same(before, now)) {
        out.add("%s was %s and is %s".formatted(key, before, now));
      }
    }
    if (earlier.task != null && !earlier.task.equals(task)) {
      out.add("the task was %s and is %s".formatted(earlier.task, task));
    }
    if (!trainingImages.equals(earlier.trainingImages)) {
      out.add("the training images are others" + sizes(earlier.trainingSize, trainingSize));
    }
    if (!validationImages.equals(earlier.validationImages)) {
      out.add("the validation images are others" + sizes(earlier.validationSize, validationSize));
    }
    return out;
  }

  private static String sizes(String before, String now) {
    return before == null ? "" : " (were %s and are %s)".formatted(before, now);
  }

  /** A number read from JSON may have another Java type than the same number of a recipe. */
  private static boolean same(Object a, Object b) {
    return (a instanceof Number x && b instanceof Number y)
        ? x.doubleValue() == y.doubleValue()
        : Objects.equals(a, b);
  }
}
