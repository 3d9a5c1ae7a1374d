package org.efficienttrain.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.Module;

/** Holds the networks against figures of the official implementations. */
public final class GoldenCheck {
  /** Largest relative error of the output and of the loss, in float32. */
  public static final double LOGIT_TOLERANCE = 1e-4;

  /** Largest relative error of a gradient's norm, in float32. */
  public static final double GRADIENT_TOLERANCE = 1e-3;

  /**
   * Largest relative error of either in float64, where float32 has too few digits for a gradient;
   * the files hold 7 of them.
   */
  public static final double FLOAT64_TOLERANCE = 1e-6;

  private GoldenCheck() {}

  /**
   * What came out for one file.
   *
   * @param file the file's name without its ending
   * @param imageSize side of the images, in pixels
   * @param parameters trained elements of our network
   * @param output what the network gives, in a word: logits, or pixels of MAE
   * @param outputError norm of the difference of the output over the norm of the reference
   * @param gradientError largest relative error of a gradient's norm, in the precision that decided
   * @param float32GradientError the same in float32; above {@link #GRADIENT_TOLERANCE} exactly
   *     where float64 decided
   * @param problems what does not fit, in words; empty for a pass
   */
  public record Result(
      String file,
      int imageSize,
      long parameters,
      String output,
      double outputError,
      double gradientError,
      double float32GradientError,
      List<String> problems) {

    public boolean passed() {
      return problems.isEmpty();
    }

    /** Whether float32 had too few digits for a gradient, so that float64 decided. */
    public boolean decidedInFloat64() {
      return float32GradientError > GRADIENT_TOLERANCE;
    }

    /**
     * One line: name, size, parameters, errors, pass or FAIL with the first problem; where float64
     * decided, that and the error in float32.
     */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-22s  size %3d  parameters %,11d  %s %.1e  gradients %.1e  %s%s",
          file,
          imageSize,
          parameters,
          output,
          outputError,
          gradientError,
          passed() ? "pass" : "FAIL: " + problems.get(0),
          decidedInFloat64()
              ? String.format(Locale.ROOT, " (in float64; in float32 %.1e)", float32GradientError)
              : "");
    }
  }

  /**
   * Checks every golden file of a folder, in the order of their names.
   *
   * @param out takes one line per file as soon as it is known
   * @return whether all passed
   * @throws TensorException if there is no such folder or no file in it
   */
  public static boolean verify(Path folder, Consumer<String> out) {
    boolean passed = true;
    for (Path file : filesIn(folder)) {
      String name = nameOf(file);
      String line;
      try {
        Result result = check(file);
        passed &= result.passed();
        line = result.toString();
      } catch (TensorException e) {
        passed = false;
        line = String.format(Locale.ROOT, "%-22s  FAIL: %s", name, e.getMessage());
      }
      out.accept(line);
    }
    return passed;
  }

  private static List<Path> filesIn(Path folder) {
    try (Stream<Path> list = Files.list(folder)) {
      List<Path> files = list.filter(f -> f.toString().endsWith(".json")).sorted().toList();
      if (files.isEmpty()) {
        throw new TensorException(folder + " holds no golden file (NAME_SIZE.json)");
      }
      return files;
    } catch (IOException e) {
      throw new TensorException(folder + " is not a folder that can be read", e);
    }
  }

  static String nameOf(Path file) {
    return file.getFileName().toString().replaceFirst("\\.json$", "");
  }

  /**
   * Checks one file.
   *
   * @throws TensorException if it is no golden file or names an unknown model
   */
  public static Result check(Path file) {
    GoldenFile.Reader reader = GoldenFile.Reader.open(file);
    return MaeGoldenCheck.concerns(reader) ? MaeGoldenCheck.check(reader) : check(reader);
  }

  private static Result check(GoldenFile.Reader reader) {
    GoldenFile golden = reader.golden();
    List<String> problems = new ArrayList<>();
    compareCounts(golden, problems);
    Backbone model = Backbones.create(golden.model(), golden.classes(), golden.imageSize());
    long parameters = model.parameterCount();
    try {
      compareState(golden.state(), shapes(model), problems);
      Numbers numbers = new Numbers(Double.NaN, Double.NaN, Double.NaN, problems);
      if (problems.isEmpty()) {
        GoldenFill.fill(model);
        model.eval();
        numbers =
            compareNumbers(
                model,
                golden.gradientNorms(),
                (tolerance, wrong) -> compareForward(golden, model, tolerance, wrong));
      }
      return new Result(
          nameOf(reader.file()),
          golden.imageSize(),
          parameters,
          "logits",
          numbers.outputError,
          numbers.gradientError,
          numbers.float32GradientError,
          List.copyOf(numbers.problems));
    } finally {
      model.zeroGrad();
      model.close();
    }
  }

  /** Relative errors of the output and of the worst gradient, and what is wrong with them. */
  record Numbers(
      double outputError,
      double gradientError,
      double float32GradientError,
      List<String> problems) {}

  /** Runs a network forward and backward and compares its output. */
  @FunctionalInterface
  interface ForwardCheck {
    /** Returns the relative error of the output; what exceeds the tolerance is a problem. */
    double run(double tolerance, List<String> problems);
  }

  static Numbers compareNumbers(Module model, Map<String, Double> norms, ForwardCheck forward) {
    List<String> problems = new ArrayList<>();
    double outputError = forward.run(LOGIT_TOLERANCE, problems);
    if (!problems.isEmpty()) {
      return new Numbers(outputError, Double.NaN, Double.NaN, problems);
    }
    double float32Error = compareGradients(norms, model, GRADIENT_TOLERANCE, problems);
    if (!(float32Error > GRADIENT_TOLERANCE)) {
      return new Numbers(outputError, float32Error, float32Error, problems);
    }
    // Gradients of scalars are small differences of large sums, which float32 cannot always hold
    // (CAFormer's activations: PyTorch itself is off by 1e-2). More digits tell rounding from
    // error.
    problems.clear();
    model.to(DType.FLOAT64);
    forward.run(FLOAT64_TOLERANCE, problems);
    double gradientError = compareGradients(norms, model, FLOAT64_TOLERANCE, problems);
    return new Numbers(outputError, gradientError, float32Error, problems);
  }

  static Map<String, List<Long>> shapes(Module model) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    model.state().forEach((name, t) -> shapes.put(name, shapeOf(t)));
    return shapes;
  }

  private static List<Long> shapeOf(Tensor t) {
    return Arrays.stream(t.shape()).boxed().toList();
  }

  static void compareState(
      Map<String, List<Long>> wanted, Map<String, List<Long>> found, List<String> problems) {
    wanted.forEach(
        (name, shape) -> {
          if (!shape.equals(found.get(name))) {
            String ours = found.containsKey(name) ? "of shape " + found.get(name) : "missing";
            problems.add("'" + name + "' is " + ours + " instead of " + shape);
          }
        });
    found.keySet().stream()
        .filter(name -> !wanted.containsKey(name))
        .forEach(name -> problems.add("'" + name + "' is not in the official state"));
  }

  private static void compareCounts(GoldenFile golden, List<String> problems) {
    compareCount(golden, golden.classes(), golden.parameters(), problems);
    compareCount(golden, 1000, golden.parameters1000(), problems);
  }

  private static void compareCount(
      GoldenFile golden, int classes, long wanted, List<String> problems) {
    Backbone model = Backbones.options(golden.model(), classes, golden.imageSize()).buildShapes();
    long count = model.parameterCount();
    model.close();
    if (count != wanted) {
      problems.add(count + " parameters for " + classes + " classes instead of " + wanted);
    }
  }

  /** Runs forward and backward; returns the relative error of the logits. */
  private static double compareForward(
      GoldenFile golden, Backbone model, double tolerance, List<String> problems) {
    int n = golden.targets().size();
    int side = golden.imageSize();
    DType type = model.namedParameters().values().iterator().next().dtype();
    try (Scope scope = Scope.open()) {
      float[] pixels = GoldenFill.uniform(golden.input(), n * 3 * side * side);
      Tensor images = Tensors.of(pixels, n, 3, side, side).to(type);
      Tensor targets = Tensors.of(golden.targets().stream().mapToLong(t -> t).toArray());
      Tensor logits = model.forward(images);
      double error = relativeError(logits.toDoubles(), golden.logits());
      if (!(error <= tolerance)) {
        problems.add("the logits differ by " + error);
      }
      Tensor loss = Functional.crossEntropy(logits, targets, 0);
      if (!(Math.abs(loss.item() - golden.loss()) <= tolerance * Math.abs(golden.loss()))) {
        problems.add("the loss is " + loss.item() + " instead of " + golden.loss());
      }
      loss.backward();
      return error;
    }
  }

  /** Norm of the difference over norm of the reference; NaN where their numbers differ. */
  static double relativeError(double[] ours, List<Double> wanted) {
    if (ours.length != wanted.size()) {
      return Double.NaN;
    }
    double difference = 0;
    double reference = 0;
    for (int i = 0; i < ours.length; i++) {
      difference += Math.pow(ours[i] - wanted.get(i), 2);
      reference += Math.pow(wanted.get(i), 2);
    }
    return Math.sqrt(difference / reference);
  }

  private static double compareGradients(
      Map<String, Double> norms, Module model, double tolerance, List<String> problems) {
    Map<String, Tensor> parameters = model.namedParameters();
    double worst = 0;
    for (Map.Entry<String, Double> entry : norms.entrySet()) {
      Tensor parameter = parameters.get(entry.getKey());
      try (Scope scope = Scope.open()) {
        Tensor gradient = parameter == null ? null : parameter.grad();
        if (gradient == null) {
          problems.add("'" + entry.getKey() + "' has no gradient");
          continue;
        }
        // Summed in float64: over millions of elements a float32 sum of squares is off by 1e-3.
        double norm = gradient.to(DType.FLOAT64).norm().item();
        double error = Math.abs(norm - entry.getValue()) / entry.getValue();
        if (!(error <= tolerance)) {
          problems.add("the gradient of '" + entry.getKey() + "' differs by " + error);
        }
        worst = Math.max(worst, error);
      }
    }
    return worst;
  }
}
