package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchCommandTest {
  @TempDir Path folder;

  private static CommandLineTest.Result search(Path out, String... more) throws IOException {
    return CommandLineTest.run(line(out, more).toArray(String[]::new));
  }

  private static List<String> line(Path out, String... more) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                "search",
                "--data=" + TinyRun.data(),
                "--model=resnet20_cifar",
                "--image-size=16",
                "--set=bandwidthMultiple=4",
                "--candidates=8,12,16",
                "--batch-size=16",
                "--threads=1",
                "--out=" + out));
    line.addAll(Arrays.asList(more));
    return line;
  }

  private static List<String> runs(Path out) throws IOException {
    try (var all = Files.list(out.resolve("runs"))) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  /** With averaged weights in bf16, and from a kill after every second training. */
  @Test
  void aSearchThatWasCutOffGoesOnAndTrainsNothingTwice() throws IOException {
    String[] options = {
      "--algorithm=compute",
      "--stages=3",
      "--epochs=2",
      "--seeds=2",
      "--tuning=0.2",
      "--precision=bf16",
      "--set=emaDecay=0.8"
    };
    Path whole = folder.resolve("whole");
    CommandLineTest.Result result = search(whole, options);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("at most 12 trainings, ", "curriculum.yaml", "search.png");
    assertThat(result.out())
        .containsPattern("decision +taken +accuracy")
        .containsPattern("slice 1 +(8|12|16) +[0-9.]+% \\+- [0-9.]+ +")
        .contains("train with it: ./et train --data ")
        .contains(" --model resnet20_cifar --image-size 16 ", " --set emaDecay=0.8")
        .contains(" --epochs 2 ", " --curriculum " + whole.resolve("curriculum.yaml"))
        .doesNotContain("--stages");
    assertThat(result.err())
        .contains("6 trainings begin; 0 of at most 12 done, at most ")
        .containsPattern("_seed0_.* in .*; 1 of at most 12 done, best [0-9.]+%, at most ");
    List<String> journal = Files.readAllLines(whole.resolve("journal.jsonl"));
    assertThat(runs(whole)).hasSize(journal.size() - 1);
    // The trainings of the second slice began where those of the first ended it.
    assertThat(journal.stream().filter(l -> l.contains("cut 0.66"))).isNotEmpty();
    assertThat(journal.stream().filter(l -> l.contains("cut 0.66")))
        .noneMatch(l -> l.contains("\"firstStep\":0,"));
    assertThat(ImageIO.read(whole.resolve("search.png").toFile()).getWidth()).isGreaterThan(400);

    Path killed = folder.resolve("killed");
    Files.createDirectories(killed.resolve("runs"));
    Files.write(killed.resolve("journal.jsonl"), journal.subList(0, 4));
    copy(whole.resolve("runs"), killed.resolve("runs"), journal.subList(1, 4));
    result = search(killed, options);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(runs(killed)).isEqualTo(runs(whole));
    assertThat(result.err().lines().filter(l -> l.matches("  \\S+_seed.* in .*")))
        .hasSize(journal.size() - 4);

    // The states to go on from are gone, so these took all steps themselves: to the same bits.
    assertThat(accuracies(killed)).isEqualTo(accuracies(whole));
    assertThat(killed.resolve("curriculum.yaml").toFile().length()).isPositive();

    // Finished, it trains nothing more.
    result = search(whole, options);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("trainings begin");
    assertThat(states(whole)).isEmpty();

    result = search(whole, "--algorithm=compute", "--stages=3", "--epochs=3");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .contains(
            "holds another search", "seeds was [0, 1] and is [0]", "epochs was 2.0 and is 3.0")
        .doesNotContain("model was");

    result =
        CommandLineTest.run(
            "train",
            "--data=" + TinyRun.data(),
            "--model=resnet20_cifar",
            "--image-size=16",
            "--epochs=1",
            "--batch-size=16",
            "--curriculum=" + whole.resolve("curriculum.yaml"),
            "--out=" + folder.resolve("run"));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(Files.readString(folder.resolve("run/recipe.yaml"))).contains("compute 8:", "16:");
  }

  private static List<Path> states(Path out) throws IOException {
    try (var all = Files.walk(out)) {
      return all.filter(p -> p.getFileName().toString().startsWith("step-")).toList();
    }
  }

  /**
   * A run that took all steps itself is not said to have begun elsewhere, although others could
   * serve it by the time that it is finished.
   */
  @Test
  void theCostIsOfTheStepsThatWereTaken() throws IOException {
    Path out = folder.resolve("out");
    String[] options = {"--algorithm=greedy", "--stages=3", "--epochs=2", "--precision=fp32"};
    CommandLineTest.Result result = search(out, options);
    assertThat(result.code()).as(result.err()).isZero();
    List<String> journal = Files.readAllLines(out.resolve("journal.jsonl"));
    for (String line : journal.subList(1, journal.size())) {
      String run = line.replaceAll(".*\"run\":\"([^\"]*)\".*", "$1");
      Path branch = out.resolve("runs").resolve(run).resolve("branch.json");
      String step = line.replaceAll(".*\"firstStep\":([0-9]+),.*", "$1");
      String begun =
          Files.exists(branch)
              ? Files.readString(branch).replaceAll(".*\"step\":([0-9]+),.*", "$1")
              : "0";
      assertThat(step).as(run).isEqualTo(begun);
    }
  }

  /** Which trainings share which steps depends on what runs beside what; the bits do not. */
  @Test
  void severalTrainingsAtOnceFindTheSame() throws Exception {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    searchAlone(one, 1);
    searchAlone(two, 2);
    assertThat(accuracies(two)).hasSizeGreaterThan(2).isEqualTo(accuracies(one));
    assertThat(curriculum(two)).isEqualTo(curriculum(one));
    for (String run : runs(two)) {
      assertThat(two.resolve("runs").resolve(run).resolve("log.txt")).isNotEmptyFile();
    }
  }

  /** What was found, without what finding it took. */
  private static List<String> curriculum(Path out) throws IOException {
    List<String> lines = Files.readAllLines(out.resolve("curriculum.yaml"));
    assertThat(lines).contains("stages:");
    return lines.stream().filter(l -> !l.matches(" +(equivalentRuns|hours): .*")).toList();
  }

  /** In a process of its own, whose kernels depend on no measurement. */
  private void searchAlone(Path out, int parallel) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(line(out, "--algorithm=compute", "--stages=2", "--epochs=1", "--seeds=2"));
    command.addAll(List.of("--precision=fp32", "--parallel=" + parallel));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ET_KERNELS", "rule");
    Path log = folder.resolve("log-" + parallel);
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
  }

  private static List<String> accuracies(Path out) throws IOException {
    return Files.readAllLines(out.resolve("journal.jsonl")).stream()
        .skip(1)
        .map(line -> line.replaceAll(",\"seconds\".*", ""))
        .sorted()
        .toList();
  }

  private static void copy(Path from, Path to, List<String> lines) throws IOException {
    for (String name : runs(from.getParent())) {
      if (lines.stream().anyMatch(l -> l.contains(name))) {
        Path copy = Files.createDirectories(to.resolve(name));
        Files.copy(from.resolve(name).resolve("summary.json"), copy.resolve("summary.json"));
      }
    }
  }

  @Test
  void theGreedySearchAndTheBudget() throws IOException {
    String[] options = {"--algorithm=greedy", "--stages=3", "--epochs=1", "--tolerance=0.5"};
    Path out = folder.resolve("greedy");
    CommandLineTest.Result result = search(out, options);
    assertThat(result.code()).as(result.err()).isZero();
    // Half the accuracy may go: the first candidate of the late stage is taken, for all.
    assertThat(result.out())
        .contains("B 8 for 33.3%, 8 for 33.3%, 16 for 33.3% of the epochs", "2 trainings, ");

    result = search(folder.resolve("poor"), "--algorithm=greedy", "--stages=3", "--budget=1e-6");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("budget", "too small");

    result = search(folder.resolve("dry"), "--algorithm=greedy", "--stages=5", "--dry-run");
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("at most 9 trainings");
    assertThat(folder.resolve("dry")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--candidates=8,10,16|candidate 10 is not a bandwidth that model resnet20_cifar takes",
        "--candidates=8,12|last of --candidates must be the image size 16, not 12",
        "--candidates=12,8,16|must increase",
        "--stages=1|--stages must be 2 to 50",
        "--seeds=0|--seeds",
        "--budget=-1|--budget",
        "--algorithm=magnitude|RandAugment",
        "--curriculum=none|for --algorithm magnitude",
        "--tuning=0|Fine-tuning",
        "--task=java.lang.String|is no task",
        "--set=model=mae_vit_mini_cifar|masked",
      })
  void mistakesGetOneSentence(String option, String sentence) throws IOException {
    CommandLineTest.Result result = search(folder.resolve("out"), option);
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(sentence).doesNotContain("\tat ");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void curriculaAreDrawnAndCompared() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("mine.yaml"),
            "clock: compute\nimageSize: 32\nstages:\n  - {bandwidth: 16, share: 0.5, magnitude: 1}\n  - {bandwidth: 32, share: 0.5}\n");
    Path png = folder.resolve("both.png");
    CommandLineTest.Result result =
        CommandLineTest.run(
            "curriculum",
            file.toString(),
            "--image-size=32",
            "--epochs=30",
            "--png=" + png,
            "--compare=efficienttrain");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("mine, 30 epochs at 32 pixels");
    assertThat(ImageIO.read(png.toFile()).getHeight()).isGreaterThan(400);
    result = CommandLineTest.run("curriculum", file.toString(), "--compare=none");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--png");
  }
}
