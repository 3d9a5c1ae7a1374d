package org.efficienttrain.tensor.io;

import java.util.Collection;
import java.util.List;

/**
 * Prefixes that wrapping a model puts before every name of its state: {@code module.} by
 * DataParallel and timm's averaged copies, {@code _orig_mod.} by torch.compile.
 */
final class NamePrefix {
  private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.");

  /** Nobody wraps deeper; the limit keeps hostile names from costing quadratic time. */
  private static final int MAX_DEPTH = 4;

  private NamePrefix() {}

  /** The prefixes, one after another, that every one of these names begins with. */
  static String common(Collection<String> names) {
    String prefix = "";
    for (int depth = 0; depth < MAX_DEPTH && !names.isEmpty(); depth++) {
      String longer = prefix;
      for (String wrapper : WRAPPERS) {
        String candidate = prefix + wrapper;
        if (names.stream().allMatch(n -> n.startsWith(candidate))) {
          longer = candidate;
        }
      }
      if (longer.equals(prefix)) {
        break;
      }
      prefix = longer;
    }
    return prefix;
  }
}
