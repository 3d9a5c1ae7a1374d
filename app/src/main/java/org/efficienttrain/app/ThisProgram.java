package org.efficienttrain.app;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program as something to be started again. */
final class ThisProgram {
  private ThisProgram() {}

  /** The cores of each of several processes that share this machine: at least one. */
  static int share(int processes) {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / processes);
  }

  /**
   * A command line that starts it with the same JVM, flags and class path.
   *
   * @param cores that the JVM takes itself to have
   * @param arguments of the command line
   */
  static List<String> again(int cores, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:ActiveProcessorCount=" + cores);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
    return command;
  }
}
