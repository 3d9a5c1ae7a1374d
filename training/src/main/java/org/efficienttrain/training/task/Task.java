package org.efficienttrain.training.task;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.models.Network;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.training.recipe.Recipe;

/**
 * What a network is asked to do. The loop owns when: it knows steps, bandwidths and learning rates;
 * a task knows targets, and how success is measured.
 */
public interface Task extends AutoCloseable {
  /**
   * What a task is made from.
   *
   * @param recipe the run's recipe
   * @param classes names of the classes of the images; empty where they have no labels
   * @param device where the network lives
   * @param weights file to start from; null to start from chance
   * @param notes takes a sentence for each thing done to the weights besides copying
   */
  record Setting(
      Recipe recipe, List<String> classes, Device device, Path weights, Consumer<String> notes) {}

  /** Makes a task; what it draws at random comes from the {@code Generator}, which is seeded. */
  @FunctionalInterface
  interface Factory {
    /**
     * Makes the task, outside any scope.
     *
     * @throws org.efficienttrain.training.UserError if it cannot do with these images or weights
     */
    Task create(Setting setting);
  }

  /** The network that learns. */
  Network network();

  /** Another network of the same shapes on the same device, for other weights; to be closed. */
  Network copy();

  /** The parameters that learn, by name: all of the network's, unless some are frozen. */
  default Map<String, Tensor> trained() {
    return network().namedParameters();
  }

  /**
   * What training makes small, on one part of a batch. Owns mixing, targets and the forward pass.
   *
   * @param images (N, 3, B, B) in float32, normalised, cropped and erased; may be changed
   * @param labels the N images' classes; -1 where they have none
   * @param random everything drawn here comes from it, or from the {@code Generator}
   * @return a scalar in float32, part of the graph of gradients
   */
  Tensor loss(Tensor images, int[] labels, RandomSource random);

  /**
   * What the network sees of a part of a batch, for pictures: the images as {@link #loss} changes
   * them before they pass the network.
   *
   * @param images as for {@link #loss}
   * @param random in the state that {@link #loss} got it in
   * @return (N, 3, B, B)
   */
  default Tensor shown(Tensor images, RandomSource random) {
    return images;
  }

  /**
   * Measures networks of this task's shapes in one pass over the images.
   *
   * @param weights the networks; they are in evaluation mode afterwards
   * @param how sizes, and where to compute; with several ranks each takes its part of the images,
   *     and all get the result of the whole
   * @return a result for each network; nothing when the process was told to end meanwhile
   */
  Optional<List<Metrics>> evaluate(
      List<? extends Network> weights, ImageDataset images, Evaluation how);

  /** What finished weights say about themselves: metadata of a weight file. */
  Map<String, String> metadata();

  /** Frees the network. */
  @Override
  void close();
}
