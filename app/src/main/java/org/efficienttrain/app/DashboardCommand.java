package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.efficienttrain.app.dashboard.DashboardServer;
import org.efficienttrain.app.runs.RunFiles;
import org.efficienttrain.training.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows runs on a page that follows them. */
@Command(
    name = "dashboard",
    mixinStandardHelpOptions = true,
    description = {
      "Shows runs on a page in the browser that follows them while they train.",
      "Curves, the curriculum, and what the network sees. Ends with Ctrl-C."
    },
    footer = {"", "Example:  ./et dashboard runs"})
final class DashboardCommand implements Callable<Integer> {
  static final int DEFAULT_PORT = 8080;

  @Parameters(
      paramLabel = "RUNS",
      arity = "1..*",
      description = "output folders of runs, or folders that hold some")
  List<Path> folders;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "" + DEFAULT_PORT,
      description = "port; 0 takes any that is free (default: ${DEFAULT-VALUE})")
  int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "address to listen on (default: ${DEFAULT-VALUE}, this machine only)")
  String host;

  @Option(
      names = "--token",
      paramLabel = "TEXT",
      description =
          "secret to be shown, at least 16 characters, or 'new' for a fresh one; needed with --host")
  String token;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    checkPort("--port", port);
    RunFiles.require(folders);
    try (DashboardServer server = DashboardServer.start(folders, host, port, token)) {
      spec.commandLine().getOut().println(server.address());
      spec.commandLine().getOut().flush();
      new CountDownLatch(1).await();
    }
    return 0;
  }

  static void checkPort(String option, int port) {
    if (port < 0 || port > 65535) {
      throw new UserError(option + " must be 0 to 65535, not " + port);
    }
  }
}
