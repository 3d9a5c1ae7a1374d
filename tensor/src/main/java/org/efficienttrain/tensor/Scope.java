package org.efficienttrain.tensor;

import org.bytedeco.javacpp.PointerScope;

/**
 * Frees the native memory of every tensor created inside it, except those it is told to keep.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *   Tensor y = x.mul(2).add(1); // the product dies with the scope
 *   return scope.keep(y); // y now belongs to the caller's scope
 * }
 * }</pre>
 *
 * <p>Open one per training step: without it temporaries live until the garbage collector looks, and
 * gigabytes pile up. Open one per block of a network too, so that temporaries die as early as they
 * would in Python. A scope belongs to the thread that opened it and closes in reverse order.
 */
public final class Scope implements AutoCloseable {
  static {
    Torch.start();
  }

  private final Thread owner = Thread.currentThread();
  private final PointerScope outer = PointerScope.getInnerScope();
  private final PointerScope scope = new PointerScope();

  private Scope() {}

  /** Opens a scope inside the current one. */
  public static Scope open() {
    return new Scope();
  }

  /** Whether a scope is open on this thread. */
  public static boolean isOpen() {
    return PointerScope.getInnerScope() != null;
  }

  /**
   * Hands a tensor to the scope around this one; without one the tensor lives until it is closed.
   *
   * @return the same tensor
   */
  public Tensor keep(Tensor tensor) {
    tensor.pointer().retainReference();
    if (outer != null) {
      // Attaching counts one reference; it replaces the one just taken.
      outer.attach(tensor.pointer());
      tensor.pointer().releaseReference();
    }
    return tensor;
  }

  /**
   * Takes a tensor out of every scope: it lives until it is closed, or until nothing refers to it.
   * For constants that are worth caching, which must not die with the step that made them.
   *
   * @return the same tensor
   */
  public static Tensor outlive(Tensor tensor) {
    tensor.pointer().retainReference();
    return tensor;
  }

  /** Frees what was not kept. */
  @Override
  public void close() {
    if (owner != Thread.currentThread()) {
      throw new IllegalStateException(
          "a scope opened on thread '" + owner.getName() + "' was closed on another");
    }
    scope.close();
  }
}
