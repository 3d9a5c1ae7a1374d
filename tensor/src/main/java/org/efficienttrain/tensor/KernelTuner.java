package org.efficienttrain.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * Chooses implementations by measuring them: first it watches which shapes a network has, then it
 * times what each of them can be computed with, forward and backward, on this processor. That takes
 * two to six seconds for a network and is remembered in a {@link KernelCache}.
 */
public final class KernelTuner {
  /** Another implementation than the rule's must be this much faster: less is noise. */
  private static final double CLEARLY = 0.97;

  private static final int LEAST_ROUNDS = 4;

  private static final int MOST_ROUNDS = 12;

  /** Rounds of a shape before any count: memory is new then, and threads asleep. */
  private static final int WARMING_ROUNDS = 4;

  /** Seconds for a shape, unless the least rounds take longer. */
  private static final double ENOUGH = 0.06;

  /** A least time counts where another round came this close: else something disturbed all. */
  private static final double AGAIN = 1.25;

  private final DType type;
  private final Map<String, KernelShape> shapes = new TreeMap<>();

  /**
   * A tuner that has seen nothing.
   *
   * @param type in which networks compute
   */
  public KernelTuner(DType type) {
    this.type = RoundedProducts.computedIn(type);
  }

  /**
   * Notes the shapes of a forward pass.
   *
   * @param times how many times as many images pass in the run as in {@code forward}
   * @param forward runs the network in float32, without gradients
   */
  public void watch(long times, Runnable forward) {
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open();
        var listening = OpListener.listen((op, args, results) -> note(op, args, times))) {
      forward.run();
    }
  }

  private void note(String op, List<Object> args, long times) {
    KernelShape shape =
        switch (op) {
          case "linear" -> linear((Tensor) args.get(0), (Tensor) args.get(1), times);
          case "scaled_dot_product_attention" ->
              attention((Tensor) args.get(0), (Tensor) args.get(1), (Tensor) args.get(3), times);
          case "conv2d" -> convolution(args, times);
          default -> null;
        };
    if (shape != null) {
      shapes.put(shape.text(), shape);
    }
  }

  private KernelShape linear(Tensor x, Tensor weight, long times) {
    long rows = times * x.numel() / weight.size(1);
    return rows < LinearKernel.FEW_ROWS
        ? null
        : LinearKernel.shape(rows, weight.size(1), weight.size(0), type);
  }

  private KernelShape convolution(List<Object> args, long times) {
    Tensor x = (Tensor) args.get(0);
    Tensor weight = (Tensor) args.get(1);
    long[] stride = (long[]) args.get(3);
    long[] padding = (long[]) args.get(4);
    long[] dilation = (long[]) args.get(5);
    long groups = (long) args.get(6);
    if (DepthwiseKernel.isOne(x, weight, stride, padding, dilation, groups)) {
      return DepthwiseKernel.shape(x, weight, times, type);
    }
    return ConvolutionKernel.isOne(x, weight, stride, padding, dilation, groups)
        ? ConvolutionKernel.shape(x, weight, stride[0], padding[0], times, type)
        : null;
  }

  /** A mask is taken for one that is trained: without gradients that cannot be told. */
  private KernelShape attention(Tensor q, Tensor k, Tensor mask, long times) {
    return mask != null
        ? AttentionKernel.maskedShape(q, k, times, type)
        : AttentionKernel.shape(q, k, times, type);
  }

  /**
   * The fastest implementation for each shape seen.
   *
   * @param cache knows what was measured before, and is told what is measured now
   */
  public KernelChoices choose(KernelCache cache) {
    Map<String, String> known = new HashMap<>(cache.read());
    List<KernelShape> unknown =
        shapes.values().stream()
            .filter(shape -> !shape.implementations().containsKey(known.get(shape.text())))
            .toList();
    unknown.forEach(shape -> known.remove(shape.text()));
    Map<String, String> measured = measure(unknown);
    if (!measured.isEmpty()) {
      known.putAll(measured);
      cache.write(known);
    }
    Map<String, String> chosen = new LinkedHashMap<>();
    shapes.forEach((text, shape) -> chosen.put(text, known.getOrDefault(text, shape.byRule())));
    return KernelChoices.fromMap(chosen);
  }

  /**
   * The fastest implementation of each shape. All are measured twice, one after the other, and
   * those that came out differently a third time: what disturbs a machine for a moment does not do
   * so again when a shape's turn comes back.
   *
   * @return without those on which no two measurements agree
   */
  private static Map<String, String> measure(List<KernelShape> shapes) {
    Map<String, List<String>> votes = new HashMap<>();
    Map<String, String> measured = new HashMap<>();
    for (int pass = 0; pass < 3; pass++) {
      for (KernelShape shape : shapes) {
        String text = shape.text();
        if (!measured.containsKey(text)) {
          List<String> names = votes.computeIfAbsent(text, key -> new ArrayList<>());
          names.add(fastest(shape));
          measured.computeIfAbsent(text, key -> agreed(names)); // null enters nothing
        }
      }
    }
    return measured;
  }

  /** The name that stands there twice, or null. */
  static String agreed(List<String> names) {
    return names.stream()
        .filter(name -> name != null && Collections.frequency(names, name) > 1)
        .findFirst()
        .orElse(null);
  }

  /** The name of the fastest implementation; they take turns. Null where the machine was busy. */
  private static String fastest(KernelShape shape) {
    var implementations = shape.implementations();
    Map<String, double[]> times = new LinkedHashMap<>();
    implementations.keySet().forEach(name -> times.put(name, new double[0]));
    try (Scope scope = Scope.open()) {
      List<Tensor> inputs = shape.inputs();
      inputs.forEach(t -> t.requiresGrad_(true));
      double total = 0;
      for (int round = -WARMING_ROUNDS;
          round < LEAST_ROUNDS || (round < MOST_ROUNDS && total < ENOUGH);
          round++) {
        for (var each : implementations.entrySet()) {
          double time = time(each.getValue(), inputs);
          if (round >= 0) {
            total += time;
            times.merge(each.getKey(), new double[] {time}, KernelTuner::joined);
          }
        }
      }
    }
    return best(times, shape.byRule());
  }

  private static double[] joined(double[] first, double[] second) {
    return DoubleStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  /**
   * The name with the least time. What disturbs a measurement only ever makes it longer, but a way
   * that is fast in one round alone is not fast, so the second least time of each counts.
   *
   * @param times of at least two rounds, by name
   * @param rule the name that stays unless another is clearly faster
   * @return null where the least time of the best was not seen twice, so that nothing can be said
   */
  static String best(Map<String, double[]> times, String rule) {
    Map<String, double[]> sorted = new LinkedHashMap<>();
    times.forEach((name, all) -> sorted.put(name, Arrays.stream(all).sorted().toArray()));
    String best = rule;
    double limit = CLEARLY * sorted.get(rule)[1];
    for (var each : sorted.entrySet()) {
      if (each.getValue()[1] < limit) {
        best = each.getKey();
        limit = each.getValue()[1];
      }
    }
    return sorted.get(best)[1] > AGAIN * sorted.get(best)[0] ? null : best;
  }

  /**
   * Seconds of one forward and backward pass, as in a network: what comes in was computed, by the
   * threads of libtorch, and its gradient goes on to them.
   */
  private static double time(Function<List<Tensor>, Tensor> forward, List<Tensor> inputs) {
    try (Scope scope = Scope.open()) {
      long start = System.nanoTime();
      Tensor y = forward.apply(inputs.stream().map(t -> t.mul(1)).toList());
      y.mul(y.detach()).sum().backward();
      double seconds = (System.nanoTime() - start) / 1e9;
      inputs.forEach(t -> t.setGrad(null));
      return seconds;
    }
  }
}
