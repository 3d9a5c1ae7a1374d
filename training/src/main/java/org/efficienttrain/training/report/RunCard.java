package org.efficienttrain.training.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.tensor.Torch;

/**
 * {@code run.json}: what a run says about itself when it begins and when it ends, for whoever looks
 * at its folder: the command, the plan, the process, the machine.
 *
 * @param format of this file: {@value #FORMAT}; more in a newer version
 * @param command the command line that started the run; empty where it was started from a program
 * @param started when, in UTC
 * @param process of the run; while it lives and {@code ended} is null, the run runs
 * @param plan what happens when
 * @param data what it learns from
 * @param machine what it runs on
 * @param versions of the program's parts
 * @param ended how; null while the run has not ended in order
 */
public record RunCard(
    int format,
    String command,
    String started,
    Origin process,
    Plan plan,
    Data data,
    Machine machine,
    Map<String, String> versions,
    Ending ended) {
  /** The format that this version writes. */
  public static final int FORMAT = 1;

  /** Name of the file in a run's folder. */
  public static final String FILE = "run.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * A process of a machine.
   *
   * @param started when it was started: tells it from a later one with its number
   */
  public record Origin(String host, long pid, String started) {}

  /**
   * The plan.
   *
   * @param totalSteps optimiser steps
   * @param dataEpochs passes over the data
   * @param equivalentEpochs compute in units of an epoch at full bandwidth
   */
  public record Plan(
      String curriculum,
      long totalSteps,
      double dataEpochs,
      double equivalentEpochs,
      List<PlannedPhase> phases) {}

  /** A phase of the plan, as in {@link org.efficienttrain.curriculum.Phase}. */
  public record PlannedPhase(
      long firstStep,
      long steps,
      double firstEpoch,
      double epochs,
      int bandwidth,
      double magnitude,
      int batchSize,
      double imageCost) {}

  /** Images and classes. */
  public record Data(long trainingImages, long validationImages, List<String> classes) {}

  /** What computes. */
  public record Machine(String processor, int cores, long memoryBytes, String device) {}

  /**
   * How the run ended.
   *
   * @param how {@code finished}, {@code stopped} or {@code failed}
   * @param at when, in UTC
   * @param message why, where it did not finish
   */
  public record Ending(String how, String at, String message) {}

  /** The card of a run that begins in this process. */
  public static RunCard of(TrainingPlan plan, Data data, String device) {
    ProcessHandle self = ProcessHandle.current();
    String born = self.info().startInstant().map(Instant::toString).orElse("");
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("java", System.getProperty("java.version"));
    versions.put("libtorch", Torch.environment());
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    return new RunCard(
        FORMAT,
        System.getProperty("et.command", ""),
        Instant.now().toString(),
        new Origin(host(), self.pid(), born),
        planned(plan),
        data,
        machine(device),
        versions,
        null);
  }

  private static Plan planned(TrainingPlan plan) {
    return new Plan(
        plan.curriculum().name(),
        plan.totalSteps(),
        plan.dataEpochs(),
        plan.equivalentEpochs(),
        plan.phases().stream()
            .map(
                p ->
                    new PlannedPhase(
                        p.firstStep(),
                        p.steps(),
                        p.firstEpoch(),
                        p.epochs(),
                        p.bandwidth(),
                        p.magnitude(),
                        p.batchSize(),
                        p.imageCost()))
            .toList());
  }

  /** The same with its end. */
  public RunCard ended(String how, String message) {
    Ending end = new Ending(how, Instant.now().toString(), message);
    return new RunCard(format, command, started, process, plan, data, machine, versions, end);
  }

  /** Writes it into a run's folder, aside and then in place. */
  public void write(Path folder) throws IOException {
    Path aside = folder.resolve(FILE + ".new");
    Files.writeString(aside, text(), StandardCharsets.UTF_8);
    Files.move(
        aside,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private String text() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The name of this machine. */
  public static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static Machine machine(String device) {
    long memory =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean os
            ? os.getTotalMemorySize()
            : 0;
    return new Machine(processor(), Runtime.getRuntime().availableProcessors(), memory, device);
  }

  private static String processor() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8)) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      // another system
    }
    return System.getProperty("os.arch");
  }
}
