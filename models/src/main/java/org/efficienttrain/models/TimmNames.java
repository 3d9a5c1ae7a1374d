package org.efficienttrain.models;

import java.util.regex.Pattern;

/** What several families of timm name alike, and the official repositories otherwise. */
final class TimmNames {
  private static final Pattern BLOCK = Pattern.compile("^stages\\.(\\d+)\\.(\\d+)\\.");
  private static final Pattern TRANSITION = Pattern.compile("^downsample_layers\\.(\\d+)\\.");

  private TimmNames() {}

  /** Moves the classifier to {@code head.fc} and, with a prefix, the last norm under it. */
  static String topped(String name, String normPrefix) {
    if (name.startsWith("head.")) {
      return "head.fc." + name.substring("head.".length());
    }
    return normPrefix != null && name.startsWith("norm.") ? normPrefix + name : name;
  }

  /** Puts a word before the number of a block, and the steps between stages into the stages. */
  static String stages(String name) {
    String moved = BLOCK.matcher(name).replaceFirst("stages.$1.blocks.$2.");
    return TRANSITION
        .matcher(moved)
        .replaceFirst(
            m -> m.group(1).equals("0") ? "stem." : "stages." + m.group(1) + ".downsample.");
  }
}
