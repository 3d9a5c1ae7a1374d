package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FindCommandTest {
  @TempDir Path folder;

  @Test
  void aRateHasACurveAndASuggestion() throws IOException {
    StringWriter out = new StringWriter();
    Path picture = folder.resolve("new/lr.png");
    String command =
        "find lr --data quickstart: --model resnet8 --image-size 32 --batch-size 16 --steps 40 --out ";
    int code =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out))
            .execute((command + picture).split(" "));
    assertThat(code).isZero();
    assertThat(out.toString())
        .containsPattern("try --set learningRate=[0-9.e-]+")
        .endsWith(picture + System.lineSeparator());
    assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(1240);
  }

  @Test
  void anotherKindOfPictureIsAUsersError() {
    String out = folder.resolve("lr.svg").toString();
    assertThat(Main.execute("find", "lr", "--data", "quickstart:", "--out", out)).isEqualTo(2);
  }
}
