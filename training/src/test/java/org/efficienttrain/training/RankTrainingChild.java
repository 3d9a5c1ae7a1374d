package org.efficienttrain.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.tensor.distributed.Ranks;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.TrainingListener;

/** One rank of a run, in a process of its own: the output folder, then settings of the recipe. */
final class RankTrainingChild {
  /** Odd, so that the ranks have different numbers of them. */
  static final int VALIDATION_IMAGES = 33;

  private RankTrainingChild() {}

  static DatasetSplits data() {
    return new DatasetSplits(
        new StripesDataset(96, 16, 1), new StripesDataset(VALIDATION_IMAGES, 16, 2));
  }

  /** A transformer has no batch statistics, so that the parts of a batch sum to the whole. */
  static Recipe recipe(List<String> settings) {
    return RecipeSettings.none()
        .with("model", "deit_tiny_cifar")
        .with("imageSize", 16)
        .with("optimizer", "sgd")
        .with("learningRate", 0.01)
        .with("epochs", 2)
        .with("batchSize", 12)
        .with("curriculum", "none")
        .with("precision", "fp32")
        .set(settings)
        .resolve(96);
  }

  static RunOptions options(Path out) {
    return RunOptions.in(out)
        .withResume(true, false)
        .withWorkers(1)
        .withLogEvery(1)
        .withCheckpoints(0, 2);
  }

  public static void main(String[] args) {
    TrainingListener speak =
        new TrainingListener() {
          @Override
          public void saved(long step) {
            System.out.println("saved " + step);
          }
        };
    Ranks ranks = Ranks.of(System.getenv());
    int code = 0;
    try (Collective collective = Collective.join(ranks, Device.CPU, RankTrainingChild::stuck)) {
      Recipe recipe = recipe(Arrays.asList(args).subList(1, args.length));
      RunOptions options = RecipeTask.of(recipe, options(Path.of(args[0])));
      Training.run(recipe, data(), options, List.of(speak), collective);
      System.out.println("finished");
    } catch (TensorException | UserError e) {
      System.out.println("ended: " + e.getMessage());
      code = 2;
    }
    System.exit(code);
  }

  private static void stuck(TensorException e) {
    System.out.println("stuck: " + e.getMessage());
    System.out.flush();
    Runtime.getRuntime().halt(2);
  }
}
