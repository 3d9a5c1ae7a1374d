package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.bound;
import static org.efficienttrain.tensor.Ops.run;
import static org.efficienttrain.tensor.Ops.scalar;

/** What changes a {@link Tensor} where it lies. */
sealed interface InPlaceOps permits Tensor {
  org.bytedeco.pytorch.Tensor pointer();

  default Tensor add_(double other) {
    run("add_", () -> pointer().add_(scalar(other)), this, other);
    return (Tensor) this;
  }

  default Tensor sub_(Tensor other) {
    run("sub_", () -> pointer().sub_(other.pointer()), this, other);
    return (Tensor) this;
  }

  default Tensor mul_(Tensor other) {
    run("mul_", () -> pointer().mul_(other.pointer()), this, other);
    return (Tensor) this;
  }

  default Tensor mul_(double other) {
    run("mul_", () -> pointer().mul_(scalar(other)), this, other);
    return (Tensor) this;
  }

  default Tensor div_(double other) {
    run("div_", () -> pointer().div_(scalar(other)), this, other);
    return (Tensor) this;
  }

  default Tensor add_(Tensor other, double alpha) {
    run("add_", () -> pointer().add_(other.pointer(), scalar(alpha)), this, other, alpha);
    return (Tensor) this;
  }

  default Tensor lerp_(Tensor end, double weight) {
    run("lerp_", () -> pointer().lerp_(end.pointer(), scalar(weight)), this, end, weight);
    return (Tensor) this;
  }

  default Tensor clamp_(double min, double max) {
    run("clamp_", () -> pointer().clamp_(bound(min), bound(max)), this, min, max);
    return (Tensor) this;
  }

  default Tensor fill_(double value) {
    run("fill_", () -> pointer().fill_(scalar(value)), this, value);
    return (Tensor) this;
  }

  default Tensor normal_(double mean, double std) {
    run(
        "normal_",
        () -> pointer().normal_(mean, std, new org.bytedeco.pytorch.GeneratorOptional()),
        this,
        mean,
        std);
    return (Tensor) this;
  }

  default Tensor uniform_(double from, double to) {
    run(
        "uniform_",
        () -> pointer().uniform_(from, to, new org.bytedeco.pytorch.GeneratorOptional()),
        this,
        from,
        to);
    return (Tensor) this;
  }

  default Tensor bernoulli_(double probability) {
    run(
        "bernoulli_",
        () -> pointer().bernoulli_(probability, new org.bytedeco.pytorch.GeneratorOptional()),
        this,
        probability);
    return (Tensor) this;
  }

  default Tensor erfinv_() {
    run("erfinv_", () -> pointer().erfinv_(), this);
    return (Tensor) this;
  }
}
