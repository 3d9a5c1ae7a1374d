package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** One seed of the quickstart as everybody runs it; benchmarks/quickstart.sh runs ten. */
class QuickstartCommandTest {
  @TempDir Path folder;

  private String quickstart() {
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .execute("quickstart", "--out", folder.toString(), "--seed", "0", "--resume");
    assertThat(code).isZero();
    return out.toString();
  }

  private JsonNode summary(String run) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(run + "/summary.json").toFile());
  }

  @Test
  void theCurriculaReachTheBaseline() throws Exception {
    String table = quickstart();
    double baseline = summary("baseline").get("accuracy").asDouble();
    assertThat(baseline).isBetween(0.70, 0.95);
    for (String run : new String[] {"efficienttrain", "efficienttrain++"}) {
      JsonNode summary = summary(run);
      assertThat(summary.get("accuracy").asDouble()).as(run).isGreaterThan(baseline - 0.03);
      assertThat(summary.get("predictedSpeedup").asDouble()).as(run).isGreaterThan(1.4);
      assertThat(table).contains(run + " ");
    }
    // It ends by naming its report, which shows the three beside each other.
    Path report = folder.resolve("report.html");
    assertThat(table).contains("Curves and pictures:  " + report);
    assertThat(Files.readString(report))
        .contains("<h2>baseline</h2>", "<h2>efficienttrain</h2>", "<h2>efficienttrain++</h2>")
        .contains("stage 1: B = ", "data:image/png;base64,");
    // Asked again with --resume, it trains nothing: what is finished stays as it is.
    assertThat(quickstart()).isEqualTo(table);
  }
}
