package org.efficienttrain.app;

import java.util.List;
import org.efficienttrain.training.recipe.RecipeSettings;
import picocli.CommandLine.Option;

/** The options that every command with a recipe has. */
final class RecipeOptions {
  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = "fp32, bf16 or fp16 (default: what the device is fast at)")
  private String precision;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any other key of the recipe; may be repeated")
  private List<String> settings = List.of();

  /**
   * The same with what was asked for here, which wins.
   *
   * @throws org.efficienttrain.training.UserError if a key or a type is wrong
   */
  RecipeSettings over(RecipeSettings chosen) {
    return chosen.with("precision", precision).set(settings);
  }
}
