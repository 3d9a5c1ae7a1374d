package org.efficienttrain.app.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.report.RunCard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunViewTest {
  @TempDir Path folder;

  private RunView view(Path run) {
    RunView view = new RunView(run);
    view.refresh();
    return view;
  }

  @Test
  void tellsAFinishedRun() throws IOException {
    RunView run = view(TestRuns.finished(folder.resolve("a"), "none", 20));
    assertThat(run.state()).isEqualTo(RunView.State.FINISHED);
    assertThat(run.mainValue()).isEqualTo(0.9);
    assertThat(run.totalSteps()).isEqualTo(200);
    assertThat(run.secondsLeft()).isZero();
    assertThat(run.phases()).hasSize(2);
    assertThat(run.notes()).isEmpty();
    assertThat(run.refresh()).isFalse();
  }

  @Test
  void tellsRunsThatRunFromThoseThatAreGone() throws IOException {
    Path run = TestRuns.finished(folder.resolve("a"), "none", 20);
    Files.delete(run.resolve("summary.json"));
    ProcessHandle self = ProcessHandle.current();
    String process =
        "\"process\":{\"host\":\"%s\",\"pid\":%d,\"started\":\"%s\"}"
            .formatted(RunCard.host(), self.pid(), self.info().startInstant().orElseThrow());
    Files.writeString(run.resolve("run.json"), TestRuns.card(40, process));
    RunView view = view(run);
    assertThat(view.state()).isEqualTo(RunView.State.RUNNING);
    assertThat(view.secondsLeft()).isPositive();
    Files.writeString(
        run.resolve("run.json"),
        TestRuns.card(40, process.replace("\"started\":\"", "\"started\":\"1")));
    assertThat(view(run).state()).isEqualTo(RunView.State.KILLED); // another process of that number
    Files.writeString(
        run.resolve("run.json"), TestRuns.card(40, "\"ended\":{\"how\":\"stopped\"}"));
    assertThat(view(run).state()).isEqualTo(RunView.State.STOPPED);
    Files.writeString(run.resolve("run.json"), TestRuns.card(40, "\"ended\":{\"how\":\"failed\"}"));
    assertThat(view(run).state()).isEqualTo(RunView.State.FAILED);
  }

  @Test
  void aRunOfAnotherMachineRunsAsLongAsItWrites() throws IOException {
    Path run = TestRuns.finished(folder.resolve("a"), "none", 20);
    Files.delete(run.resolve("summary.json"));
    Files.writeString(run.resolve("run.json"), TestRuns.card(40, "\"ended\":null"));
    assertThat(view(run).state()).isEqualTo(RunView.State.RUNNING);
    Files.setLastModifiedTime(
        run.resolve("metrics.jsonl"), FileTime.from(Instant.now().minusSeconds(3600)));
    assertThat(view(run).state()).isEqualTo(RunView.State.KILLED);
  }

  @Test
  void whatIsDamagedOrNewerIsANote() throws IOException {
    Path run = TestRuns.finished(folder.resolve("a"), "none", 20);
    Files.writeString(run.resolve("summary.json"), "{\"accuracy\":");
    Files.writeString(run.resolve("run.json"), "{\"format\":99,\"plan\":7}");
    Files.writeString(run.resolve("metrics.jsonl"), "x\n");
    assertThat(view(run).notes())
        .containsExactlyInAnyOrder(
            "summary.json is damaged",
            "1 lines of metrics.jsonl could not be read",
            "the run is of a newer version of the program: some of it may not be shown");
  }

  @Test
  void findsRunsAndNothingBehindLinks() throws IOException {
    TestRuns.finished(folder.resolve("in/b/c"), "none", 2);
    TestRuns.finished(folder.resolve("in/a"), "none", 2);
    TestRuns.finished(folder.resolve("secret/x"), "none", 2);
    Files.createSymbolicLink(folder.resolve("in/link"), folder.resolve("secret"));
    Path root = folder.toRealPath();
    assertThat(RunFiles.find(List.of(folder.resolve("in"))))
        .containsExactly(root.resolve("in/a"), root.resolve("in/b/c"));
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> RunFiles.require(List.of(empty)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("there is no run in");
    assertThatThrownBy(() -> RunFiles.find(List.of(folder.resolve("no"))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("there is no folder");
  }

  @Test
  void picturesAreOnlyThoseOfTheRun() throws IOException {
    Path run = TestRuns.finished(folder.resolve("a"), "none", 2);
    TestRuns.samples(run);
    Files.createSymbolicLink(run.resolve("samples/link.png"), run.resolve("recipe.yaml"));
    Files.writeString(folder.resolve("secret.png"), "secret");
    Files.createSymbolicLink(run.resolve("samples/out.png"), folder.resolve("secret.png"));
    assertThat(RunFiles.pictures(run)).contains("stage-1-b32-m0.png", "batch-b64-m9-step100.png");
    assertThat(RunFiles.picture(run, "stage-1-b32-m0.png")).isNotEmpty();
    assertThat(RunFiles.picture(run, RunFiles.RECONSTRUCTION)).isNull();
    Files.writeString(run.resolve(RunFiles.RECONSTRUCTION), "a picture");
    assertThat(RunFiles.pictures(run).get(0)).isEqualTo(RunFiles.RECONSTRUCTION);
    assertThat(RunFiles.picture(run, RunFiles.RECONSTRUCTION)).isNotEmpty();
    for (String name : new String[] {"../recipe.yaml", "..%2f.png", "out.png", "no.png", ""}) {
      assertThat(RunFiles.picture(run, name)).isNull();
    }
  }

  @Test
  void readsTablesWithQuotes() {
    assertThat(CsvFile.parse("a,\"b,\"\"c\"\"\nd\",\r\n1,2,3", 10))
        .containsExactly(List.of("a", "b,\"c\"\nd", ""), List.of("1", "2", "3"));
    assertThat(CsvFile.parse("a\nb\nc\n", 2)).hasSize(2);
  }
}
