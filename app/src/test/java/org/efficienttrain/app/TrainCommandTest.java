package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.efficienttrain.models.Mae;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.task.Classification;
import org.efficienttrain.training.task.Task;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training from the command line on a folder of 65 small images, five of them broken. */
class TrainCommandTest {
  @TempDir static Path folder;

  @BeforeAll
  static void paint() throws IOException {
    for (String color : List.of("blue", "red")) {
      Path images = Files.createDirectories(folder.resolve("data/" + color));
      for (int i = 0; i < 30; i++) {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(color.equals("red") ? new Color(200, 3 * i, 0) : new Color(0, 3 * i, 200));
        g.fillRect(0, 0, 16, 16);
        g.dispose();
        ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
      }
    }
    for (int i = 0; i < 5; i++) {
      Files.writeString(folder.resolve("data/red/broken" + i + ".png"), "not a picture");
    }
  }

  private static CommandLineTest.Result train(String out, String... more) {
    return train("resnet20_cifar", out, more);
  }

  private static CommandLineTest.Result train(String model, String out, String[] more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                folder.resolve("data").toString(),
                "--model",
                model,
                "--image-size",
                "16",
                "--epochs",
                "3",
                "--batch-size",
                "8",
                "--precision",
                "fp32",
                "--val-fraction",
                "0.3",
                "--curriculum",
                "efficienttrain",
                "--out",
                folder.resolve(out).toString()));
    args.addAll(List.of(more));
    return CommandLineTest.run(args.toArray(new String[0]));
  }

  private static List<Double> losses(String out) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(out).resolve("metrics.jsonl"))) {
      JsonNode node = new ObjectMapper().readTree(line);
      if (node.has("loss") && node.has("learningRate")) {
        assertThat(node.get("step").isIntegralNumber()).isTrue();
        assertThat(node.get("bandwidth").asInt()).isBetween(8, 16);
        assertThat(node.has("epoch") && node.has("magnitude")).isTrue();
        losses.add(node.get("loss").asDouble());
      }
    }
    return losses;
  }

  @Test
  void trainsNamesBrokenImagesAndRepeatsItselfToTheLastBit() throws IOException {
    CommandLineTest.Result first = train("one", "--max-broken", "0.5");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).contains("accuracy");
    JsonNode summary = new ObjectMapper().readTree(folder.resolve("one/summary.json").toFile());
    assertThat(summary.get("accuracy").asDouble()).isBetween(0.0, 1.0);
    assertThat(summary.get("equivalentEpochs").asDouble()).isLessThan(3);
    assertThat(folder.resolve("one/model.safetensors")).isNotEmptyFile();
    assertThat(folder.resolve("one/broken-files.tsv")).content().contains("red/broken");

    CommandLineTest.Result second = train("two", "--max-broken", "0.5", "--workers", "1");
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(losses("two")).isNotEmpty().isEqualTo(losses("one"));
  }

  @Test
  void moreBrokenImagesThanAllowedStopTheRunInOneSentence() {
    CommandLineTest.Result result = train("three", "--max-broken", "0.001");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("et: ").doesNotContain("\tat ");
    assertThat(folder.resolve("three/broken-files.tsv")).content().contains("red/broken");
  }

  @Test
  void aFolderThatHoldsARunIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("four"));
    assertThat(train("four", "--max-broken", "0.5").code()).isZero();
    CommandLineTest.Result again = train("four", "--max-broken", "0.5");
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("--resume");
  }

  /** A task of one's own. */
  public static final class Own extends Classification {
    public Own(Task.Setting setting) {
      super(setting);
    }
  }

  @Test
  void aRunIsResumedForItsOwnTaskOnly() throws IOException {
    String[] own = {"--max-broken", "0.5", "--task", Own.class.getName(), "--resume"};
    CommandLineTest.Result result = train("seven", own);
    assertThat(result.code()).as(result.err()).isZero();

    CommandLineTest.Result other = train("seven", "--max-broken", "0.5", "--resume");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .contains(
            "the task was " + Own.class.getName() + " and is " + Classification.class.getName())
        .doesNotContain("\tat ");

    result = train("seven", own);
    assertThat(result.code()).as(result.err()).isZero();
  }

  /** Pre-trained elsewhere, fine-tuned here; the network says what it did not need. */
  @Test
  void startsFromTheEncoderOfAMaskedAutoencoder() {
    Path file = folder.resolve("mae.safetensors");
    Mae mae = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(16, Mae.Target.PIXELS);
    Weights.write(file, mae.state(), Map.of());
    mae.close();
    String[] more = {"--max-broken", "0.5", "--weights", file.toString()};
    CommandLineTest.Result tuned = train("deit_tiny_cifar", "five", more);
    assertThat(tuned.code()).as(tuned.err()).isZero();
    assertThat(tuned.err())
        .contains("note: " + file + ": the encoder of a masked autoencoder: left aside its");

    CommandLineTest.Result refused = train("mae_vit_tiny_cifar", "six", more);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("is a masked autoencoder without classes", "'et finetune' goes on")
        .doesNotContain("\tat ");
  }
}
