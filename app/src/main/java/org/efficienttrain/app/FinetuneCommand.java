package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.FineTuning;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.task.Classification;
import org.efficienttrain.training.task.LinearProbe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Goes on from trained weights: end to end, a probe, or head and norms at another size. */
@Command(
    name = "finetune",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Trains on from weights: ours, timm's or the official repositories'.",
    footer = {
      "",
      "What the recipe does not say is as the field fine-tunes; see docs/finetuning.md.",
      "Example:  ./et finetune --from runs/mae --data photos",
      "          ./et finetune --from runs/mae --data photos --linear",
    })
final class FinetuneCommand implements Callable<Integer>, RunMixin.Work {
  @Mixin RunMixin run;

  @Option(
      names = "--from",
      paramLabel = "WEIGHTS",
      required = true,
      description = "a run, a checkpoint, or a weight file (safetensors or .pth)")
  Path from;

  @Option(
      names = "--linear",
      description = "train one linear layer on the frozen network: a probe of its features")
  boolean linear;

  @Option(
      names = "--head-and-norms",
      description = "train the head and the norms only, usually at a larger --image-size")
  boolean headAndNorms;

  private StartingPoint start;

  @Override
  public Integer call() {
    if (linear && headAndNorms) {
      throw new UserError("--linear trains the head alone, --head-and-norms more: choose one");
    }
    start = StartingPoint.of(from);
    return run.run(this);
  }

  @Override
  public Recipe recipe(RecipeSettings chosen, DatasetSplits splits) {
    RecipeSettings settings =
        linear
            ? chosen.with("trained", "head")
            : headAndNorms ? chosen.with("trained", "head_and_norms") : chosen;
    if (settings.get("model") == null) {
      boolean probe = settings.get("trained") == Recipe.Trained.HEAD;
      settings = settings.with("model", start.backbone(probe));
    }
    settings = settings.orElse("imageSize", start.imageSize().orElse(null));
    int images = splits.train().size();
    boolean newHead = start.needsNewHead(splits.train().classes());
    return FineTuning.fill(settings, images, newHead).resolve(images);
  }

  @Override
  public RunOptions options(RunOptions common, Recipe recipe, DatasetSplits data) {
    return common
        .withWeights(start.file())
        .withTask(recipe.trained() == Recipe.Trained.HEAD ? LinearProbe::new : Classification::new);
  }

  @Override
  public String result(Summary summary, RunOptions options) {
    return TrainCommand.accuracy(summary, options);
  }
}
