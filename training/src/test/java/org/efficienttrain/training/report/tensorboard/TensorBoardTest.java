package org.efficienttrain.training.report.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.PlanRequest;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.StepReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real TensorBoard reads these files in benchmarks/tensorboard.sh. */
class TensorBoardTest {
  private static final Recipe RECIPE =
      RecipeSettings.none().with("model", "resnet20_cifar").with("imageSize", 32).resolve(1000);
  private static final TrainingPlan PLAN =
      TrainingPlan.of(Curricula.NONE.scaledTo(32, 4), PlanRequest.of(1000, 1, 100));

  @TempDir Path run;

  private static StepReport step(long step) {
    return new StepReport(step, 10, step / 10.0, 1.0 / step, 0.1, Double.NaN, 32, 9, 100, 50, 0, 1);
  }

  /** Runs steps from one to another as a process would. */
  private void take(int from, int to) {
    try (TensorBoard board = new TensorBoard(run)) {
      board.started(RECIPE, PLAN, from);
      for (int i = from + 1; i <= to; i++) {
        board.stepped(step(i));
      }
    }
  }

  private Path file() {
    return run.resolve("tensorboard/events.out.tfevents.0000000000.efficienttrain");
  }

  private List<Long> steps() throws IOException {
    List<Long> steps = new ArrayList<>();
    try (EventFile file = new EventFile(file())) {
      file.cut(
          event -> {
            if (new String(event, StandardCharsets.ISO_8859_1).contains("train/loss")) {
              steps.add(TensorBoard.step(event));
            }
            return true;
          });
    }
    return steps;
  }

  @Test
  void theChecksumIsThatOfTheFormat() {
    // RFC 3720, B.4: 32 bytes of zeros have CRC-32C 8a9136aa; masked as in TensorFlow's crc32c.h.
    int crc = 0x8a9136aa;
    int masked = ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    assertThat(EventFile.masked(new byte[32], 32)).isEqualTo(masked);
  }

  @Test
  void messagesAreWireFormat() {
    byte[] bytes = new ProtoMessage().integer(1, 150).text(2, "testing").real32(3, 1).toBytes();
    assertThat(bytes)
        .containsExactly(
            0x08, 0x96, 0x01, 0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g', 0x1d, 0, 0, 0x80,
            0x3f);
    assertThat(Events.scalars(0, 1, Map.of("a", Double.NaN))).isNull();
    assertThat(TensorBoard.step(Events.scalars(5, 300, Map.of("a", 1.0)))).isEqualTo(300);
  }

  @Test
  void aResumedRunHasNeitherGapsNorDoubles() throws IOException {
    take(0, 8);
    take(5, 10); // killed after step 8, resumed from the checkpoint of step 5
    assertThat(steps()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
  }

  @Test
  void aHalfWrittenRecordGoes() throws IOException {
    take(0, 8);
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), java.util.Arrays.copyOf(whole, whole.length - 5));
    take(8, 10);
    assertThat(steps()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 9L, 10L);
    whole = Files.readAllBytes(file());
    whole[whole.length / 2] ^= 1;
    Files.write(file(), whole);
    assertThat(steps()).hasSizeLessThan(9);
  }

  @Test
  void aRunThatBeganWithoutBeginsWithItsMetrics() throws IOException {
    Files.writeString(
        run.resolve("metrics.jsonl"),
        """
        {"kind":"step","step":1,"loss":0.5}
        {"kind":"step","step":2,"loss":null}
        {"kind":"evaluation","step":2,"accuracy":0.5}
        """);
    take(2, 4);
    assertThat(steps()).containsExactly(1L, 3L, 4L);
    assertThat(Files.readString(file(), StandardCharsets.ISO_8859_1))
        .contains("validation/accuracy");
  }

  @Test
  void aNewRunDoesNotGoOnWithAnOldFile() throws IOException {
    take(0, 8);
    take(0, 3);
    assertThat(steps()).containsExactly(1L, 2L, 3L);
  }
}
