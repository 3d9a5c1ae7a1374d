package org.efficienttrain.app.runs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run's {@code metrics.jsonl}, read on from where the last reading ended. A last line without its
 * end waits for the next reading; a file that was cut, as a resumed run does, is read anew.
 *
 * <p>Not safe for use by several threads.
 */
public final class MetricsLog {
  /** Evaluations kept; a run has one an epoch. */
  private static final int MAX_EVALUATIONS = 20_000;

  /** The curve of the images a second that the network would take if it never waited. */
  public static final String NETWORK_RATE = "networkPerSecond";

  private static final int MAX_KEYS = 64;
  private static final int CHUNK = 1 << 20;
  private static final int MAX_LINE = 1 << 16;
  private static final int MARK = 256;
  private static final JsonFactory JSON = new JsonFactory();

  private final Path file;
  private final int fullBandwidth;

  private long offset;
  private byte[] mark = new byte[0];
  private Map<String, Curve> curves = new LinkedHashMap<>();
  private Curve epochs = new Curve();
  private Curve equivalents = new Curve();
  private Curve seconds = new Curve();
  private NumberTable evaluations = new NumberTable();
  private long unreadable;
  private double lastStep;
  private double lastEpoch;
  private double equivalent;
  private double time;
  private String kind = "";

  /**
   * @param fullBandwidth side in pixels at full bandwidth, to count equivalent epochs by the pixels
   */
  public MetricsLog(Path file, int fullBandwidth) {
    this.file = file;
    this.fullBandwidth = fullBandwidth;
  }

  /**
   * Reads what has come since.
   *
   * @return whether anything has
   * @throws IOException if the file cannot be read; one that is missing is empty
   */
  public boolean refresh() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (offset > 0 && !continues(channel)) {
        reset();
      }
      long before = offset;
      byte[] buffer = new byte[CHUNK];
      int held = 0;
      long at = offset;
      for (int n = read(channel, at, buffer, held); n > 0; n = read(channel, at, buffer, held)) {
        at += n;
        held = lines(buffer, held + n);
        offset = at - held;
        if (held > MAX_LINE) {
          throw new IOException("a line of metrics.jsonl is longer than " + MAX_LINE + " bytes");
        }
      }
      remember(channel);
      return offset != before;
    } catch (NoSuchFileException e) {
      boolean had = offset > 0;
      reset();
      return had;
    }
  }

  private static int read(FileChannel channel, long at, byte[] buffer, int held)
      throws IOException {
    return channel.read(ByteBuffer.wrap(buffer, held, buffer.length - held), at);
  }

  /** Whether what was read is still there: its last bytes are. */
  private boolean continues(FileChannel channel) throws IOException {
    if (channel.size() < offset) {
      return false;
    }
    byte[] now = new byte[mark.length];
    channel.read(ByteBuffer.wrap(now), offset - mark.length);
    return Arrays.equals(now, mark);
  }

  private void remember(FileChannel channel) throws IOException {
    mark = new byte[(int) Math.min(MARK, offset)];
    channel.read(ByteBuffer.wrap(mark), offset - mark.length);
  }

  private void reset() {
    offset = 0;
    mark = new byte[0];
    curves = new LinkedHashMap<>();
    epochs = new Curve();
    equivalents = new Curve();
    seconds = new Curve();
    evaluations = new NumberTable();
    unreadable = 0;
    lastStep = 0;
    lastEpoch = 0;
    equivalent = 0;
    time = 0;
  }

  /**
   * Takes the whole lines of a buffer, moves the rest to its front and returns the rest's length.
   */
  private int lines(byte[] buffer, int length) {
    int from = 0;
    for (int i = 0; i < length; i++) {
      if (buffer[i] == '\n') {
        line(buffer, from, i - from);
        from = i + 1;
      }
    }
    System.arraycopy(buffer, from, buffer, 0, length - from);
    return length - from;
  }

  private void line(byte[] buffer, int from, int length) {
    if (length == 0) {
      return;
    }
    try {
      Map<String, Double> values = numbers(buffer, from, length);
      double step = values.getOrDefault("step", Double.NaN);
      if (!(step >= 0)) {
        unreadable++;
      } else if (kind.equals("step")) {
        step(step, values);
      } else if (kind.equals("evaluation") && evaluations.size() < MAX_EVALUATIONS) {
        evaluation(step, values);
      }
    } catch (IOException e) {
      unreadable++;
    }
  }

  /** The numbers of a line, and its kind. */
  private Map<String, Double> numbers(byte[] buffer, int from, int length) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    kind = "";
    try (JsonParser parser = JSON.createParser(buffer, from, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token.isNumeric() && values.size() < MAX_KEYS) {
          values.put(name, parser.getDoubleValue());
        } else if (token == JsonToken.VALUE_STRING && name.equals("kind")) {
          kind = parser.getText();
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new IOException("not a whole object");
      }
    }
    return values;
  }

  private void step(double step, Map<String, Double> values) {
    double epoch = values.getOrDefault("epoch", lastEpoch);
    double share = values.getOrDefault("bandwidth", (double) fullBandwidth) / fullBandwidth;
    double images = (step - lastStep) * values.getOrDefault("batchSize", 0.0);
    double rate = values.getOrDefault("imagesPerSecond", 0.0);
    equivalent += Math.max(0, epoch - lastEpoch) * share * share;
    time += rate > 0 ? Math.max(0, images) / rate : 0;
    lastStep = step;
    lastEpoch = epoch;
    epochs.add(step, epoch);
    equivalents.add(step, equivalent);
    seconds.add(step, time);
    double waiting = values.getOrDefault("waitingShare", Double.NaN);
    curve(NETWORK_RATE).add(step, rate / (1 - waiting));
    values.forEach(
        (name, value) -> {
          if (!name.equals("step") && !name.equals("epoch")) {
            curve(name).add(step, value);
          }
        });
  }

  private Curve curve(String name) {
    Curve known = curves.get(name);
    if (known != null || curves.size() >= MAX_KEYS) {
      return known != null ? known : new Curve();
    }
    Curve made = new Curve();
    curves.put(name, made);
    return made;
  }

  private void evaluation(double step, Map<String, Double> values) {
    time = Math.max(time, values.getOrDefault("trainingSeconds", time));
    evaluations.add(values);
    // An evaluation may come before the first logged step, or between two of them.
    if (step > lastStep) {
      double share = values.getOrDefault("bandwidth", (double) fullBandwidth) / fullBandwidth;
      double epoch = values.getOrDefault("epoch", lastEpoch);
      equivalent += Math.max(0, epoch - lastEpoch) * share * share;
      lastStep = step;
      lastEpoch = epoch;
      epochs.add(step, epoch);
      equivalents.add(step, equivalent);
      seconds.add(step, time);
    }
  }

  /** Curves over steps, by the names that the file has. */
  public Map<String, Curve> curves() {
    return curves;
  }

  /** What evaluations gave, by the names that the file has, in their order. */
  public List<Map<String, Double>> evaluations() {
    return evaluations;
  }

  /** Passes over the data over steps. */
  public Curve epochs() {
    return epochs;
  }

  /** Equivalent epochs over steps: passes over the data, each image counted by its pixels. */
  public Curve equivalents() {
    return equivalents;
  }

  /** Seconds of training over steps. */
  public Curve seconds() {
    return seconds;
  }

  /** The last step that was read. */
  public long lastStep() {
    return (long) lastStep;
  }

  /** Whole lines that could not be understood. */
  public long unreadable() {
    return unreadable;
  }
}
