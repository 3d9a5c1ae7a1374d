package org.efficienttrain.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.tensor.distributed.Collective;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against scikit-learn's figures. */
class ClassificationGoldenTest {
  private static final double CLOSE = 1e-9;

  static List<JsonNode> cases() throws IOException {
    return list(read("metrics.json").get("cases"));
  }

  static JsonNode read(String name) throws IOException {
    try (InputStream in =
        ClassificationGoldenTest.class.getResourceAsStream("/golden/ops/" + name)) {
      return new ObjectMapper().readTree(in);
    }
  }

  static List<JsonNode> list(JsonNode array) {
    List<JsonNode> out = new ArrayList<>();
    array.forEach(out::add);
    return out;
  }

  /** Added from the last image to the first, as workers may. */
  private static Outcomes outcomes(JsonNode golden) {
    int images = golden.get("shape").get(0).asInt();
    int classes = golden.get("shape").get(1).asInt();
    float[] logits = new float[images * classes];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) golden.get("logits").get(i).asDouble();
    }
    Outcomes.Collector collector = new Outcomes.Collector(classes, images);
    for (int i = images - 1; i >= 0; i--) {
      collector.add(i, golden.get("labels").get(i).asInt(), logits, i * classes);
    }
    return collector.gather(Collective.single());
  }

  private static void same(double found, JsonNode expected) {
    assertThat(found).isCloseTo(expected.asDouble(), within(CLOSE));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void accuracyLossAndConfusion(JsonNode golden) {
    Outcomes outcomes = outcomes(golden);
    for (int i = 0; i < outcomes.size(); i++) {
      assertThat(outcomes.all().get(i).prediction())
          .isEqualTo(golden.get("predictions").get(i).asInt());
    }
    same(outcomes.topAccuracy(1), golden.get("top1"));
    same(outcomes.topAccuracy(5), golden.get("top5"));
    same(outcomes.loss(), golden.get("nll"));
    ConfusionMatrix matrix = ConfusionMatrix.of(outcomes);
    for (int row = 0; row < matrix.classes(); row++) {
      for (int column = 0; column < matrix.classes(); column++) {
        assertThat(matrix.count(row, column))
            .isEqualTo(golden.get("confusion").get(row).get(column).asLong());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void precisionRecallAndF1(JsonNode golden) {
    ConfusionMatrix matrix = ConfusionMatrix.of(outcomes(golden));
    double f1 = 0;
    double precision = 0;
    for (int c = 0; c < matrix.classes(); c++) {
      assertThat(matrix.support(c)).isEqualTo(golden.get("support").get(c).asLong());
      same(matrix.precision(c), golden.get("precision").get(c));
      same(matrix.recall(c), golden.get("recall").get(c));
      same(matrix.f1(c), golden.get("f1").get(c));
      f1 += matrix.f1(c) / matrix.classes();
      precision += matrix.precision(c) / matrix.classes();
    }
    same(f1, golden.get("macro_f1_all_classes"));
    same(precision, golden.get("macro_precision_all_classes"));
    same(matrix.macroF1(), golden.get("macro_f1_classes_met"));
    same(matrix.balancedAccuracy(), golden.get("balanced_accuracy"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void calibration(JsonNode golden) {
    Calibration calibration = Calibration.of(outcomes(golden));
    same(calibration.error(), golden.get("ece_15"));
    for (int bin = 0; bin < Calibration.BINS; bin++) {
      JsonNode expected = golden.get("ece_bins").get(bin);
      assertThat(calibration.bins().get(bin).count()).isEqualTo(expected.get(0).asLong());
      same(calibration.bins().get(bin).confidence(), expected.get(1));
      same(calibration.bins().get(bin).accuracy(), expected.get(2));
    }
  }
}
