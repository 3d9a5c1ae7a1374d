package org.efficienttrain.app.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.efficienttrain.app.runs.TestRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportWriterTest {
  /** What would be loaded from elsewhere. */
  private static final Pattern OUTSIDE =
      Pattern.compile("(src|href)=\"(?!data:)|url\\(|@import|<script|<link|<iframe");

  @TempDir Path folder;

  @Test
  void everythingIsInOneFile() throws IOException {
    Path baseline = TestRuns.finished(folder.resolve("baseline"), "none", 20);
    Path fast = TestRuns.finished(folder.resolve("fast <b>"), "efficienttrain", 20);
    TestRuns.samples(fast);
    Files.writeString(fast.resolve("confusion.csv"), ",cat,<i>dog\ncat,8,2\n<i>dog,5,5\n");
    Path file = folder.resolve("out/report.html");
    ReportWriter.write(List.of(baseline, fast), file);
    String page = Files.readString(file);
    assertThat(OUTSIDE.matcher(page).find()).isFalse();
    assertThat(page).doesNotContain("<b>,").doesNotContain("fast <b>").contains("fast &lt;b&gt;");
    assertThat(page).contains("<td>1.50x</td>"); // 30 s over 20 s
    assertThat(page).contains("stage 1: B = 32, m = 0").contains("data:image/png;base64,");
    assertThat(page).contains("&lt;i&gt;dog").contains("<td>80.0%</td>");
    assertThat(page).contains("./et train --data &lt;photos&gt;").contains("a processor, 2 cores");
    assertThat(page.split("<svg class=\"chart\"", -1)).hasSize(10);
  }

  @Test
  void aRunThatSaysLittleHasAReportToo() throws IOException {
    Path run = Files.createDirectories(folder.resolve("a"));
    Files.writeString(run.resolve("metrics.jsonl"), "half a li");
    Path file = folder.resolve("r.html");
    ReportWriter.write(List.of(run), file);
    assertThat(Files.readString(file)).contains("<h2>a</h2>");
    Files.writeString(run.resolve("confusion.csv"), ",a,b\na,1\n");
    ReportWriter.write(List.of(run), file);
    assertThat(Files.readString(file)).contains("The confusion matrix cannot be read");
  }
}
