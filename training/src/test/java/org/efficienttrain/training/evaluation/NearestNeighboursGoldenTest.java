package org.efficienttrain.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.efficienttrain.models.GoldenFill;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.distributed.Collective;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against DINO's eval_knn.py. */
class NearestNeighboursGoldenTest {
  static List<JsonNode> cases() throws IOException {
    return ClassificationGoldenTest.list(ClassificationGoldenTest.read("knn.json").get("cases"));
  }

  private static float[] features(JsonNode golden, String part, int count) {
    int dims = golden.get("dims").asInt();
    int classes = golden.get("classes").asInt();
    float[] centres = GoldenFill.uniform(golden.get("centres").asText(), classes * dims);
    float[] noise = GoldenFill.uniform(golden.get(part).asText(), count * dims);
    double amplitude = golden.get("amplitude").asDouble();
    for (int i = 0; i < noise.length; i++) {
      int label = label(part, i / dims, classes);
      noise[i] = (float) (amplitude * centres[label * dims + i % dims] + noise[i]);
    }
    return noise;
  }

  private static int label(String part, int i, int classes) {
    return part.equals("train") ? i % classes : (3 * i + 1) % classes;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void votesAsTheOfficialCode(JsonNode golden) {
    int trainCount = golden.get("train_count").asInt();
    int testCount = golden.get("test_count").asInt();
    int classes = golden.get("classes").asInt();
    int dims = golden.get("dims").asInt();
    float[] train = features(golden, "train", trainCount);
    float[] test = features(golden, "test", testCount);
    for (int i = 0; i < 4; i++) {
      assertThat((double) train[i])
          .isCloseTo(golden.get("train_first_values").get(i).asDouble(), within(1e-7));
    }
    int[] labels = new int[trainCount];
    for (int i = 0; i < trainCount; i++) {
      labels[i] = label("train", i, classes);
    }
    for (JsonNode expected : golden.get("results")) {
      try (NearestNeighbours neighbours =
              new NearestNeighbours(train, labels, classes, expected.get("k").asInt(), Device.CPU);
          Scope scope = Scope.open()) {
        double[][] votes = neighbours.votes(Tensors.of(test, testCount, dims));
        for (int c = 0; c < classes; c++) {
          double official = expected.get("votes_of_first_test").get(c).asDouble();
          assertThat(votes[0][c]).isCloseTo(official, within(1e-4 * official + 1e-9));
        }
        compare(votes, classes, expected);
      }
    }
  }

  private static void compare(double[][] votes, int classes, JsonNode expected) {
    Outcomes.Collector collector = new Outcomes.Collector(classes, votes.length);
    for (int i = 0; i < votes.length; i++) {
      float[] scores = new float[classes];
      for (int c = 0; c < classes; c++) {
        scores[c] = (float) votes[i][c];
      }
      collector.add(i, label("test", i, classes), scores, 0);
    }
    Outcomes outcomes = collector.gather(Collective.single());
    for (int i = 0; i < votes.length; i++) {
      assertThat(outcomes.all().get(i).prediction())
          .as("k %s, image %d", expected.get("k"), i)
          .isEqualTo(expected.get("predictions").get(i).asInt());
    }
    assertThat(100 * outcomes.topAccuracy(1))
        .isCloseTo(expected.get("top1").asDouble(), within(1e-9));
    assertThat(100 * outcomes.topAccuracy(expected.get("top5_places").asInt()))
        .isCloseTo(expected.get("top5").asDouble(), within(1e-9));
  }
}
