package org.efficienttrain.app.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.efficienttrain.app.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriverException;
import picocli.CommandLine;

/** {@code ./et train --dashboard} as a user sees it: a network trains, and its curves move. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class TrainingPageTest {
  @TempDir Path folder;

  @Test
  void curvesMoveWhileANetworkTrains() throws Exception {
    int port = freePort();
    String command =
        "train --data quickstart: --model resnet8 --image-size 48 --batch-size 16 --epochs 2"
            + " --curriculum efficienttrain --set evaluateEvery=0.25 --dashboard %d --out %s"
                .formatted(port, folder.resolve("run"));
    try (Browser browser = Browser.open(1300, 1000, false)) {
      CompletableFuture<Integer> training =
          CompletableFuture.supplyAsync(
              () -> new CommandLine(new Main()).execute(command.split(" ")));
      browser.await("the page", () -> opens(browser, "http://127.0.0.1:" + port + "/"));
      browser.await("the run", () -> browser.text("#runs li .state").equals("running"));
      browser.await("the same images at every stage", () -> browser.count("figure img") >= 5);
      browser.await("the loss", () -> last(browser, "loss") > 0);
      double loss = last(browser, "loss");
      browser.await("the loss to go on", () -> last(browser, "loss") > loss);
      browser.await("an evaluation", () -> last(browser, "accuracy") > 0);
      double accuracy = last(browser, "accuracy");
      browser.await("the next one", () -> last(browser, "accuracy") > accuracy);
      browser.await("a batch", () -> browser.text("#batch figcaption").contains("B = "));
      assertThat(training).as("it still trains").isNotDone();
      assertThat(browser.errors()).isEmpty();
      assertThat(training.get(2, TimeUnit.MINUTES)).isZero();
      browser.await(
          "the page to say that it is left alone",
          () -> browser.text("#connection").contains("not connected"));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static boolean opens(Browser browser, String address) {
    try {
      browser.driver().get(address);
      return browser.text("#connection").equals("live");
    } catch (WebDriverException e) {
      return false; // not yet
    } finally {
      browser.errors(); // that it was not there yet is no error of the page
    }
  }

  /** The largest x of a chart. */
  private static double last(Browser browser, String chart) {
    return Double.parseDouble(
        browser
            .driver()
            .findElement(By.cssSelector("[data-chart=" + chart + "]"))
            .getAttribute("data-last"));
  }
}
