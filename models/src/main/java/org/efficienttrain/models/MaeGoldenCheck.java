package org.efficienttrain.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;

/** Holds {@link Mae} against figures of the official implementation. */
final class MaeGoldenCheck {
  /** The row of the encoder's table of positions that the files show the beginning of. */
  private static final int SHOWN_ROW = 5;

  /** Largest relative error of that row: it is a formula in float64, rounded to float32. */
  private static final double TABLE_TOLERANCE = 1e-6;

  private MaeGoldenCheck() {}

  /**
   * What the official implementation computed for a network filled by {@link GoldenFill}, on {@code
   * masked.size()} images made from the name {@code input} and hidden by the noise (u + 1) / 2 made
   * from the name {@code noise}.
   *
   * @param masked numbers of the hidden patches of each image
   * @param loss the loss
   * @param predictionNorm Euclidean norm of the whole prediction
   * @param prediction first values of the first patch of the first image
   * @param positions first values of a row of the encoder's table of positions
   * @param state shape of every parameter and table, by name
   * @param gradientNorms Euclidean norm of the loss gradient of each parameter, by name
   */
  private record Golden(
      MaeVariant variant,
      int imageSize,
      double maskRatio,
      boolean normalisedTargets,
      long parameters,
      List<List<Long>> masked,
      double loss,
      double predictionNorm,
      List<Double> prediction,
      List<Double> positions,
      Map<String, List<Long>> state,
      Map<String, Double> gradientNorms) {

    static Golden read(GoldenFile.Reader reader) {
      String name = reader.get("model").asText();
      List<List<Long>> masked =
          GoldenFile.Reader.elements(reader.get("masked"))
              .map(row -> GoldenFile.Reader.elements(row).map(JsonNode::asLong).toList())
              .toList();
      if (masked.isEmpty() || masked.size() > GoldenFile.MAX_BATCH) {
        throw reader.wrong("masked");
      }
      return new Golden(
          MaeVariant.find(name)
              .orElseThrow(() -> new TensorException("there is no masked autoencoder " + name)),
          (int) reader.integer("image_size", GoldenFile.MAX_IMAGE_SIZE),
          reader.get("mask_ratio").asDouble(),
          reader.get("norm_pix_loss").asBoolean(),
          reader.integer("parameters", Long.MAX_VALUE),
          masked,
          reader.get("loss").asDouble(),
          reader.get("pred_l2").asDouble(),
          numbers(reader, "pred_first"),
          numbers(reader, "pos_embed_row" + SHOWN_ROW),
          reader.state(),
          reader.gradientNorms());
    }

    private static List<Double> numbers(GoldenFile.Reader reader, String key) {
      List<Double> numbers =
          GoldenFile.Reader.elements(reader.get(key)).map(JsonNode::asDouble).toList();
      if (numbers.isEmpty()) {
        throw reader.wrong(key);
      }
      return numbers;
    }
  }

  /** Whether a file is about a masked autoencoder. */
  static boolean concerns(GoldenFile.Reader reader) {
    return reader.get("model").asText().startsWith("mae_");
  }

  static GoldenCheck.Result check(GoldenFile.Reader reader) {
    Golden golden = Golden.read(reader);
    List<String> problems = new ArrayList<>();
    Mae model =
        golden.variant.build(
            golden.imageSize, golden.normalisedTargets ? Mae.Target.PIXELS : Mae.Target.RAW);
    try {
      if (model.parameterCount() != golden.parameters) {
        problems.add(model.parameterCount() + " parameters instead of " + golden.parameters);
      }
      GoldenCheck.compareState(golden.state, GoldenCheck.shapes(model), problems);
      GoldenCheck.Numbers numbers =
          new GoldenCheck.Numbers(Double.NaN, Double.NaN, Double.NaN, problems);
      if (problems.isEmpty()) {
        GoldenFill.fill(model);
        model.eval();
        numbers =
            GoldenCheck.compareNumbers(
                model,
                golden.gradientNorms,
                (tolerance, wrong) -> compareForward(golden, model, tolerance, wrong));
      }
      return new GoldenCheck.Result(
          GoldenCheck.nameOf(reader.file()),
          golden.imageSize,
          model.parameterCount(),
          "pixels",
          numbers.outputError(),
          numbers.gradientError(),
          numbers.float32GradientError(),
          List.copyOf(numbers.problems()));
    } finally {
      model.zeroGrad();
      model.close();
    }
  }

  /** Runs forward and backward; returns the relative error of the shown part of the prediction. */
  private static double compareForward(
      Golden golden, Mae model, double tolerance, List<String> problems) {
    int n = golden.masked.size();
    int side = golden.imageSize;
    try (Scope scope = Scope.open()) {
      Tensor table = model.state().get("pos_embed");
      comparePositions(golden, table, problems);
      float[] pixels = GoldenFill.uniform("input", n * 3 * side * side);
      Tensor images = Tensors.of(pixels, n, 3, side, side).to(table.dtype());
      int patches = (int) table.size(1) - 1;
      Tensor u = Tensors.of(GoldenFill.uniform("noise", n * patches), n, patches);
      Mae.Output out = model.forward(images, golden.maskRatio, u.add(1).div(2));

      compareMask(golden, out.mask(), problems);
      compareNumber("loss", out.loss().item(), golden.loss, tolerance, problems);
      double norm = out.prediction().detach().to(DType.FLOAT64).norm().item();
      compareNumber("norm of the prediction", norm, golden.predictionNorm, tolerance, problems);
      Tensor first = out.prediction().detach().select(0, 0).select(0, 0);
      long shown = Math.min(golden.prediction.size(), first.numel());
      double error =
          GoldenCheck.relativeError(first.narrow(0, 0, shown).toDoubles(), golden.prediction);
      if (!(error <= tolerance)) {
        problems.add("the prediction differs by " + error);
      }
      out.loss().backward();
      return error;
    }
  }

  private static void comparePositions(Golden golden, Tensor table, List<String> problems) {
    Tensor row = table.select(1, SHOWN_ROW).flatten(0, -1);
    long shown = Math.min(golden.positions.size(), row.numel());
    double error = GoldenCheck.relativeError(row.narrow(0, 0, shown).toDoubles(), golden.positions);
    if (!(error <= TABLE_TOLERANCE)) {
      problems.add("row " + SHOWN_ROW + " of 'pos_embed' differs by " + error);
    }
  }

  private static void compareMask(Golden golden, Tensor mask, List<String> problems) {
    double[] hidden = mask.toDoubles();
    int patches = (int) mask.size(1);
    for (int image = 0; image < golden.masked.size(); image++) {
      List<Long> found = new ArrayList<>();
      for (int patch = 0; patch < patches; patch++) {
        if (hidden[image * patches + patch] == 1) {
          found.add((long) patch);
        }
      }
      if (!found.equals(golden.masked.get(image))) {
        problems.add("other patches of image " + image + " are hidden");
      }
    }
  }

  private static void compareNumber(
      String what, double ours, double wanted, double tolerance, List<String> problems) {
    if (!(Math.abs(ours - wanted) <= tolerance * Math.abs(wanted))) {
      problems.add("the " + what + " is " + ours + " instead of " + wanted);
    }
  }
}
