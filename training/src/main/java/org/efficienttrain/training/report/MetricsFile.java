package org.efficienttrain.training.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.task.Metrics.Metric;

/**
 * {@code metrics.jsonl}: one JSON object a line, {@code "kind": "step"} for a logged step and
 * {@code "evaluation"} for an evaluation. What is not a number is null.
 *
 * <p>A resumed run cuts the file at the length that its checkpoint remembers, so that no step
 * appears twice.
 */
public final class MetricsFile implements TrainingListener, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final FileChannel channel;

  /**
   * Opens the file, made if missing, and cuts it.
   *
   * @param length bytes to keep, 0 for a new run
   * @throws UserError if it cannot be written
   */
  public MetricsFile(Path path, long length) {
    this.path = path;
    try {
      channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.truncate(length);
      channel.position(channel.size());
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** Forces everything to the disk. */
  public long sync() {
    try {
      channel.force(true);
      return channel.position();
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  @Override
  public void stepped(StepReport report) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("kind", "step");
    line.put("step", report.step());
    line.put("epoch", report.epoch());
    line.put("loss", number(report.loss()));
    line.put("learningRate", report.learningRate());
    line.put("bandwidth", report.bandwidth());
    line.put("magnitude", report.magnitude());
    line.put("batchSize", report.batchSize());
    line.put("gradientNorm", number(report.gradientNorm()));
    line.put("imagesPerSecond", number(report.imagesPerSecond()));
    line.put("waitingShare", number(report.waitingShare()));
    write(line);
  }

  @Override
  public void evaluated(EvaluationReport report) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("kind", "evaluation");
    line.put("step", report.step());
    line.put("epoch", report.epoch());
    line.put("bandwidth", report.bandwidth());
    line.put("trainingLoss", number(report.trainingLoss()));
    report.counting().all().forEach(m -> line.put(m.name(), number(m.value())));
    if (report.averaged() != null) {
      report.result().all().forEach(m -> line.put(prefixed("raw", m), number(m.value())));
    }
    line.put("images", report.result().images());
    line.put("best", report.best());
    line.put("trainingSeconds", report.trainingSeconds());
    write(line);
  }

  /** The name of a metric of other weights than those that count: raw + accuracy is rawAccuracy. */
  static String prefixed(String prefix, Metric metric) {
    String name = metric.name();
    return prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  private static Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private void write(Map<String, Object> line) {
    try {
      ByteBuffer bytes =
          ByteBuffer.wrap((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private UserError unwritable(IOException e) {
    return new UserError("cannot write " + path + ": " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unwritable(e);
    }
  }
}
