package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.efficienttrain.curriculum.CurriculumException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  record Result(int code, String out, String err) {}

  static Result run(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int code = Main.execute(args);
      return new Result(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Test
  void helpNamesTheCommands() {
    Result result = run("--help");
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("curriculum", "models");
  }

  @Test
  void theOfficialScheduleComesOutToTheEpoch() throws Exception {
    Result result =
        run("curriculum", "efficienttrain", "--epochs", "300", "--image-size", "224", "--json");
    assertThat(result.code()).isZero();
    JsonNode plan = new ObjectMapper().readTree(result.out());
    assertThat(plan.get("relativeCost").asDouble()).isCloseTo(0.653, within(0.001));
    assertThat(plan.get("phases").size()).isEqualTo(5);
    int[] bandwidths = {160, 160, 160, 192, 224};
    for (int i = 0; i < 5; i++) {
      JsonNode phase = plan.get("phases").get(i);
      assertThat(phase.get("firstEpoch").isIntegralNumber()).isTrue();
      assertThat(phase.get("firstEpoch").asInt()).isEqualTo(60 * i);
      assertThat(phase.get("epochs").asInt()).isEqualTo(60);
      assertThat(phase.get("bandwidth").asInt()).isEqualTo(bandwidths[i]);
      assertThat(phase.get("magnitude").asInt()).isEqualTo(2 * i + 1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "curriculum eficienttrain|did you mean \"efficienttrain\"",
        "curriculum none --epochs many|--epochs': 'many' is not a number",
        "curriculum none --images 1.5|--images': '1.5' is not a whole number",
        "export runs/x --format gif|--format': 'gif' is none of safetensors, torchscript, onnx, djl",
        "spectrum . --out x.png|. is a folder",
        "spectrum . --out x.png --gif y.png|--gif must name a .gif file",
        "curriculum none --image-size -5|",
        "curriculm none|curriculum",
        "curriculum|NAME",
      })
  void mistakesGetOneSentenceAndCodeTwo(String line, String hint) {
    Result result = run(line.split(" "));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(hint == null ? "et: " : hint).doesNotContain("\tat ");
    assertThat(result.err().strip().lines().count()).isLessThanOrEqualTo(3);
  }

  @Test
  void onlyWhatTheUserCanMendIsTheUsersMistake() {
    assertThat(explained(new CurriculumException("order the stages"), 2))
        .isEqualTo("et: order the stages");
    assertThat(explained(new IllegalArgumentException("bound must be positive"), 1))
        .startsWith("et: internal error: ")
        .contains("bound must be positive", "ET_DEBUG=1", "report")
        .doesNotContain("\n");
  }

  private static String explained(Exception e, int code) {
    StringWriter text = new StringWriter();
    assertThat(Main.explain(e, new PrintWriter(text, true))).isEqualTo(code);
    return text.toString().strip();
  }
}
