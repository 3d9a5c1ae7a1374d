package org.efficienttrain.images.pixel;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.Image;

/** Decodes files and prints of each what became of it, how long it took and what memory. */
final class HostileChild {
  /** Time of the processor, not of the wall: other work on the machine does not count. */
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private HostileChild() {}

  /**
   * One line of output.
   *
   * @param millis of the processor
   * @param megabytes by which the process grew at most, without the pixels that came out
   * @param result {@code WxH}, or reason and message
   */
  record Outcome(String name, long millis, long megabytes, String result) {
    static Outcome parse(String line) {
      String[] fields = line.split("\t", 4);
      return new Outcome(
          fields[0], Long.parseLong(fields[1]), Long.parseLong(fields[2]), fields[3]);
    }

    boolean decoded() {
      return result.matches("\\d+x\\d+");
    }

    String line() {
      return name + "\t" + millis + "\t" + megabytes + "\t" + result;
    }
  }

  public static void main(String[] arguments) throws IOException {
    decode("warm-up", Golden.bytes("images/good.jpg"));
    if (arguments[0].equals("--damaged")) {
      for (String name : FormatsTest.soundFiles().toList()) {
        damage(name, Integer.parseInt(arguments[1]));
      }
    } else if (arguments[0].equals("--large")) {
      System.out.println(decode("large", Golden.flatPng(4000, 3000)).line());
    } else {
      for (String name : arguments) {
        System.out.println(decode(name, Golden.bytes("images/" + name)).line());
      }
    }
  }

  private static Outcome decode(String name, byte[] file) throws IOException {
    long before = megabytes("VmRSS");
    Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // forgets the peak
    long start = THREADS.getCurrentThreadCpuTime();
    String result;
    long pixels = 0;
    try {
      Image image = new ImageDecoder().decode(file);
      pixels = image.pixels().length;
      result = image.width() + "x" + image.height();
    } catch (BrokenImageException e) {
      result = e.reason() + ": " + e.getMessage();
    }
    long millis = (THREADS.getCurrentThreadCpuTime() - start) / 1_000_000;
    return new Outcome(name, millis, megabytes("VmHWM") - before - (pixels >> 20), result);
  }

  /** Damages a file in many ways, and prints the slowest and the largest outcome as one. */
  private static void damage(String name, int times) throws IOException {
    byte[] whole = Golden.bytes("formats/" + name);
    Random random = new Random(name.hashCode());
    long before = megabytes("VmRSS");
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    long slowest = 0;
    int sound = 0;
    for (int i = 0; i < times; i++) {
      byte[] file = damaged(whole, random);
      long start = THREADS.getCurrentThreadCpuTime();
      try {
        new ImageDecoder().decode(file);
        sound++;
      } catch (BrokenImageException e) {
        if (e.getMessage().contains("\n")) {
          throw new IllegalStateException("not a sentence", e);
        }
      }
      slowest = Math.max(slowest, THREADS.getCurrentThreadCpuTime() - start);
    }
    long grown = megabytes("VmHWM") - before;
    System.out.println(
        new Outcome(name, slowest / 1_000_000, grown, sound + " of " + times).line());
  }

  /** Changes a few bytes, most of them in the headers, where lengths and sizes are. */
  private static byte[] damaged(byte[] whole, Random random) {
    byte[] file = whole.clone();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int within = random.nextInt(3) == 0 ? file.length : Math.min(file.length, 200);
      int at = random.nextInt(within);
      file[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) 0xFF;
            case 1 -> 0;
            case 2 -> (byte) (file[at] ^ 1 << random.nextInt(8));
            default -> (byte) random.nextInt(256);
          };
    }
    return random.nextInt(8) == 0
        ? java.util.Arrays.copyOf(file, 1 + random.nextInt(file.length))
        : file;
  }

  /** A figure of the process, as the system counts it. */
  private static long megabytes(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
      }
    }
    throw new IllegalStateException("no " + field);
  }
}
