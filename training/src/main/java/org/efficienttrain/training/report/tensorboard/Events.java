package org.efficienttrain.training.report.tensorboard;

import java.util.LinkedHashMap;
import java.util.Map;

/** The events that TensorBoard knows, as messages. */
final class Events {
  // event.proto
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;

  // summary.proto: Summary, Summary.Value, Summary.Image, SummaryMetadata
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int IMAGE = 4;
  private static final int TENSOR = 8;
  private static final int METADATA = 9;

  private static final int DT_STRING = 7;

  private Events() {}

  /** The first event of every file. */
  static byte[] version(double seconds) {
    return event(seconds, 0).text(FILE_VERSION, "brain.Event:2").toBytes();
  }

  /**
   * Numbers at a step; those that are not finite are left out.
   *
   * @return null where none is left
   */
  static byte[] scalars(double seconds, long step, Map<String, Double> values) {
    ProtoMessage summary = new ProtoMessage();
    Map<String, Double> finite = new LinkedHashMap<>(values);
    finite.values().removeIf(v -> !Double.isFinite(v));
    finite.forEach(
        (tag, value) ->
            summary.message(
                VALUE, new ProtoMessage().text(TAG, tag).real32(SIMPLE_VALUE, value.floatValue())));
    return finite.isEmpty() ? null : event(seconds, step).message(SUMMARY, summary).toBytes();
  }

  /** A picture at a step, as a PNG file. */
  static byte[] picture(double seconds, long step, String tag, int width, int height, byte[] file) {
    ProtoMessage image =
        new ProtoMessage().integer(1, height).integer(2, width).integer(3, 3).bytes(4, file);
    ProtoMessage value = new ProtoMessage().text(TAG, tag).message(IMAGE, image);
    return event(seconds, step)
        .message(SUMMARY, new ProtoMessage().message(VALUE, value))
        .toBytes();
  }

  /** Text, shown as Markdown. */
  static byte[] text(double seconds, long step, String tag, String text) {
    ProtoMessage metadata =
        new ProtoMessage().message(1, new ProtoMessage().text(1, "text")); // plugin_data
    ProtoMessage tensor =
        new ProtoMessage().integer(1, DT_STRING).message(2, new ProtoMessage()).text(8, text);
    ProtoMessage value =
        new ProtoMessage().text(TAG, tag).message(TENSOR, tensor).message(METADATA, metadata);
    return event(seconds, step)
        .message(SUMMARY, new ProtoMessage().message(VALUE, value))
        .toBytes();
  }

  private static ProtoMessage event(double seconds, long step) {
    return new ProtoMessage().real(WALL_TIME, seconds).integer(STEP, step);
  }
}
