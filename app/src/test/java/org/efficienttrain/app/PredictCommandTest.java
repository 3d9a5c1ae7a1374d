package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
  @TempDir Path folder;

  private static CommandLineTest.Result predict(Object... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("predict", TinyRun.run().toString()));
    for (Object word : more) {
      args.add(word.toString());
    }
    return CommandLineTest.run(args.toArray(String[]::new));
  }

  private static List<JsonNode> lines(CommandLineTest.Result result) throws IOException {
    List<JsonNode> out = new ArrayList<>();
    for (String line : result.out().lines().toList()) {
      out.add(new ObjectMapper().readTree(line));
    }
    return out;
  }

  @Test
  void agreesWithTheEvaluation() throws IOException {
    Path val = TinyRun.data().resolve("val");
    CommandLineTest.Result result = predict(val, "--json");
    assertThat(result.code()).as(result.err()).isZero();
    List<JsonNode> lines = lines(result);
    assertThat(lines).hasSize(TinyRun.VALIDATION);
    int right = 0;
    for (JsonNode line : lines) {
      JsonNode guesses = line.get("predictions");
      assertThat(guesses).hasSize(2);
      double sum =
          guesses.get(0).get("probability").asDouble()
              + guesses.get(1).get("probability").asDouble();
      assertThat(sum).isCloseTo(1, within(1e-9));
      Path parent = Path.of(line.get("file").asText()).getParent();
      right += parent.endsWith(guesses.get(0).get("class").asText()) ? 1 : 0;
    }
    JsonNode summary = new ObjectMapper().readTree(TinyRun.run().resolve("summary.json").toFile());
    assertThat((double) right / TinyRun.VALIDATION).isEqualTo(summary.get("accuracy").asDouble());
    assertThat(result.err()).contains("24 images in");
  }

  @Test
  void brokenImagesAreLinesInTheirPlaceAndCodeOne() throws IOException {
    Path text = Files.writeString(folder.resolve("b.jpg"), "no picture");
    Path first = TinyRun.image("blue", 0);
    Path last = TinyRun.image("red", 1);
    CommandLineTest.Result table = predict(first, text, last, text);
    assertThat(table.code()).isEqualTo(1);
    List<String> lines = table.out().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).startsWith(first.toString()).contains("%");
    assertThat(lines.get(1)).startsWith(text.toString()).contains("broken: not an image");
    assertThat(lines.get(2)).startsWith(last.toString()).contains("%");
    assertThat(table.err()).contains("2 images in", "and 2 broken").doesNotContain("\tat ");

    CommandLineTest.Result csv = predict(first, text, "--csv", "--top=1");
    assertThat(csv.code()).isEqualTo(1);
    List<String> rows = csv.out().lines().toList();
    assertThat(rows.get(0)).isEqualTo("file,class1,probability1,error");
    assertThat(rows.get(1)).startsWith(first + ",").endsWith(",");
    assertThat(rows.get(2)).startsWith(text + ",,,").contains("not an image");

    assertThat(lines(predict(text, "--json")).get(0).get("error").asText())
        .contains("not an image");
  }

  @Test
  void patternsAndAListOnStandardInput() throws IOException {
    Path val = TinyRun.data().resolve("val");
    assertThat(predict(val + "/blue/1?.png").out().lines()).hasSize(2);
    assertThat(predict(val + "/**/3.png", "--csv").out().lines()).hasSize(3);
    String list = TinyRun.image("red", 2) + "\n\n" + folder.resolve("gone.png") + "\n";
    InputStream in = System.in;
    try {
      System.setIn(new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8)));
      CommandLineTest.Result result = predict("-", "--json");
      assertThat(result.code()).isEqualTo(1);
      List<JsonNode> lines = lines(result);
      assertThat(lines).hasSize(2);
      assertThat(lines.get(0).get("predictions").get(0).get("class").isTextual()).isTrue();
      assertThat(lines.get(1).get("error").asText()).contains("does not exist");
    } finally {
      System.setIn(in);
    }
  }

  @Test
  void saliencyPicturesShowTheImageAndTheMap() throws IOException {
    Path pictures = folder.resolve("pictures");
    CommandLineTest.Result result =
        predict(
            TinyRun.image("red", 0), TinyRun.image("blue", 0), "--saliency", pictures, "--json");
    assertThat(result.code()).as(result.err()).isZero();
    for (String name : List.of("0.png", "0-2.png")) {
      BufferedImage image = ImageIO.read(pictures.resolve(name).toFile());
      assertThat(image.getWidth()).isEqualTo(2 * TinyRun.SIDE);
      assertThat(image.getHeight()).isEqualTo(TinyRun.SIDE);
    }
    CommandLineTest.Result plain =
        predict(TinyRun.image("red", 0), TinyRun.image("blue", 0), "--json");
    assertThat(result.out()).isEqualTo(plain.out());
  }

  @Test
  void mistakesAreOneSentence() throws IOException {
    fails("there is no image", folder.resolve("none.jpg"));
    fails("fits no file", folder + "/*.jpg");
    fails("holds no images", folder);
    fails("--top must be at least 1", TinyRun.image("red", 0), "--top=0");
    fails(
        "takes image sizes that are at least 8, not 3", TinyRun.image("red", 0), "--image-size=3");
  }

  private static void fails(String message, Object... words) throws IOException {
    CommandLineTest.Result result = predict(words);
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
  }
}
