package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.efficienttrain.app.runs.RunFiles;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.evaluation.TrainedModel;
import org.efficienttrain.training.pretrain.MaskedAutoencoding;
import org.efficienttrain.training.pretrain.MaskedAutoencoding.Watch;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.Summary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Pre-trains a masked autoencoder on images that need no labels. */
@Command(
    name = "pretrain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Pre-trains a masked autoencoder on images, which need no labels.",
    footer = {
      "",
      "Most of an image is hidden and has to be predicted; see docs/pretraining.md.",
      "Example:  ./et pretrain --data photos --model mae_vit_tiny --curriculum efficienttrain",
      "Then:     ./et finetune --from runs/... --data labelled",
    })
final class PretrainCommand implements Callable<Integer>, RunMixin.Work {
  @Mixin RunMixin run;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "go on from the weights of a whole masked autoencoder: a run or a file")
  Path from;

  @Override
  public Integer call() {
    return run.run(this);
  }

  @Override
  public DatasetSplits open(String data, double valFraction) {
    return Datasets.openSplits(data, Datasets.Labels.OPTIONAL, valFraction, 0, Console.progress());
  }

  /** What goes on from weights has their model and size, where nothing else is said. */
  @Override
  public Recipe recipe(RecipeSettings chosen, DatasetSplits splits) {
    RecipeSettings settings = chosen;
    if (from != null) {
      StartingPoint start = StartingPoint.of(from);
      settings =
          chosen
              .orElse("model", start.model().orElse(null))
              .orElse("imageSize", start.imageSize().orElse(null));
    }
    return settings.resolve(splits.train().size());
  }

  @Override
  public RunOptions options(RunOptions common, Recipe recipe, DatasetSplits data) {
    ImageDataset labelled = data.classNames().size() > 1 ? data.train() : null;
    Watch watch = new Watch(common.out().resolve(RunFiles.RECONSTRUCTION), labelled);
    return common
        .withWeights(from == null ? null : TrainedModel.weightFile(from))
        .withTask(MaskedAutoencoding.watched(watch));
  }

  @Override
  public String result(Summary summary, RunOptions options) {
    return String.format(
        Locale.ROOT,
        "loss %.4f on %d images, %.0f s of training; weights in %s, what comes back in %s",
        summary.result().counting().main().value(),
        summary.validationImages(),
        summary.trainingSeconds(),
        options.out().resolve("model.safetensors"),
        options.out().resolve(RunFiles.RECONSTRUCTION));
  }
}
