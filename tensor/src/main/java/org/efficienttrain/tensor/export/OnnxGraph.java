package org.efficienttrain.tensor.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.export.Graph.Value;

/**
 * An ONNX graph under construction: nodes, initialisers, and the shapes that are computed from the
 * batch. Field numbers are those of onnx.proto (onnx/onnx, IR version 8).
 */
final class OnnxGraph {
  /** Name of the graph's input, and of the dimension that is its batch. */
  static final String INPUT = "images";

  static final String OUTPUT = "logits";
  static final String BATCH = "batch";

  /** Nothing: how an absent optional input is written. */
  static final String ABSENT = "";

  /**
   * An initialiser.
   *
   * @param bytes gives its elements, little-endian
   */
  record Initialiser(
      String name, DType dtype, List<Long> shape, long size, Supplier<ByteBuffer> bytes) {}

  private final List<Proto> nodes = new ArrayList<>();
  private final List<Initialiser> initialisers = new ArrayList<>();
  private final Map<List<Object>, String> constants = new HashMap<>();
  private int count;
  private String batch;

  List<Proto> nodes() {
    return nodes;
  }

  List<Initialiser> initialisers() {
    return initialisers;
  }

  void add(Initialiser initialiser) {
    initialisers.add(initialiser);
  }

  /** An attribute of a node. */
  static final class Attribute {
    private static final int NAME = 1;
    private static final int FLOAT_VALUE = 2;
    private static final int INT_VALUE = 3;
    private static final int INTS_VALUE = 8;
    private static final int TYPE = 20;
    private static final int FLOAT = 1;
    private static final int INT = 2;
    private static final int INTS = 7;

    private final Proto proto;

    private Attribute(Proto proto) {
      this.proto = proto;
    }

    static Attribute of(String name, long value) {
      return new Attribute(
          new Proto().text(NAME, name).integer(INT_VALUE, value).integer(TYPE, INT));
    }

    static Attribute of(String name, double value) {
      return new Attribute(
          new Proto().text(NAME, name).number(FLOAT_VALUE, (float) value).integer(TYPE, FLOAT));
    }

    static Attribute of(String name, long[] values) {
      return new Attribute(
          new Proto().text(NAME, name).packed(INTS_VALUE, values).integer(TYPE, INTS));
    }
  }

  /** Adds a node with one result and returns the result's name. */
  String node(String op, List<String> inputs, Attribute... attributes) {
    return node(op, inputs, 1, attributes).get(0);
  }

  /** Adds a node and returns its results' names. */
  List<String> node(String op, List<String> inputs, int results, Attribute... attributes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      names.add("t" + count++);
    }
    Proto node = new Proto();
    inputs.forEach(name -> node.text(1, name));
    names.forEach(name -> node.text(2, name));
    node.text(3, op + "_" + nodes.size()).text(4, op);
    for (Attribute attribute : attributes) {
      node.message(5, attribute.proto);
    }
    nodes.add(node);
    return names;
  }

  /** Gives a value the name that the graph promises as its output. */
  void output(String name) {
    Proto node = new Proto().text(1, name).text(2, OUTPUT);
    nodes.add(node.text(3, "output").text(4, "Identity"));
  }

  /** A vector of whole numbers. */
  String integers(long... values) {
    return constant(DType.INT64, List.of((long) values.length), longs(values));
  }

  /** A single whole number without dimensions. */
  String integer(long value) {
    return constant(DType.INT64, List.of(), longs(value));
  }

  /** A single number without dimensions, of a floating-point type. */
  String number(double value, DType dtype) {
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (dtype == DType.FLOAT64) {
      bytes.putDouble(value);
    } else {
      bytes.putFloat((float) value);
    }
    return constant(
        dtype == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32, List.of(), bytes.flip());
  }

  /** A vector of ones in float32. */
  String ones(long size) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(size * Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      bytes.putFloat(1);
    }
    return constant(DType.FLOAT32, List.of(size), bytes.flip());
  }

  private static ByteBuffer longs(long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.flip();
  }

  private String constant(DType dtype, List<Long> shape, ByteBuffer bytes) {
    // Equal constants are one; ByteBuffer compares by content.
    List<Object> key = List.of(dtype, shape, bytes);
    return constants.computeIfAbsent(
        key,
        k -> {
          String name = "c" + constants.size();
          add(new Initialiser(name, dtype, shape, bytes.remaining(), bytes::duplicate));
          return name;
        });
  }

  /** A shape for Reshape, which finds one extent by itself. */
  String shape(List<Extent> extents) {
    long growing = extents.stream().filter(e -> !e.isFixed()).count();
    if (growing > 1) {
      return exactShape(extents);
    }
    return integers(extents.stream().mapToLong(e -> e.isFixed() ? e.fixed() : -1).toArray());
  }

  /** A shape in which every extent is computed, for operators that find none by themselves. */
  String exactShape(List<Extent> extents) {
    if (extents.stream().allMatch(Extent::isFixed)) {
      return integers(extents.stream().mapToLong(Extent::fixed).toArray());
    }
    List<String> parts = new ArrayList<>();
    for (Extent extent : extents) {
      parts.add(
          extent.isFixed()
              ? integers(extent.fixed())
              : node("Mul", List.of(batch(), integers(extent.perImage()))));
    }
    return node("Concat", parts, Attribute.of("axis", 0));
  }

  /** The batch, as a vector of one number. */
  private String batch() {
    if (batch == null) {
      String shape = node("Shape", List.of(INPUT));
      batch = node("Gather", List.of(shape, integers(0)), Attribute.of("axis", 0));
    }
    return batch;
  }

  /** The ValueInfoProto of the graph's input or output. */
  static Proto valueInfo(String name, Value value) {
    Proto shape = new Proto();
    for (Extent extent : value.shape()) {
      Proto dim = new Proto();
      shape.message(1, extent.isFixed() ? dim.integer(1, extent.fixed()) : dim.text(2, BATCH));
    }
    Proto tensor = new Proto().integer(1, dataType(value.dtype())).message(2, shape);
    return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
  }

  /** ONNX's number of an element type. */
  static int dataType(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case BOOL -> 9;
      case FLOAT16 -> 10;
      case FLOAT64 -> 11;
      case BFLOAT16 -> 16;
    };
  }
}
