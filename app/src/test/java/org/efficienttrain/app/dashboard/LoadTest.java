package org.efficienttrain.app.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.efficienttrain.app.runs.TestRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Memory and response time with many long runs; benchmarks/dashboard.sh runs it. */
@EnabledIfSystemProperty(named = "load.runs", matches = "\\d+")
class LoadTest {
  @TempDir Path folder;

  @Test
  void manyLongRuns() throws IOException, InterruptedException {
    int runs = Integer.getInteger("load.runs");
    int lines = Integer.getInteger("load.lines");
    Path first = TestRuns.finished(folder.resolve("run-0"), "none", lines);
    for (int i = 1; i < runs; i++) {
      Path run = Files.createDirectories(folder.resolve("run-" + i));
      for (String name : List.of("metrics.jsonl", "recipe.yaml", "run.json", "summary.json")) {
        Files.createLink(run.resolve(name), first.resolve(name));
      }
    }
    HttpClient client = HttpClient.newHttpClient();
    try (DashboardServer server = DashboardServer.start(List.of(folder), "127.0.0.1", 0, null)) {
      long start = System.nanoTime();
      List<String> ids = List.of();
      while (ids.size() < runs) {
        Thread.sleep(20);
        ids = ids(get(client, server, "/api/runs"));
      }
      System.out.printf("list of %d runs after %.2f s%n", runs, seconds(start));
      long opened = System.nanoTime();
      get(client, server, "/api/runs/" + ids.get(runs / 2) + "?axis=seconds&points=500");
      System.out.printf("first run opened in %.2f s%n", seconds(opened));
      long bytes = 0;
      long all = System.nanoTime();
      for (String id : ids) {
        bytes += get(client, server, "/api/runs/" + id + "?axis=equivalent&points=60").length();
      }
      System.out.printf("all runs' curves read in %.1f s, %.1f MB%n", seconds(all), bytes / 1e6);
      long again = System.nanoTime();
      for (String id : ids) {
        get(client, server, "/api/runs/" + id + "?axis=equivalent&points=60");
      }
      System.out.printf("and again in %.2f s%n", seconds(again));
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      long memory = runtime.totalMemory() - runtime.freeMemory();
      System.out.printf("memory %.0f MB%n", memory / 1e6);
      assertThat(memory).isLessThan(500_000_000L);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static List<String> ids(String list) {
    return Pattern.compile("\"id\":\"([0-9a-f]+)\"")
        .matcher(list)
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }

  private static String get(HttpClient client, DashboardServer server, String path)
      throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
            BodyHandlers.ofString())
        .body();
  }
}
