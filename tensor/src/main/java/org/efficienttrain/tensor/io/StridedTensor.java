package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor as a view of a storage: element {@code (i, j, ..)} lies at {@code offset + i *
 * strides[0] + j * strides[1] + ..}, counted in elements.
 */
record StridedTensor(TensorInfo info, Storage storage, long offset, List<Long> strides) {

  /** The view has been checked: it lies within its storage and repeats no element. */
  StridedTensor {
    strides = List.copyOf(strides);
  }

  /** A tensor that fills its storage from the start. */
  static StridedTensor contiguous(TensorInfo info, Storage storage) {
    return new StridedTensor(info, storage, 0, rowMajor(info.shape()));
  }

  private static List<Long> rowMajor(List<Long> shape) {
    long[] strides = new long[shape.size()];
    long step = 1;
    for (int d = strides.length - 1; d >= 0; d--) {
      strides[d] = step;
      step *= Math.max(1, shape.get(d));
    }
    return Shapes.list(strides);
  }

  StridedTensor renamed(String name) {
    TensorInfo other = new TensorInfo(name, info.dtype(), info.shape());
    return new StridedTensor(other, storage, offset, strides);
  }

  /**
   * Says why this view cannot be read, or null if it can.
   *
   * <p>A view with more elements than its storage (an expanded tensor) is refused: a small file
   * could otherwise ask for any amount of memory.
   */
  static String fault(TensorInfo info, long storageBytes, long offset, List<Long> strides) {
    if (strides.size() != info.shape().size()) {
      return "has " + info.shape().size() + " dimensions but " + strides.size() + " strides";
    }
    if (info.shape().size() > TensorInfo.MAX_RANK) {
      return "has more than " + TensorInfo.MAX_RANK + " dimensions";
    }
    if (offset < 0
        || info.shape().stream().anyMatch(n -> n < 0)
        || strides.stream().anyMatch(n -> n < 0)) {
      return "has a negative size, stride or offset";
    }
    long stored = storageBytes / info.dtype().bytes();
    try {
      if (info.elements() == 0) {
        return null;
      }
      long last = offset;
      for (int d = 0; d < strides.size(); d++) {
        long reach = Math.multiplyExact(info.shape().get(d) - 1, strides.get(d));
        last = Math.addExact(last, reach);
      }
      if (last >= stored) {
        return "reaches element " + last + " of a storage of " + stored;
      }
      if (info.elements() > stored) {
        return "repeats the elements of a smaller storage";
      }
    } catch (ArithmeticException e) {
      return "has a shape larger than any file";
    }
    return null;
  }

  /** Number of bytes from the first to the last element, with what lies between. */
  long span() {
    if (info.elements() == 0) {
      return 0;
    }
    long last = 0;
    for (int d = 0; d < strides.size(); d++) {
      last += (info.shape().get(d) - 1) * strides.get(d);
    }
    return (last + 1) * info.dtype().bytes();
  }

  /** The elements in row-major order, little-endian; {@link #span()} must be under 2 GB. */
  ByteBuffer read() throws IOException {
    if (info.elements() == 0) {
      return storage.bytes(0, 0);
    }
    int width = info.dtype().bytes();
    ByteBuffer from = storage.bytes(offset * width, span());
    if (isContiguous()) {
      return from;
    }
    ByteBuffer to = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    gather(from, to, width);
    return to.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Copies element after element, the index running like an odometer. */
  private void gather(ByteBuffer from, ByteBuffer to, int width) {
    long[] shape = info.dims();
    long[] step = Shapes.array(strides);
    long[] index = new long[shape.length];
    byte[] element = new byte[width];
    long at = 0;
    while (true) {
      from.get((int) (at * width), element);
      to.put(element);
      int d = shape.length - 1;
      while (d >= 0 && ++index[d] == shape[d]) {
        at -= (shape[d] - 1) * step[d];
        index[d] = 0;
        d--;
      }
      if (d < 0) {
        return;
      }
      at += step[d];
    }
  }

  /** True if the elements follow one another; the stride of a dimension of size 1 says nothing. */
  private boolean isContiguous() {
    long step = 1;
    for (int d = strides.size() - 1; d >= 0; d--) {
      long extent = info.shape().get(d);
      if (extent != 1 && strides.get(d) != step) {
        return false;
      }
      step *= extent;
    }
    return true;
  }
}
