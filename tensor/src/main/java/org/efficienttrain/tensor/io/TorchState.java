package org.efficienttrain.tensor.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.io.PickleValues.Dict;
import org.efficienttrain.tensor.io.PickleValues.TensorRef;

/**
 * The states in an unpickled file, best first.
 *
 * <p>A state is a dictionary with tensors directly under texts. It is the file's root, or lies one
 * level below it: checkpoints of the field are {@code {"model": state, "optimizer": ..}} and the
 * like. An optimiser's own tensors lie deeper and are not mistaken for a state.
 */
final class TorchState {
  /** Keys of the plain weights, then of their averages; a state under another key comes last. */
  private static final List<String> PREFERRED =
      List.of(
          "model",
          "state_dict",
          "model_state_dict",
          "module",
          "net",
          "model_ema",
          "state_dict_ema",
          "ema");

  private static final int MAX_KEYS_SHOWN = 8;

  private TorchState() {}

  /**
   * Finds the states.
   *
   * @param root what the file's pickle holds
   * @return the tensors of each state, by name; the root's own state has the key {@code ""}
   */
  static Map<String, Map<String, TensorRef>> find(Path path, Object root) {
    if (!(root instanceof Dict dict)) {
      throw Faults.refused(
          path, "does not hold a state dictionary; save the model's state_dict() with torch.save");
    }
    Map<String, Map<String, TensorRef>> below = new LinkedHashMap<>();
    for (int i = 0; i < dict.size(); i++) {
      if (dict.key(i) instanceof String key && dict.value(i) instanceof Dict state) {
        Map<String, TensorRef> tensors = tensors(state);
        if (!tensors.isEmpty()) {
          below.put(key, tensors);
        }
      }
    }
    Map<String, TensorRef> own = tensors(dict);
    int largest = below.values().stream().mapToInt(Map::size).max().orElse(0);
    Map<String, Map<String, TensorRef>> found = new LinkedHashMap<>();
    // A checkpoint may hold a loose tensor, such as a random state, beside the model's state.
    if (!own.isEmpty() && own.size() >= largest) {
      found.put("", own);
    }
    for (String key : PREFERRED) {
      if (below.containsKey(key)) {
        found.put(key, below.remove(key));
      }
    }
    found.putAll(below);
    if (!own.isEmpty()) {
      found.putIfAbsent("", own);
    }
    if (found.isEmpty()) {
      throw Faults.refused(path, "holds no state dictionary; its keys are " + keys(dict));
    }
    return found;
  }

  private static Map<String, TensorRef> tensors(Dict dict) {
    Map<String, TensorRef> tensors = new LinkedHashMap<>();
    for (int i = 0; i < dict.size(); i++) {
      if (dict.key(i) instanceof String name && dict.value(i) instanceof TensorRef tensor) {
        tensors.put(name, tensor);
      }
    }
    return tensors;
  }

  private static String keys(Dict dict) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < dict.size() && keys.size() < MAX_KEYS_SHOWN; i++) {
      if (dict.key(i) instanceof String key) {
        keys.add(Faults.quote(key));
      }
    }
    String more = dict.size() > keys.size() ? ", .." : "";
    return keys.isEmpty() ? "none" : String.join(", ", keys) + more;
  }
}
