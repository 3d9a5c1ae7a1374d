package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every network against figures of its official implementation. */
class GoldenCheckTest {
  private static Path golden() {
    return Path.of(System.getProperty("efficienttrain.golden", "src/test/resources/golden/models"));
  }

  @Test
  void everyGoldenFilePasses() {
    List<String> lines = new ArrayList<>();
    boolean passed =
        GoldenCheck.verify(
            golden(),
            line -> {
              System.out.println(line);
              lines.add(line);
            });
    assertThat(passed).as(String.join("\n", lines)).isTrue();
  }

  /** Every figure in the file of a masked autoencoder counts: change one, and the check fails. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "parameters|6007297|6007296 parameters instead of 6007297",
        "loss|1.9814|the loss is",
        "pred_l2|231.99|the norm of the prediction is",
        "pred_first|[1.4096429,-0.7107]|the prediction differs",
        "masked|[[1],[2]]|other patches of image 0 are hidden",
        "pos_embed_row5|[-0.7567,-0.15934199]|row 5 of 'pos_embed' differs",
        "norm_pix_loss|false|the loss is",
        "mask_ratio|0.5|other patches of image 0 are hidden",
        "gradient_l2|{\"mask_token\":0.1259}|the gradient of 'mask_token' differs",
        "state|[[\"cls_token\",[1,1,191]]]|cls_token' is of shape [1, 1, 192]",
        "image_size|16|multiples of 16 from 32 on",
        "model|\"mae_vit_giant\"|there is no masked autoencoder mae_vit_giant",
      })
  void aChangedFigureFails(String key, String value, String problem, @TempDir Path folder)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root =
        (ObjectNode)
            json.readTree(
                Path.of("src/test/resources/golden/models/mae_vit_tiny_96.json").toFile());
    root.set(key, json.readTree(value));
    json.writeValue(folder.resolve("mae_changed.json").toFile(), root);
    List<String> lines = new ArrayList<>();
    assertThat(GoldenCheck.verify(folder, lines::add)).isFalse();
    assertThat(lines).singleElement().asString().contains("FAIL: ").contains(problem);
  }
}
