package org.efficienttrain.app.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.efficienttrain.app.runs.TestRuns;
import org.efficienttrain.training.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DashboardTest {
  private static final String TOKEN = "a-token-of-some-length";

  @TempDir Path folder;
  private Path running;

  @BeforeEach
  void runs() throws IOException {
    Path fast = TestRuns.finished(folder.resolve("runs/fast"), "efficienttrain", 40);
    TestRuns.samples(fast);
    running = TestRuns.finished(folder.resolve("runs/now"), "none", 20);
    Files.delete(running.resolve("summary.json"));
    Files.writeString(running.resolve("run.json"), TestRuns.card(100, "\"ended\":null"));
    Files.writeString(folder.resolve("secret.txt"), "secret");
  }

  private DashboardServer start(String token) {
    return DashboardServer.start(List.of(folder.resolve("runs")), "127.0.0.1", 0, token);
  }

  private static HttpResponse<String> get(DashboardServer server, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static String firstId(DashboardServer server) throws Exception {
    for (int i = 0; i < 100; i++) {
      String list = get(server, "/api/runs").body();
      int at = list.indexOf("\"id\":\"");
      if (at >= 0) {
        return list.substring(at + 6, list.indexOf('"', at + 6));
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no runs came");
  }

  @Test
  void pagesLoadAndCurvesMoveWhileARunWrites() throws Exception {
    try (DashboardServer server = start(null);
        Browser browser = Browser.open(1300, 1000, false)) {
      browser.driver().get(server.address());
      browser.await("both runs", () -> browser.count("#runs li") == 2);
      browser.await("charts", () -> browser.count(".chart canvas") >= 6);
      assertThat(browser.text("#name")).isEqualTo("runs/now");
      assertThat(browser.text("#runs li.focus .state")).isEqualTo("running");
      assertThat(browser.count("#timeline rect")).isEqualTo(2);
      double before = last(browser);
      Files.writeString(
          running.resolve("metrics.jsonl"), TestRuns.metrics(21, 60), StandardOpenOption.APPEND);
      browser.await("the curve to go on", () -> last(browser) > before);
      browser.await("the list to follow", () -> browser.text("#facts").contains("600 of 1000"));
      assertThat(browser.errors()).isEmpty();
    }
  }

  /** The largest x of the loss. */
  private static double last(Browser browser) {
    return Double.parseDouble(
        browser
            .driver()
            .findElement(By.cssSelector("[data-chart=loss]"))
            .getAttribute("data-last"));
  }

  @Test
  void axesRunsAndPicturesAreReachedByKeysAlone() throws Exception {
    try (DashboardServer server = start(null);
        Browser browser = Browser.open(390, 844, true)) {
      browser.driver().get(server.address());
      browser.await("charts", () -> browser.count(".chart canvas") >= 6);
      var body = browser.driver().findElement(By.tagName("body"));
      body.sendKeys("k"); // the run before: the finished one, which has pictures
      browser.await("its pictures", () -> browser.count("#pictures img") == 3);
      assertThat(browser.text("#name")).isEqualTo("runs/fast");
      browser.await(
          "loaded pictures",
          () ->
              (Boolean)
                  browser.script(
                      "return [...document.querySelectorAll('#batch img')].every(i => i.naturalWidth === 64)"));
      double equivalent = last(browser);
      body.sendKeys("1");
      browser.await("steps", () -> last(browser) == 400 && last(browser) > equivalent);
      body.sendKeys("x");
      browser.await("one run less", () -> last(browser) == 200);
      body.sendKeys("t");
      assertThat(
              (Boolean)
                  browser.script("return document.documentElement.classList.contains('dark')"))
          .isTrue();
      body.sendKeys(Keys.TAB);
      assertThat(browser.script("return document.activeElement.tagName")).isNotEqualTo("BODY");
      Object wider =
          browser.script("return document.documentElement.scrollWidth > window.innerWidth");
      assertThat(wider).isEqualTo(false);
      assertThat(browser.errors()).isEmpty();
    }
  }

  @Test
  void theTokenIsDemanded() throws Exception {
    try (DashboardServer server = start(TOKEN)) {
      for (String path : new String[] {"/", "/app.js", "/api/runs", "/api/events", "/none"}) {
        assertThat(get(server, path).statusCode()).isEqualTo(401);
        assertThat(get(server, path + "?token=wrong-token-of-length").statusCode()).isEqualTo(401);
      }
      assertThat(get(server, "/api/runs", "Authorization", "Bearer " + TOKEN).statusCode())
          .isEqualTo(200);
      HttpResponse<String> shown = get(server, "/?token=" + TOKEN);
      assertThat(shown.statusCode()).isEqualTo(302);
      assertThat(shown.headers().firstValue("Location").orElseThrow()).doesNotContain(TOKEN);
      assertThat(shown.headers().firstValue("Set-Cookie").orElseThrow())
          .contains("HttpOnly")
          .contains("SameSite=Strict");
      try (Browser browser = Browser.open(900, 700, false)) {
        browser.driver().get(server.address());
        browser.await("the runs", () -> browser.count("#runs li") == 2);
        assertThat(browser.driver().getCurrentUrl()).doesNotContain("token");
        assertThat(browser.errors()).isEmpty();
      }
    }
  }

  @Test
  void nothingOutsideTheFoldersIsServed() throws Exception {
    try (DashboardServer server = start(null)) {
      String id = firstId(server);
      for (String path :
          new String[] {
            "/secret.txt",
            "/../secret.txt",
            "/..%2fsecret.txt",
            "/api/runs/" + id + "/samples/..%2f..%2f..%2fsecret.txt",
            "/api/runs/" + id + "/samples/%2e%2e%2frecipe.yaml",
            "/api/runs/..%2f..",
            "/api/runs/none",
            "/META-INF/maven/org.webjars.npm/uplot/pom.properties",
            "/index.html"
          }) {
        HttpResponse<String> answer = get(server, path);
        assertThat(answer.statusCode()).as(path).isIn(400, 404);
        assertThat(answer.body()).doesNotContain("secret\n").doesNotContain("model:");
      }
      assertThat(get(server, "/api/runs/" + id + "/samples/stage-1-b32-m0.png").statusCode())
          .isEqualTo(200);
      assertThat(get(server, "/").headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'self'");
    }
  }

  @Test
  void whatCannotBeIsASentence() {
    try (DashboardServer server = start(null)) {
      assertThatThrownBy(
              () -> DashboardServer.start(List.of(folder), "127.0.0.1", server.port(), null))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("choose another with --port");
    }
    assertThatThrownBy(() -> DashboardServer.start(List.of(folder), "0.0.0.0", 0, null))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("give a --token");
    assertThatThrownBy(() -> DashboardServer.start(List.of(folder), "127.0.0.1", 0, "short"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("at least 16 characters");
  }
}
