package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.GoldenFill;
import org.efficienttrain.tensor.io.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What export makes for other programs, used by those programs. */
class ServingExportTest {
  private static final List<String> CLASSES =
      List.of("ant", "bee, honey", "cow", "dog", "elk", "fox", "gnu");

  @TempDir Path folder;

  private Path weights() throws Exception {
    Backbone model = Backbones.create("swin_tiny_cifar", CLASSES.size(), 32);
    GoldenFill.fill(model);
    Path weights = folder.resolve("model.safetensors");
    Weights.write(
        weights,
        model.state(),
        Map.of(
            "model",
            "swin_tiny_cifar",
            "classes",
            new ObjectMapper().writeValueAsString(CLASSES),
            "imageSize",
            "32",
            "evaluationCrop",
            "1.0",
            "mean",
            "[0.485, 0.456, 0.406]",
            "std",
            "[0.229, 0.224, 0.225]"));
    model.close();
    return weights;
  }

  private static List<JsonNode> predict(Path weights, Path image) throws Exception {
    CommandLineTest.Result result =
        CommandLineTest.run("predict", weights.toString(), image.toString(), "--json");
    assertThat(result.code()).as(result.err()).isZero();
    List<JsonNode> guesses = new ArrayList<>();
    new ObjectMapper().readTree(result.out()).get("predictions").forEach(guesses::add);
    return guesses;
  }

  /** 32 x 32 pixels, so that no filter of either side has anything to do. */
  private Path image() throws Exception {
    java.awt.image.BufferedImage image =
        new java.awt.image.BufferedImage(32, 32, java.awt.image.BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 1024; i++) {
      image.setRGB(i % 32, i / 32, (i * 2654435 + i * i * 97) & 0xffffff);
    }
    Path file = folder.resolve("image.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static void export(Path weights, String... more) {
    List<String> args = new ArrayList<>(List.of("export", weights.toString()));
    args.addAll(List.of(more));
    CommandLineTest.Result result = CommandLineTest.run(args.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
  }

  /** Where a class was loaded from. */
  private static String home(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  private void inAnotherJvm(Class<?> program, String classPath, Path... arguments)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dai.djl.offline=true",
                "-cp",
                classPath,
                program.getName()));
    for (Path argument : arguments) {
      command.add(argument.toString());
    }
    Path log = folder.resolve("log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OPT_OUT_TRACKING", "true");
    builder.environment().put("DJL_CACHE_DIR", folder.resolve("cache").toString());
    int code = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    assertThat(code).as(Files.readString(log)).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void djlLoadsTheFolderAndSaysTheSame(boolean normalise) throws Exception {
    Path weights = weights();
    Path image = image();
    Path served = folder.resolve("served");
    List<String> options = new ArrayList<>(List.of("--format=djl", "--out=" + served));
    if (normalise) {
      options.add("--normalise");
    }
    export(weights, options.toArray(String[]::new));
    assertThat(Files.readAllLines(served.resolve("synset.txt"))).isEqualTo(CLASSES);
    Path answer = folder.resolve("answer.txt");
    inAnotherJvm(DjlServing.class, System.getProperty("java.class.path"), served, image, answer);
    List<String> lines = Files.readAllLines(answer);
    List<JsonNode> ours = predict(weights, image);
    assertThat(lines).hasSize(5).hasSameSizeAs(ours);
    for (int i = 0; i < lines.size(); i++) {
      int space = lines.get(i).lastIndexOf(' ');
      assertThat(lines.get(i).substring(0, space)).isEqualTo(ours.get(i).get("class").asText());
      assertThat(Double.parseDouble(lines.get(i).substring(space)))
          .isCloseTo(ours.get(i).get("probability").asDouble(), within(1e-4));
    }
  }

  @Test
  void onnxKnowsItsClassesAndNormalises() throws Exception {
    Path weights = weights();
    Path image = image();
    Path file = folder.resolve("whole.onnx");
    export(weights, "--format=onnx", "--normalise", "--out=" + file);
    java.awt.image.BufferedImage pixels = ImageIO.read(image.toFile());
    float[] input = new float[3 * 32 * 32];
    for (int i = 0; i < 1024; i++) {
      int rgb = pixels.getRGB(i % 32, i / 32);
      for (int c = 0; c < 3; c++) {
        input[c * 1024 + i] = ((rgb >> (16 - 8 * c)) & 0xff) / 255f;
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * input.length);
    bytes.asFloatBuffer().put(input);
    Path given = Files.write(folder.resolve("pixels"), bytes.array());
    Path answer = folder.resolve("answer.txt");
    inAnotherJvm(
        OnnxAnswer.class,
        home(OnnxAnswer.class) + File.pathSeparator + home(OrtEnvironment.class),
        file,
        given,
        answer);
    List<String> lines = Files.readAllLines(answer);
    assertThat(new ObjectMapper().readValue(lines.get(0), String[].class))
        .containsExactlyElementsOf(CLASSES);
    assertThat(lines.get(1)).isEqualTo("inside");
    float[] logits = new float[CLASSES.size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Float.parseFloat(lines.get(2 + i));
    }
    List<PredictionWriter.Guess> found = PredictionWriter.guesses(logits, 0, CLASSES.size(), 5);
    List<JsonNode> ours = predict(weights, image);
    for (int i = 0; i < 5; i++) {
      assertThat(found.get(i).index()).isEqualTo(ours.get(i).get("index").asInt());
      assertThat(found.get(i).probability())
          .isCloseTo(ours.get(i).get("probability").asDouble(), within(1e-4));
    }
  }

  @Test
  void weightsComeWithACard() throws Exception {
    Path out = folder.resolve("a/new/folder");
    export(
        TinyRun.run(), "--format=safetensors", "--card", "--out=" + out.resolve("w.safetensors"));
    assertThat(Files.readString(out.resolve("README.md")))
        .contains(
            "# resnet20_cifar",
            "blue, red",
            "top-1",
            "on 24 validation images",
            "| batchSize | 16 |",
            "## Curriculum",
            "## Licence",
            "to be filled in");
    CommandLineTest.Result again =
        CommandLineTest.run(
            "export",
            TinyRun.run().toString(),
            "--format=safetensors",
            "--card",
            "--out=" + out.resolve("w.safetensors"));
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("README.md is there already");
  }

  @Test
  void optionsThatDoNotGoTogetherAreOneSentence() throws Exception {
    String weights = weights().toString();
    CommandLineTest.Result card = CommandLineTest.run("export", weights, "--format=onnx", "--card");
    assertThat(card.code()).isEqualTo(2);
    assertThat(card.err()).contains("--card goes with --format safetensors only");
    CommandLineTest.Result normalise =
        CommandLineTest.run("export", weights, "--format=safetensors", "--normalise");
    assertThat(normalise.code()).isEqualTo(2);
    assertThat(normalise.err()).contains("torchscript, onnx or djl");
  }
}
