package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.bound;
import static org.efficienttrain.tensor.Ops.call;
import static org.efficienttrain.tensor.Ops.scalar;

import java.util.List;
import org.bytedeco.pytorch.global.torch;

/**
 * What {@link Tensor} has for each element by itself, shapes broadcast: arithmetic and comparison.
 */
sealed interface PointwiseOps permits Tensor {
  org.bytedeco.pytorch.Tensor pointer();

  default Tensor add(Tensor other) {
    return call("add", () -> pointer().add(other.pointer()), this, other);
  }

  default Tensor add(double other) {
    return call("add", () -> pointer().add(scalar(other)), this, other);
  }

  default Tensor sub(Tensor other) {
    return call("sub", () -> pointer().sub(other.pointer()), this, other);
  }

  default Tensor sub(double other) {
    return call("sub", () -> pointer().sub(scalar(other)), this, other);
  }

  default Tensor mul(Tensor other) {
    return call("mul", () -> pointer().mul(other.pointer()), this, other);
  }

  default Tensor mul(double other) {
    return call("mul", () -> pointer().mul(scalar(other)), this, other);
  }

  default Tensor div(Tensor other) {
    return call("div", () -> pointer().div(other.pointer()), this, other);
  }

  default Tensor div(double other) {
    return call("div", () -> pointer().div(scalar(other)), this, other);
  }

  /** This plus {@code alpha} times {@code other}. */
  default Tensor add(Tensor other, double alpha) {
    return call("add", () -> pointer().add(other.pointer(), scalar(alpha)), this, other, alpha);
  }

  /** This plus {@code a} times {@code b}, in one pass over the memory. */
  default Tensor addcmul(Tensor a, Tensor b) {
    return call("addcmul", () -> pointer().addcmul(a.pointer(), b.pointer()), this, a, b);
  }

  default Tensor pow(double exponent) {
    return call("pow", () -> pointer().pow(scalar(exponent)), this, exponent);
  }

  default Tensor clamp(double min, double max) {
    return call("clamp", () -> pointer().clamp(bound(min), bound(max)), this, min, max);
  }

  default Tensor neg() {
    return call("neg", pointer()::neg, this);
  }

  default Tensor abs() {
    return call("abs", pointer()::abs, this);
  }

  default Tensor exp() {
    return call("exp", pointer()::exp, this);
  }

  default Tensor log() {
    return call("log", pointer()::log, this);
  }

  default Tensor sqrt() {
    return call("sqrt", pointer()::sqrt, this);
  }

  default Tensor rsqrt() {
    return call("rsqrt", pointer()::rsqrt, this);
  }

  default Tensor sin() {
    return call("sin", pointer()::sin, this);
  }

  default Tensor cos() {
    return call("cos", pointer()::cos, this);
  }

  default Tensor erf() {
    return call("erf", pointer()::erf, this);
  }

  default Tensor sigmoid() {
    return call("sigmoid", pointer()::sigmoid, this);
  }

  default Tensor relu() {
    return call(
        "relu", () -> pointer().is_meta() ? torch.empty_like(pointer()) : pointer().relu(), this);
  }

  default Tensor square() {
    return call("square", pointer()::square, this);
  }

  default Tensor floor() {
    return call("floor", pointer()::floor, this);
  }

  default Tensor matmul(Tensor other) {
    return call(
        "matmul",
        () ->
            RoundedProducts.of(
                List.of((Tensor) this, other), x -> x.get(0).pointer().matmul(x.get(1).pointer())),
        this,
        other);
  }

  default Tensor maximum(Tensor other) {
    return call("maximum", () -> pointer().maximum(other.pointer()), this, other);
  }

  default Tensor eq(double other) {
    return call("eq", () -> pointer().eq(scalar(other)), this, other);
  }

  default Tensor ne(double other) {
    return call("ne", () -> pointer().ne(scalar(other)), this, other);
  }

  default Tensor gt(double other) {
    return call("gt", () -> pointer().gt(scalar(other)), this, other);
  }

  default Tensor ge(double other) {
    return call("ge", () -> pointer().ge(scalar(other)), this, other);
  }

  default Tensor lt(double other) {
    return call("lt", () -> pointer().lt(scalar(other)), this, other);
  }

  default Tensor le(double other) {
    return call("le", () -> pointer().le(scalar(other)), this, other);
  }

  default Tensor eq(Tensor other) {
    return call("eq", () -> pointer().eq(other.pointer()), this, other);
  }

  default Tensor lt(Tensor other) {
    return call("lt", () -> pointer().lt(other.pointer()), this, other);
  }
}
