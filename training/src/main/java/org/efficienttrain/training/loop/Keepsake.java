package org.efficienttrain.training.loop;

import java.util.List;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Script;
import org.efficienttrain.tensor.Tensor;

/** Copies of a few tensors, to go back to: one native call to keep them all. */
final class Keepsake implements AutoCloseable {
  private static final Script COPY =
      Script.compile(
          "copy_all",
          """
          def copy_all(to: List[Tensor], source: List[Tensor]) -> None:
              for i in range(len(to)):
                  to[i].copy_(source[i])
          """);

  private final List<Tensor> originals;
  private final List<Tensor> copies;

  /** Copies the tensors, outside any scope. */
  Keepsake(List<Tensor> originals) {
    this.originals = originals;
    try (NoGrad noGrad = NoGrad.open()) {
      this.copies = originals.stream().map(t -> t.detach().copy()).toList();
    }
  }

  /** Remembers them as they are now. */
  void keep() {
    copy(copies, originals);
  }

  /** Puts back what was remembered. */
  void restore() {
    copy(originals, copies);
  }

  private static void copy(List<Tensor> to, List<Tensor> source) {
    if (to.isEmpty()) {
      return;
    }
    try (NoGrad noGrad = NoGrad.open()) {
      COPY.run(to, source);
    }
  }

  @Override
  public void close() {
    copies.forEach(Tensor::close);
  }
}
