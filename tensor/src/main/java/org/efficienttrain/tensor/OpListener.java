package org.efficienttrain.tensor;

import java.util.List;

/**
 * Sees every tensor operation of one thread: the seam on which counting, profiling and export
 * stand.
 */
@FunctionalInterface
public interface OpListener {
  /**
   * Called after an operation.
   *
   * @param op its name in PyTorch's words, such as {@code conv2d}
   * @param args its arguments in order: {@link Tensor}, {@code null} for an absent tensor, a list
   *     of tensors, {@code Long}, {@code long[]}, {@code Double}, {@code Boolean}, {@link DType},
   *     {@code String}
   * @param results the tensors it returned
   */
  void on(String op, List<Object> args, List<Tensor> results);

  /** Listens on this thread until closed; listeners do not nest. */
  static AutoCloseableListener listen(OpListener listener) {
    Ops.setListener(listener);
    return () -> Ops.setListener(null);
  }

  /** Ends the listening. */
  interface AutoCloseableListener extends AutoCloseable {
    @Override
    void close();
  }
}
