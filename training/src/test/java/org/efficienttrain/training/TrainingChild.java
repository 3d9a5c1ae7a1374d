package org.efficienttrain.training;

import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.TrainingListener;

/** A run in a process of its own, to be killed: saves after every step and says so. */
final class TrainingChild {
  private TrainingChild() {}

  public static void main(String[] args) {
    DatasetSplits data =
        new DatasetSplits(new StripesDataset(96, 16, 1), new StripesDataset(30, 16, 2));
    RecipeSettings settings =
        RecipeSettings.none()
            .with("model", "resnet20_cifar")
            .with("imageSize", 16)
            .with("epochs", Double.parseDouble(args[1]))
            .with("batchSize", 8)
            .with("microBatch", 4)
            .with("curriculum", "efficienttrain")
            .with("precision", "fp32")
            .with("mixup", 0.8)
            .with("erasing", 0.5)
            .with("emaDecay", 0.9)
            .with("clipNorm", 1.0);
    RunOptions options =
        RunOptions.in(Path.of(args[0]))
            .withResume(true, false)
            .withWorkers(1)
            .withLogEvery(1)
            .withCheckpoints(0, 2);
    TrainingListener speak =
        new TrainingListener() {
          @Override
          public void saved(long step) {
            System.out.println("saved " + step);
          }
        };
    Training.run(settings.resolve(data.train().size()), data, options, List.of(speak));
  }
}
