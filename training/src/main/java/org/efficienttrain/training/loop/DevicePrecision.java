package org.efficienttrain.training.loop;

import java.nio.charset.StandardCharsets;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.recipe.Recipe;

/** Settles the precision of a recipe that leaves it to the device. */
public final class DevicePrecision {
  private DevicePrecision() {}

  /** The same recipe with the precision that {@code auto} means on a device. */
  public static Recipe settle(Recipe recipe, Device device) {
    return settle(recipe, device, Collective.single());
  }

  /**
   * The same for several ranks, whose machines may differ: all take what suits rank 0's device. All
   * must make this call.
   */
  public static Recipe settle(Recipe recipe, Device device, Collective ranks) {
    String own = recipe.precision().on(device).name();
    String first =
        ranks.worldSize() == 1
            ? own
            : new String(
                ranks.broadcast(own.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    return recipe.precision() == Precision.AUTO ? recipe.with("precision", first) : recipe;
  }
}
