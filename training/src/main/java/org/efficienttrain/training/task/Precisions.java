package org.efficienttrain.training.task;

import org.efficienttrain.tensor.DType;
import org.efficienttrain.training.recipe.Recipe;

/** Element types of a recipe's precisions. */
public final class Precisions {
  private Precisions() {}

  public static DType of(Recipe.Precision precision) {
    return switch (precision) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
      case FP16 -> DType.FLOAT16;
    };
  }
}
