package org.efficienttrain.app.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.sse.SseClient;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.efficienttrain.app.runs.Axis;
import org.efficienttrain.training.UserError;

/**
 * Serves the page. It reads the runs once a second and pushes the list to every page that is open;
 * curves are asked for.
 */
public final class DashboardServer implements AutoCloseable {
  private static final int MOST_PAGES = 50;
  private static final int MOST_BUCKETS = 1000;
  private static final String WEBJAR = "META-INF/resources/webjars/uplot/%s/dist/";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Files of the page: its own, and those of uPlot. */
  private static final Map<String, String> FILES =
      Map.of(
          "/", "index.html",
          "/app.js", "app.js",
          "/style.css", "style.css",
          "/icon.svg", "icon.svg",
          "/uplot.js", "uPlot.iife.min.js",
          "/uplot.css", "uPlot.min.css");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private final WatchedRuns runs;
  private final Access access;
  private final String host;
  private final Javalin server;
  private final Set<SseClient> pages = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService reader =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "dashboard-reader");
            thread.setDaemon(true);
            return thread;
          });

  private DashboardServer(List<Path> folders, String host, Access access) {
    this.runs = new WatchedRuns(folders);
    this.access = access;
    this.host = host;
    this.server = Javalin.create(this::configure);
  }

  /**
   * Starts a server.
   *
   * @param folders of runs, or folders that hold some; nothing outside them is served
   * @param host address to listen on
   * @param port 0 for any that is free
   * @param token null for none; needed where others can reach the address
   * @throws UserError if the port is in use, or a token is missing
   */
  public static DashboardServer start(List<Path> folders, String host, int port, String token) {
    DashboardServer dashboard = new DashboardServer(folders, host, Access.of(host, token));
    try {
      dashboard.server.start(host, port);
    } catch (JavalinBindException e) {
      dashboard.reader.shutdownNow();
      throw new UserError(
          "cannot listen on port %d of %s, another program may use it: choose another with --port"
              .formatted(port, host),
          e);
    }
    var unused = dashboard.reader.scheduleWithFixedDelay(dashboard::read, 0, 1, TimeUnit.SECONDS);
    return dashboard;
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.startupWatcherEnabled = false;
    config.http.asyncTimeout = 0;
    config.http.maxRequestSize = 0;
    config.routes.before(this::guard);
    FILES.forEach((path, file) -> config.routes.get(path, request -> file(request, file)));
    config.routes.get("/api/runs", request -> json(request, runs.list()));
    config.routes.get("/api/runs/{id}", this::detail);
    config.routes.get("/api/runs/{id}/samples/{name}", this::picture);
    config.routes.sse("/api/events", this::open);
  }

  private void guard(Context request) {
    request.header(
        "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
    request.header("X-Content-Type-Options", "nosniff");
    request.header("Referrer-Policy", "no-referrer");
    request.header("Cache-Control", "no-store");
    access.check(request);
  }

  private static void file(Context request, String file) throws IOException {
    String folder = file.startsWith("uPlot") ? "/" + WEBJAR.formatted(uplotVersion()) : "";
    try (InputStream in = DashboardServer.class.getResourceAsStream(folder + file)) {
      request.contentType(TYPES.get(file.substring(file.lastIndexOf('.') + 1)));
      request.result(in.readAllBytes());
    }
  }

  private static String uplotVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in =
        DashboardServer.class.getResourceAsStream(
            "/META-INF/maven/org.webjars.npm/uplot/pom.properties")) {
      properties.load(in);
    }
    return properties.getProperty("version");
  }

  private void detail(Context request) {
    Axis axis = Axis.STEPS;
    for (Axis known : Axis.values()) {
      if (known.name().toLowerCase(Locale.ROOT).equals(request.queryParam("axis"))) {
        axis = known;
      }
    }
    String asked = String.valueOf(request.queryParam("points"));
    int buckets = asked.matches("\\d{1,4}") ? Integer.parseInt(asked) : MOST_BUCKETS;
    Map<String, Object> detail =
        runs.detail(request.pathParam("id"), axis, Math.min(buckets, MOST_BUCKETS));
    if (detail == null) {
      throw new NotFoundResponse("There is no such run.");
    }
    json(request, detail);
  }

  private void picture(Context request) throws IOException {
    byte[] picture = runs.picture(request.pathParam("id"), request.pathParam("name"));
    if (picture == null) {
      throw new NotFoundResponse("There is no such picture.");
    }
    request.contentType("image/png");
    request.result(picture);
  }

  private static void json(Context request, Object value) {
    request.contentType("application/json; charset=utf-8");
    request.result(write(value));
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void open(SseClient page) {
    if (pages.size() >= MOST_PAGES) {
      page.close();
      return;
    }
    page.keepAlive();
    page.onClose(() -> pages.remove(page));
    List<Map<String, Object>> list = runs.list();
    List<Object> all = list.stream().map(run -> run.get("id")).toList();
    page.sendEvent("runs", write(Map.of("runs", list, "changed", all)));
    pages.add(page);
  }

  private void read() {
    try {
      runs.read(this::push);
    } catch (RuntimeException e) {
      // Whatever one reading meets, the next one looks again.
      System.err.println("note: the runs could not be read: " + e);
    }
  }

  /** Tells every page; without news a comment, so that a page that is gone is noticed. */
  private void push(List<Map<String, Object>> list, List<String> changed) {
    String event = changed.isEmpty() ? null : write(Map.of("runs", list, "changed", changed));
    pages.removeIf(SseClient::terminated);
    for (SseClient page : pages) {
      if (event == null) {
        page.sendComment("nothing new");
      } else {
        page.sendEvent("runs", event);
      }
    }
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** The address to open, with its token. */
  public String address() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    String page = "http://" + name + ":" + port() + "/";
    return access.token() == null ? page : page + "?token=" + access.token();
  }

  @Override
  public void close() {
    reader.shutdownNow();
    pages.forEach(SseClient::close);
    server.stop();
  }
}
