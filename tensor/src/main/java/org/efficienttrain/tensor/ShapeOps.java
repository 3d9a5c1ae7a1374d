package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.call;
import static org.efficienttrain.tensor.Ops.callList;
import static org.efficienttrain.tensor.Ops.scalar;

import java.util.List;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What {@link Tensor} has for shapes: views where there can be one, and the choice of elements. */
sealed interface ShapeOps permits Tensor {
  org.bytedeco.pytorch.Tensor pointer();

  long[] shape();

  /** Another shape over the same memory; one size may be -1. */
  default Tensor view(long... shape) {
    return call("view", () -> pointer().view(shape), this, shape);
  }

  /** Another shape, copying where a view cannot be had; one size may be -1. */
  default Tensor reshape(long... shape) {
    return call("reshape", () -> pointer().reshape(shape), this, shape);
  }

  default Tensor permute(long... dims) {
    return call("permute", () -> pointer().permute(dims), this, dims);
  }

  /** A view of the same memory with that shape and those distances between elements. */
  default Tensor asStrided(long[] shape, long[] strides) {
    return call("as_strided", () -> pointer().as_strided(shape, strides), this, shape, strides);
  }

  default Tensor transpose(long dim0, long dim1) {
    return call("transpose", () -> pointer().transpose(dim0, dim1), this, dim0, dim1);
  }

  /** Merges dimensions {@code start} to {@code end}, both included. */
  default Tensor flatten(long start, long end) {
    return call("flatten", () -> pointer().flatten(start, end), this, start, end);
  }

  default Tensor unsqueeze(long dim) {
    return call("unsqueeze", () -> pointer().unsqueeze(dim), this, dim);
  }

  default Tensor squeeze(long dim) {
    return call("squeeze", () -> pointer().squeeze(dim), this, dim);
  }

  /** Repeats dimensions of size 1 without copying; -1 keeps a size. */
  default Tensor expand(long... shape) {
    return call("expand", () -> pointer().expand(shape), this, shape);
  }

  default Tensor repeat(long... times) {
    return call("repeat", () -> pointer().repeat(times), this, times);
  }

  default Tensor narrow(long dim, long start, long length) {
    return call("narrow", () -> pointer().narrow(dim, start, length), this, dim, start, length);
  }

  default Tensor select(long dim, long index) {
    return call("select", () -> pointer().select(dim, index), this, dim, index);
  }

  default List<Tensor> chunk(long chunks, long dim) {
    return callList("chunk", () -> pointer().chunk(chunks, dim), this, chunks, dim);
  }

  default List<Tensor> split(long[] sizes, long dim) {
    return callList("split", () -> pointer().split(sizes, dim), this, sizes, dim);
  }

  /** The slices along a dimension, which disappears. */
  default List<Tensor> unbind(long dim) {
    return callList("unbind", () -> pointer().unbind(dim), this, dim);
  }

  default Tensor roll(long[] shifts, long[] dims) {
    return call(
        "roll",
        () ->
            pointer().is_meta() ? torch.empty_like(pointer()) : torch.roll(pointer(), shifts, dims),
        this,
        shifts,
        dims);
  }

  default Tensor flip(long... dims) {
    return call("flip", () -> pointer().flip(dims), this, dims);
  }

  default Tensor indexSelect(long dim, Tensor index) {
    return call(
        "index_select",
        () -> {
          if (pointer().is_meta()) { // libtorch has no kernel for the shapes alone
            long[] shape = shape();
            shape[(int) (dim < 0 ? dim + shape.length : dim)] = index.numel();
            return torch.empty(shape, pointer().options(), new MemoryFormatOptional());
          }
          return pointer().index_select(dim, index.pointer());
        },
        this,
        dim,
        index);
  }

  /**
   * This with {@code alpha} times the slices of {@code source} added to its own at {@code index}.
   * Other than {@link Tensor#add}, it wants both in one type: the shorter is widened.
   */
  default Tensor indexAdd(long dim, Tensor index, Tensor source, double alpha) {
    return call(
        "index_add",
        () -> {
          ScalarType type =
              torch.promote_types(pointer().scalar_type(), source.pointer().scalar_type());
          return pointer()
              .to(type)
              .index_add(dim, index.pointer(), source.pointer().to(type), scalar(alpha));
        },
        this,
        dim,
        index,
        source,
        alpha);
  }

  default Tensor gather(long dim, Tensor index) {
    return call("gather", () -> pointer().gather(dim, index.pointer()), this, dim, index);
  }
}
