package org.efficienttrain.app.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.app.report.ReportWriter;
import org.efficienttrain.app.runs.RunFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Takes the pictures of the documentation; benchmarks/pictures.sh runs it. */
@EnabledIfSystemProperty(named = "pictures.runs", matches = ".+")
class PicturesTest {
  private static final Path OUT = Path.of(System.getProperty("pictures.out", "target/pictures"));

  @Test
  void takesThem() throws IOException, InterruptedException {
    List<Path> runs = List.of(Path.of(System.getProperty("pictures.runs")));
    Files.createDirectories(OUT);
    try (DashboardServer server = DashboardServer.start(runs, "127.0.0.1", 0, null)) {
      page(server, 1400, 1180, false, false, "dashboard.png");
      page(server, 1400, 1180, false, true, "dashboard-dark.png");
      page(server, 390, 844, true, false, "dashboard-phone.png");
    }
    Path report = OUT.resolve("report.html").toAbsolutePath();
    ReportWriter.write(RunFiles.require(runs), report);
    try (Browser browser = Browser.open(1200, 1500, false)) {
      browser.driver().get(report.toUri().toString());
      browser.screenshot(OUT.resolve("report.png"));
    }
    Files.delete(report);
  }

  private static void page(
      DashboardServer server, int width, int height, boolean phone, boolean dark, String file)
      throws IOException, InterruptedException {
    try (Browser browser = Browser.open(width, height, phone)) {
      browser.driver().get(server.address());
      browser.await("charts", () -> browser.count(".chart canvas") > 4);
      browser.script("document.documentElement.classList.contains('dark')");
      if (dark) {
        browser.script("document.getElementById('theme').click()");
      }
      Thread.sleep(1500); // pictures and charts settle
      if (phone) {
        browser.script("document.getElementById('run').scrollIntoView()");
        Thread.sleep(300);
      }
      browser.screenshot(OUT.resolve(file));
      System.out.println(file + " " + browser.errors());
    }
  }
}
