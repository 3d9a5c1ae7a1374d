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

  private static List<Path> folders(String property) {
    return List.of(Path.of(System.getProperty(property)));
  }

  @Test
  void ofThePage() throws IOException, InterruptedException {
    try (DashboardServer server =
        DashboardServer.start(folders("pictures.runs"), "127.0.0.1", 0, null)) {
      page(server, 1400, 1240, false, false, "dashboard.webp");
      page(server, 1400, 1240, false, true, "dashboard-dark.webp");
      page(server, 390, 844, true, false, "dashboard-phone.webp");
    }
  }

  @Test
  void ofAReport() throws IOException {
    Path report = OUT.resolve("report.html").toAbsolutePath();
    try (Browser browser = Browser.open(1200, 1500, false)) {
      ReportWriter.write(RunFiles.require(folders("pictures.runs")), report);
      browser.driver().get(report.toUri().toString());
      browser.screenshot(OUT.resolve("report.webp"));
    } finally {
      Files.deleteIfExists(report);
    }
  }

  /** Two charts of a report beside each other, and the picture of a spectrum, made small. */
  @Test
  void ofTheReadme() throws IOException {
    Path report = OUT.resolve("comparison.html").toAbsolutePath();
    Path spectrum = OUT.resolve("spectrum.png").toAbsolutePath();
    try (Browser browser = Browser.open(1100, 460, false)) {
      ReportWriter.write(RunFiles.require(folders("pictures.comparison")), report);
      browser.driver().get(report.toUri().toString());
      browser.script(
          "const charts = ['Validation accuracy over compute', 'Training loss over compute']"
              + ".map(t => document.querySelector(`svg[aria-label='${t}']`));"
              + "const box = document.createElement('div');"
              + "box.className = 'charts'; box.style.margin = 0; box.append(...charts);"
              + "document.body.style.padding = '16px'; document.body.replaceChildren(box);");
      browser.screenshot(OUT.resolve("comparison.webp"));
      browser.driver().get(spectrum.toUri().toString());
      browser.script(
          "const i = document.images[0], s = document.body.style;"
              + "s.margin = 0; s.display = 'block'; s.background = 'white'; i.style.position = 'static';"
              + "i.style.margin = 0;");
      browser.screenshot(OUT.resolve("spectrum.webp"));
    } finally {
      Files.deleteIfExists(report);
      Files.deleteIfExists(spectrum);
    }
  }

  private static void page(
      DashboardServer server, int width, int height, boolean phone, boolean dark, String file)
      throws IOException, InterruptedException {
    try (Browser browser = Browser.open(width, height, phone)) {
      browser.driver().get(server.address());
      browser.await("charts", () -> browser.count(".chart canvas") > 4);
      if (dark) {
        browser.script(
            "document.documentElement.classList.contains('dark') || document.getElementById('theme').click()");
      }
      browser.script("document.querySelectorAll('#runs button')[1].click()");
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
