package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.efficienttrain.app.report.ReportWriter;
import org.efficienttrain.app.runs.RunFiles;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes one HTML file about runs. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Writes one HTML file about runs.",
      "Everything is in it: curves, plan, pictures, recipe, machine, and a comparison where there are"
          + " several."
    },
    footer = {"", "Example:  ./et report runs/quickstart --out report.html"})
final class ReportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description = "output folders of runs, or folders that hold some")
  List<Path> folders;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "report.html",
      description = "the file (default: ${DEFAULT-VALUE})")
  Path out;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    ReportWriter.write(RunFiles.require(folders), out);
    spec.commandLine().getOut().println(out);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
