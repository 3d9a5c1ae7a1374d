package org.efficienttrain.tensor.io;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.tensor.DType;

/**
 * What unpickling can produce, besides numbers, texts, {@code Object[]} for tuples and lists.
 *
 * <p>These are all: whatever else a pickle describes becomes {@link Inert} or is refused.
 */
final class PickleValues {
  private PickleValues() {}

  /**
   * A dictionary as the sequence of its assignments. It is no hash map on purpose: a file chooses
   * the keys, and could choose ones that hash alike or contain themselves.
   */
  static final class Dict {
    private final List<Object> keys = new ArrayList<>(0);
    private final List<Object> values = new ArrayList<>(0);

    void put(Object key, Object value) {
      keys.add(key);
      values.add(value);
    }

    int size() {
      return keys.size();
    }

    Object key(int i) {
      return keys.get(i);
    }

    Object value(int i) {
      return values.get(i);
    }
  }

  /**
   * Something that weights do not need (an argument list, a random state): nothing of it is kept.
   */
  enum Inert {
    INSTANCE
  }

  /**
   * A run of elements in the file.
   *
   * @param type the class of storage
   * @param key the name of the storage in the file
   * @param elements number of elements of that type
   */
  record StorageRef(ElementType type, String key, long elements) {}

  /**
   * A view of a storage, not yet checked.
   *
   * @param type the element type, which an untyped storage does not know
   */
  record TensorRef(
      StorageRef storage, ElementType type, long offset, List<Long> shape, List<Long> strides) {}

  /**
   * An element type of PyTorch.
   *
   * @param torchName as in {@code torch.float32}
   * @param bytes size of an element
   * @param dtype null where this type is not supported
   */
  record ElementType(String torchName, int bytes, DType dtype) {}
}
