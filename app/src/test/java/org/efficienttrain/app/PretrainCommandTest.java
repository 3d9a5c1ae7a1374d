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
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From images without labels to a classifier, on the command line. */
class PretrainCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  @BeforeAll
  static void paintAndPretrain() throws IOException {
    Path loose = Files.createDirectories(folder.resolve("loose"));
    for (String color : List.of("blue", "red")) {
      Path labelled = Files.createDirectories(folder.resolve("labelled/" + color));
      for (int i = 0; i < 24; i++) {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(color.equals("red") ? new Color(200, 3 * i, 0) : new Color(0, 3 * i, 200));
        g.fillRect(0, 0, 16, 16);
        g.setColor(Color.WHITE);
        g.fillRect(i % 8, i % 5, 6, 6);
        g.dispose();
        ImageIO.write(image, "png", labelled.resolve(i + ".png").toFile());
        ImageIO.write(image, "png", loose.resolve(color + i + ".png").toFile());
      }
    }
    CommandLineTest.Result run =
        run("pretrain", "loose", "mae", "--model", "mae_vit_tiny_cifar", "--image-size", "16");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("loss ", "reconstruction.png");
    assertThat(folder.resolve("mae/reconstruction.png")).exists();
  }

  private static CommandLineTest.Result run(
      String command, String data, String out, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                command,
                "--data",
                folder.resolve(data).toString(),
                "--epochs",
                "2",
                "--batch-size",
                "8",
                "--precision",
                "fp32",
                "--val-fraction",
                "0.3",
                "--out",
                folder.resolve(out).toString()));
    args.addAll(List.of(more));
    return CommandLineTest.run(args.toArray(new String[0]));
  }

  private static String mae() {
    return folder.resolve("mae").toString();
  }

  @Test
  void whatWasPretrainedIsFineTuned() throws IOException {
    CommandLineTest.Result tuned =
        run("finetune", "labelled", "tuned", "--from", mae(), "--curriculum", "efficienttrain");
    assertThat(tuned.code()).as(tuned.err()).isZero();
    assertThat(tuned.out()).contains("accuracy");
    assertThat(tuned.err())
        .contains("a new head: fc_norm.weight, fc_norm.bias, head.weight, head.bias")
        .contains("the encoder of a masked autoencoder");
    assertThat(Files.readString(folder.resolve("tuned/recipe.yaml")))
        .contains("vit_tiny_gap_cifar", "imageSize: 16", "layerDecay: 0.75");
    assertThat(Files.readString(folder.resolve("tuned/recipe.yaml"))).contains("0.001");

    CommandLineTest.Result larger =
        run(
            "finetune",
            "labelled",
            "larger",
            "--from",
            folder.resolve("tuned").toString(),
            "--head-and-norms",
            "--image-size",
            "32");
    assertThat(larger.code()).as(larger.err()).isZero();
    assertThat(larger.err()).contains("resized pos_embed from 1x17x192 to 1x65x192");
    assertThat(larger.err()).doesNotContain("a new head");
  }

  @Test
  void aProbeIsAClassifierLikeAnyOther() throws IOException {
    CommandLineTest.Result probe =
        run("finetune", "labelled", "probe", "--from", mae(), "--linear");
    assertThat(probe.code()).as(probe.err()).isZero();
    assertThat(Files.readString(folder.resolve("probe/recipe.yaml")))
        .contains("deit_tiny_cifar", "sgd", "trained: \"head\"");
  }

  @Test
  void goesOnFromAPretrainedNetworkWithAnotherTarget() throws IOException {
    CommandLineTest.Result on =
        run("pretrain", "labelled", "on", "--from", mae(), "--set", "target=hog");
    assertThat(on.code()).as(on.err()).isZero();
    assertThat(on.err()).contains("decoder_pred.weight", "knnAccuracy");

    String run = folder.resolve("on").toString();
    String data = folder.resolve("labelled").toString();
    String[] measure = {"evaluate", run, "--data", data, "--val-fraction", "0.3", "--knn", "20"};
    CommandLineTest.Result measured = CommandLineTest.run(measure);
    assertThat(measured.code()).as(measured.err()).isZero();
    JsonNode summary = JSON.readTree(folder.resolve("on/summary.json").toFile());
    JsonNode results = JSON.readTree(folder.resolve("on/evaluation/results.json").toFile());
    assertThat(results.get("knn").get("top1")).isEqualTo(summary.get("knnAccuracy"));
    refused(
        CommandLineTest.run("evaluate", run, "--data", data),
        "mae_vit_tiny_cifar is a masked autoencoder without classes");
  }

  @Test
  void mistakesGetASentence() throws IOException {
    String unlabelled = folder.resolve("loose").toString();
    refused(
        CommandLineTest.run("evaluate", TinyRun.run().toString(), "--data", unlabelled),
        "holds images without labels");
    refused(
        run("pretrain", "loose", "x", "--model", "mae_vit_tiny_cifar", "--set", "maskRatio=1"),
        "maskRatio must lie between 0 and 1");
    refused(
        run("pretrain", "loose", "x", "--model", "mae_vit_tiny_cifar", "--image-size", "18"),
        "imageSize 18 is not a multiple of");
    refused(
        run("pretrain", "loose", "x", "--model", "resnet20_cifar", "--image-size", "16"),
        "resnet20_cifar is no masked autoencoder");
    refused(
        run("finetune", "labelled", "x", "--from", mae(), "--model", "resnet20_cifar"),
        "it looks like deit_tiny_cifar: choose that model");
    refused(run("finetune", "labelled", "x", "--from", folder.toString()), "holds none of");
    refused(
        run("finetune", "labelled", "x", "--from", mae(), "--linear", "--head-and-norms"),
        "choose one");
    refused(
        run("train", "loose", "x", "--model", "deit_tiny_cifar", "--image-size", "16"),
        "holds images without labels");
  }

  private static void refused(CommandLineTest.Result result, String sentence) {
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(sentence).doesNotContain("\tat ");
  }
}
