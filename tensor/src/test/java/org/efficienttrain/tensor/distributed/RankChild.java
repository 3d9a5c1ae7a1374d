package org.efficienttrain.tensor.distributed;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.BatchNorm2d;

/** A rank in a process of its own; prints what it finds, a line a finding. */
final class RankChild {
  private static final int SAMPLES = 12;
  private static final int WIDTH = 700; // two layers of 2 MB and more: several buckets

  private RankChild() {}

  public static void main(String[] args) {
    Ranks ranks = Ranks.of(System.getenv());
    int code = 0;
    try (Collective collective = Collective.join(ranks, Device.CPU, RankChild::stuck)) {
      System.out.println("joined");
      try {
        run(args[0], collective);
        collective.finish();
      } catch (RuntimeException e) {
        System.out.println("ended: " + collective.failed(e).getMessage());
        code = 2;
      }
    } catch (TensorException e) {
      System.out.println("ended: " + e.getMessage());
      code = 2;
    }
    System.exit(code);
  }

  private static void stuck(TensorException e) {
    System.out.println("stuck: " + e.getMessage());
    System.out.flush();
    Runtime.getRuntime().halt(3);
  }

  private static void run(String what, Collective collective) {
    switch (what) {
      case "numbers" -> numbers(collective);
      case "gradients" -> gradients(collective);
      case "statistics" -> statistics(collective);
      case "endless" -> endless(collective, -1);
      case "failing" -> endless(collective, 20);
      default -> throw new IllegalArgumentException(what);
    }
  }

  private static void numbers(Collective collective) {
    double rank = collective.rank();
    System.out.println("sum " + Arrays.toString(collective.sum(rank, 1, 0.1 * rank)));
    Tensor mine = Tensors.of(new float[] {(float) rank, 1});
    Tensor count = Tensors.of(new long[] {collective.rank()});
    collective.average(List.of(mine, count));
    System.out.println("mean " + Arrays.toString(mine.toFloats()) + (count.item() == rank));
    // An (N, C, H, W) tensor whose elements lie in another order.
    Tensor image = Tensors.arange(24).to(DType.FLOAT32).reshape(1, 2, 3, 4).add(rank);
    Tensor turned = collective.isFirst() ? image.channelsLast() : image;
    Tensor integers = Tensors.of(new long[] {7 + collective.rank()});
    collective.broadcast(List.of(turned, integers));
    System.out.println("image " + Arrays.toString(turned.toFloats()) + integers.item());
    byte[] text =
        collective.broadcast(("from " + collective.rank()).getBytes(StandardCharsets.UTF_8));
    System.out.println(new String(text, StandardCharsets.UTF_8));
  }

  /** Mean gradients of three steps, of two parts each, against those of the whole batch. */
  private static void gradients(Collective collective) {
    Generator.seed(1);
    List<Tensor> weights = new ArrayList<>();
    for (long[] shape : new long[][] {{8, WIDTH}, {WIDTH}, {WIDTH, WIDTH}, {WIDTH, 3}}) {
      weights.add(Tensors.randn(shape).mul(0.05).requiresGrad_(true));
    }
    collective.parameters(weights);
    int each = SAMPLES / collective.worldSize() / 2;
    for (int step = 0; step < 3; step++) {
      try (Scope scope = Scope.open()) {
        Tensor x = Tensors.randn(SAMPLES, 8);
        int first = collective.rank() * each * 2;
        loss(x.narrow(0, first, each), weights).mul(0.5).backward();
        collective.averageNextBackward();
        loss(x.narrow(0, first + each, each), weights).mul(0.5).backward();
        List<Tensor> mean = take(weights);
        loss(x, weights).backward();
        List<Tensor> whole = take(weights);
        double worst = 0;
        double sum = 0;
        for (int i = 0; i < mean.size(); i++) {
          Tensor scale = whole.get(i).abs().amax(new long[] {0}, false).mean();
          worst = Math.max(worst, mean.get(i).sub(whole.get(i)).abs().mean().div(scale).item());
          sum += mean.get(i).abs().to(DType.FLOAT64).sum().item();
        }
        System.out.println("step " + step + " close " + (worst < 1e-6) + " sum " + sum);
      }
    }
  }

  /**
   * Two batch normalisations in a row over unequal parts of a batch, in float64, against libtorch's
   * own over the whole: outputs, gradients of inputs and weights, running statistics.
   */
  private static void statistics(Collective collective) {
    List<BatchNorm2d> parts = List.of(new BatchNorm2d(3), new BatchNorm2d(3));
    List<BatchNorm2d> wholes = List.of(new BatchNorm2d(3), new BatchNorm2d(3));
    UnaryOperator<Tensor> sum = collective.graphSum();
    parts.forEach(norm -> norm.to(DType.FLOAT64));
    parts.forEach(norm -> norm.synchronise(sum));
    wholes.forEach(norm -> norm.to(DType.FLOAT64));
    Generator.seed(2);
    int first = collective.isFirst() ? 0 : 5;
    int images = collective.isFirst() ? 5 : SAMPLES - 5;
    for (int step = 0; step < 3; step++) {
      try (Scope scope = Scope.open()) {
        Tensor all = Tensors.randn(SAMPLES, 3, 4, 4).to(DType.FLOAT64).mul(3).add(2);
        Tensor weight = Tensors.randn(SAMPLES, 3, 4, 4).to(DType.FLOAT64);
        Tensor whole = all.detach().requiresGrad_(true);
        Tensor part = all.narrow(0, first, images).copy().requiresGrad_(true);
        Tensor wholeOut = through(wholes, whole);
        Tensor partOut = through(parts, part);
        wholeOut.mul(weight).sum().backward();
        partOut.mul(weight.narrow(0, first, images)).sum().backward();

        System.out.println("output " + close(partOut, wholeOut.narrow(0, first, images)));
        System.out.println("input " + close(part.grad(), whole.grad().narrow(0, first, images)));
        for (int i = 0; i < 2; i++) {
          BatchNorm2d a = parts.get(i);
          BatchNorm2d b = wholes.get(i);
          System.out.println("weight " + close(sum.apply(a.weight.grad()), b.weight.grad()));
          System.out.println("bias " + close(sum.apply(a.bias.grad()), b.bias.grad()));
          System.out.println("mean " + close(a.runningMean, b.runningMean));
          System.out.println("var " + close(a.runningVar, b.runningVar));
          a.zeroGrad();
          b.zeroGrad();
        }
      }
    }
  }

  private static Tensor through(List<BatchNorm2d> norms, Tensor x) {
    return norms.get(1).forward(norms.get(0).forward(x).sigmoid());
  }

  private static boolean close(Tensor a, Tensor b) {
    return a.sub(b).abs().amax(new long[] {}, false).item() < 1e-10;
  }

  private static Tensor loss(Tensor x, List<Tensor> w) {
    Tensor hidden = x.matmul(w.get(0)).add(w.get(1)).relu().matmul(w.get(2)).relu();
    return hidden.matmul(w.get(3)).square().mean();
  }

  private static List<Tensor> take(List<Tensor> weights) {
    Supplier<List<Tensor>> gradients = () -> weights.stream().map(Tensor::grad).toList();
    List<Tensor> taken = gradients.get();
    weights.forEach(w -> w.setGrad(null));
    return taken;
  }

  private static void endless(Collective collective, int failAt) {
    for (int i = 0; ; i++) {
      collective.sum(i);
      if (i == failAt && collective.rank() == 1) {
        throw new TensorException("no more images in the cupboard");
      }
      if (i == 10) {
        System.out.println("going");
      }
    }
  }
}
