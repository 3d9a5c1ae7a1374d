package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.CurriculumException;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.training.TrainingStopped;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.run.EndSignals;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line {@code ./et}. */
@Command(
    name = "et",
    mixinStandardHelpOptions = true,
    version = Main.VERSION,
    description = "Trains visual backbones faster, by showing them easy patterns first.",
    footer = {
      "",
      "Start with:  ./et quickstart",
      "Then:        ./et train --data photos --model resnet18 --epochs 30",
    },
    subcommands = {
      QuickstartCommand.class,
      TrainCommand.class,
      PretrainCommand.class,
      FinetuneCommand.class,
      SearchCommand.class,
      DataCommand.class,
      ModelsCommand.class,
      WeightsCommand.class,
      ExportCommand.class,
      CurriculumCommand.class,
      SpectrumCommand.class,
      ReportCommand.class,
      DashboardCommand.class,
      FindCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      BenchmarkCommand.class,
      DoctorCommand.class
    })
public final class Main implements Runnable {
  static final String VERSION = "EfficientTrain for Java 0.1.0";

  /** The exit code of a user's error. */
  static final int USER_ERROR = 2;

  /** What the shell sees of a process that SIGTERM ended. */
  static final int STOPPED = 143;

  /** What the shell sees of a process that Ctrl-C ended. */
  static final int INTERRUPTED = 130;

  /** Tells a process that another one started which command line the user gave. */
  static final String COMMAND = "ET_COMMAND";

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  public static void main(String[] args) {
    EndSignals.leaveToSystem();
    String own = "./et " + Arrays.stream(args).map(Main::quoted).collect(Collectors.joining(" "));
    System.setProperty(
        "et.command", LocalRanks.launched() ? System.getenv().getOrDefault(COMMAND, own) : own);
    System.exit(execute(args));
  }

  /** As a shell takes it. */
  static String quoted(String argument) {
    return argument.matches("[A-Za-z0-9_@%+=:,./-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  /** Runs a command line and returns its exit code. */
  static int execute(String... args) {
    CommandLine line =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(Main::explainParameters)
            .setExecutionExceptionHandler((e, command, parsed) -> explain(e, command.getErr()));
    try {
      return line.execute(args);
    } catch (LinkageError e) {
      return explainLoading(e, line.getErr());
    }
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int explainParameters(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("et: " + plain(e.getMessage()));
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      err.println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
    }
    return USER_ERROR;
  }

  /** What picocli says of an option's value, without the names of Java's types and constants. */
  static String plain(String message) {
    String text =
        message
            .replaceFirst(" is not an? (int|long)$", " is not a whole number")
            .replaceFirst(" is not an? (double|float)$", " is not a number");
    Matcher constants =
        Pattern.compile("expected one of \\[(.*)] \\(case-insensitive\\) but was (.*)")
            .matcher(text);
    return constants.replaceFirst(
        found ->
            Matcher.quoteReplacement(
                found.group(2) + " is none of " + found.group(1).toLowerCase(Locale.ROOT)));
  }

  /** One sentence for what the user can mend; a request to report for what only we can. */
  static int explain(Exception e, PrintWriter err) {
    boolean debug = "1".equals(System.getenv("ET_DEBUG"));
    if (debug) {
      e.printStackTrace(err);
    }
    if (e instanceof TrainingStopped) {
      // The signal that stopped the run ends the process, with 130 or 143; the sentence was shown.
      return STOPPED;
    }
    if (e instanceof UserError
        || e instanceof TensorException
        || e instanceof ImageException
        || e instanceof CurriculumException) {
      err.println("et: " + e.getMessage());
      return USER_ERROR;
    }
    if (e instanceof FileSystemException f) {
      err.println("et: cannot use " + f.getFile() + ": " + reason(f) + ".");
      return USER_ERROR;
    }
    err.println(
        "et: internal error: "
            + e
            + (debug
                ? ""
                : "; run the same with ET_DEBUG=1 to see where, and please report that with the"
                    + " command"));
    return 1;
  }

  /** Libtorch or OpenCV does not load: the machine lacks a library that they stand on. */
  private static int explainLoading(LinkageError e, PrintWriter err) {
    if ("1".equals(System.getenv("ET_DEBUG"))) {
      e.printStackTrace(err);
    }
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    err.printf(
        "et: the native libraries cannot be loaded (%s): they need Linux on x86-64, macOS or Windows on x86-64, and built with"
            + " ET_PROFILE=cuda also CUDA 13, cuDNN 9 and NCCL 2 on this machine%n",
        String.valueOf(root.getMessage()).lines().findFirst().orElse("no reason given"));
    return USER_ERROR;
  }

  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
  }
}
