package org.efficienttrain.models;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.efficienttrain.tensor.Tensor;

/**
 * The names that timm's checkpoints give to what the official repositories, and we, name
 * differently. Families that are not listed have the same names in both, or are not in timm.
 */
public final class TimmNames {
  private static final Pattern BLOCK = Pattern.compile("^stages\\.(\\d+)\\.(\\d+)\\.");
  private static final Pattern TRANSITION = Pattern.compile("^downsample_layers\\.(\\d+)\\.");
  private static final Pattern MERGING = Pattern.compile("^layers\\.(\\d+)\\.downsample\\.");

  private TimmNames() {}

  /** The state of a network under timm's names, in the order of ours. */
  public static Map<String, Tensor> state(Backbone model) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    model.state().forEach((name, t) -> out.put(of(model.options().variant().family(), name), t));
    return out;
  }

  /** timm's name of a parameter or buffer of a family. */
  public static String of(String family, String name) {
    return switch (family) {
      case "ConvNeXt" ->
          stages(topped(name, "head."))
              .replace(".dwconv.", ".conv_dw.")
              .replace(".pwconv1.", ".mlp.fc1.")
              .replace(".pwconv2.", ".mlp.fc2.");
      case "CAFormer" ->
          stages(topped(name, "head."))
              .replace("stem.post_norm.", "stem.norm.")
              .replace(".downsample.pre_norm.", ".downsample.norm.");
      case "Swin" ->
          // The merging of patches closes a stage in the official code and opens the next in timm.
          MERGING
              .matcher(topped(name, null))
              .replaceFirst(m -> "layers." + (Integer.parseInt(m.group(1)) + 1) + ".downsample.");
      default -> name;
    };
  }

  /** Moves the classifier to {@code head.fc} and, with a prefix, the last norm under it. */
  private static String topped(String name, String normPrefix) {
    if (name.startsWith("head.")) {
      return "head.fc." + name.substring("head.".length());
    }
    return normPrefix != null && name.startsWith("norm.") ? normPrefix + name : name;
  }

  private static String stages(String name) {
    String moved = BLOCK.matcher(name).replaceFirst("stages.$1.blocks.$2.");
    return TRANSITION
        .matcher(moved)
        .replaceFirst(
            m -> m.group(1).equals("0") ? "stem." : "stages." + m.group(1) + ".downsample.");
  }
}
