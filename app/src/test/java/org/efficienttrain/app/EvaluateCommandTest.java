package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.tensor.io.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir Path folder;

  private static CommandLineTest.Result evaluate(Path source, Path data, String... more) {
    List<String> args = new ArrayList<>(List.of("evaluate", source.toString(), "--data=" + data));
    args.addAll(List.of(more));
    return CommandLineTest.run(args.toArray(String[]::new));
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void measuresWhatTrainingMeasuredAndWritesIt() throws IOException {
    CommandLineTest.Result result = evaluate(TinyRun.run(), TinyRun.data(), "--knn=5");
    assertThat(result.code()).as(result.err()).isZero();
    Path out = TinyRun.run().resolve("evaluation");
    JsonNode results = json(out.resolve("results.json"));
    JsonNode summary = json(TinyRun.run().resolve("summary.json"));
    assertThat(results.get("top1").asDouble()).isEqualTo(summary.get("accuracy").asDouble());
    assertThat(results.get("loss").asDouble())
        .isCloseTo(summary.get("loss").asDouble(), within(1e-5));
    assertThat(results.get("images").asInt()).isEqualTo(TinyRun.VALIDATION);
    assertThat(results.get("part").asText()).isEqualTo("val");
    assertThat(results.get("knn").get("trainingImages").asInt()).isEqualTo(80);
    assertThat(results.get("knn").get("top1").asDouble()).isBetween(0.5, 1.0);
    assertThat(result.out()).contains("top-1", "precision", "5 nearest neighbours");
    for (String name : List.of("confusion.png", "confusion-shares.png", "reliability.png")) {
      assertThat(ImageIO.read(out.resolve(name).toFile()).getWidth()).as(name).isPositive();
    }
    tablesAgree(out, results);
  }

  private static void tablesAgree(Path out, JsonNode results) throws IOException {
    List<String> confusion = Files.readAllLines(out.resolve("confusion.csv"));
    assertThat(confusion.get(0)).isEqualTo("class,blue,red");
    String[] blue = confusion.get(1).split(",", -1);
    String[] red = confusion.get(2).split(",", -1);
    int right = Integer.parseInt(blue[1]) + Integer.parseInt(red[2]);
    int wrong = Integer.parseInt(blue[2]) + Integer.parseInt(red[1]);
    assertThat(right + wrong).isEqualTo(TinyRun.VALIDATION);
    assertThat(results.get("top1").asDouble())
        .isCloseTo((double) right / TinyRun.VALIDATION, within(1e-12));
    List<String> mistakes = Files.readAllLines(out.resolve("misclassified.csv"));
    assertThat(mistakes).hasSize(1 + wrong);
    assertThat(Files.exists(out.resolve("worst.png"))).isEqualTo(wrong > 0);
    assertThat(Files.readAllLines(out.resolve("confusion-shares.csv"))).hasSize(3);
    assertThat(Files.readAllLines(out.resolve("classes.csv"))).hasSize(3);
    long binned = 0;
    for (JsonNode bin : results.get("calibration")) {
      binned += bin.get("count").asLong();
    }
    assertThat(binned).isEqualTo(TinyRun.VALIDATION);
  }

  @Test
  void severalSizesAndCorruptionsInOneGo() throws IOException {
    CommandLineTest.Result result =
        evaluate(
            TinyRun.run(),
            TinyRun.data(),
            "--sizes=16,12",
            "--corruptions",
            "--out=" + folder.resolve("out"));
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode results = json(folder.resolve("out/results.json"));
    assertThat(results.get("sizes")).hasSize(2);
    assertThat(results.get("sizes").get(1).get("imageSize").asInt()).isEqualTo(12);
    assertThat(results.get("imageSize").asInt()).isEqualTo(16);
    JsonNode kinds = results.get("corruptions").get("top1");
    assertThat(kinds).hasSize(5);
    kinds.forEach(accuracies -> assertThat(accuracies).hasSize(5));
    assertThat(result.out()).contains("noise", "blur", "jpeg", "contrast", "brightness");
  }

  @Test
  @Timeout(120)
  void twoProcessesFindTheSame() throws Exception {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    assertThat(evaluate(TinyRun.run(), TinyRun.data(), "--knn=5", "--out=" + one).code()).isZero();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "evaluate",
                TinyRun.run().toString(),
                "--data=" + TinyRun.data(),
                "--knn=5",
                "--workers=1",
                "--nproc=2",
                "--out=" + two));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    for (String table : List.of("confusion.csv", "classes.csv", "misclassified.csv")) {
      assertThat(two.resolve(table)).hasSameTextualContentAs(one.resolve(table));
    }
    assertThat(json(two.resolve("results.json")).get("knn").get("top1"))
        .isEqualTo(json(one.resolve("results.json")).get("knn").get("top1"));
  }

  @Test
  void weightsThatSayNothingGetTheirClassesFromAFileOrTheOrder() throws IOException {
    Backbone model = Backbones.create("resnet20_cifar", 2, TinyRun.SIDE);
    Path weights = folder.resolve("plain.safetensors");
    Weights.write(weights, model.state(), Map.of());
    model.close();
    CommandLineTest.Result byOrder = evaluate(weights, TinyRun.data(), "--image-size=16");
    assertThat(byOrder.code()).as(byOrder.err()).isZero();
    assertThat(folder.resolve("plain-evaluation/results.json")).isNotEmptyFile();

    Path names = Files.writeString(folder.resolve("names.txt"), "red\nblue\n");
    CommandLineTest.Result named =
        evaluate(weights, TinyRun.data(), "--image-size=16", "--classes=" + names);
    assertThat(named.code()).as(named.err()).isZero();
    assertThat(Files.readAllLines(folder.resolve("plain-evaluation/confusion.csv")).get(0))
        .isEqualTo("class,red,blue");
  }

  @Test
  void mistakesAreOneSentence() throws IOException {
    Path loose = Files.createDirectories(folder.resolve("loose"));
    Files.copy(TinyRun.image("red", 0), loose.resolve("a.png"));
    fails("holds images without labels", TinyRun.run(), loose);
    fails("does not exist", TinyRun.run(), folder.resolve("nowhere"));
    fails("holds none of", folder, TinyRun.data());
    fails("--knn needs training images", TinyRun.run(), TinyRun.data().resolve("val"), "--knn=5");
    fails("it looks like resnet20_cifar", TinyRun.run(), TinyRun.data(), "--model=resnet8");
    fails("there is no model", TinyRun.run(), TinyRun.data(), "--model=resnt");
    fails("--knn must be at least 1", TinyRun.run(), TinyRun.data(), "--knn=0");
    fails("--crop must be above 0", TinyRun.run(), TinyRun.data(), "--crop=2");
    Path other = Files.createDirectories(folder.resolve("other/green"));
    Files.copy(TinyRun.image("red", 0), other.resolve("a.png"));
    fails("has the class green", TinyRun.run(), folder.resolve("other"));
    Path names = Files.writeString(folder.resolve("names.txt"), "red\n");
    fails(
        "has 2 outputs, but there are 1 names",
        TinyRun.run(),
        TinyRun.data(),
        "--classes=" + names);
  }

  private static void fails(String message, Path source, Path data, String... more) {
    CommandLineTest.Result result = evaluate(source, data, more);
    assertThat(result.code()).as(message).isEqualTo(2);
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
    assertThat(result.err().strip().lines().filter(l -> !l.startsWith("note: "))).hasSize(1);
  }
}
