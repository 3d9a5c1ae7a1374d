package org.efficienttrain.tensor.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.export.Graph.Node;
import org.efficienttrain.tensor.export.Graph.Value;
import org.efficienttrain.tensor.export.OnnxGraph.Attribute;

/** Says each operation in operators of ONNX, opset 17. */
final class OnnxOperations {
  /** Operators of one tensor without attributes. */
  private static final Map<String, String> UNARY =
      Map.ofEntries(
          Map.entry("relu", "Relu"),
          Map.entry("neg", "Neg"),
          Map.entry("abs", "Abs"),
          Map.entry("exp", "Exp"),
          Map.entry("log", "Log"),
          Map.entry("sqrt", "Sqrt"),
          Map.entry("sin", "Sin"),
          Map.entry("cos", "Cos"),
          Map.entry("erf", "Erf"),
          Map.entry("sigmoid", "Sigmoid"),
          Map.entry("floor", "Floor"));

  /** Operators of two tensors, or of a tensor and a number. */
  private static final Map<String, String> BINARY =
      Map.of(
          "add", "Add", "sub", "Sub", "mul", "Mul", "div", "Div", "pow", "Pow", "matmul", "MatMul",
          "maximum", "Max");

  private static final Map<String, String> REDUCTIONS =
      Map.of("mean", "ReduceMean", "sum", "ReduceSum");

  private final OnnxGraph out;
  private final Map<Integer, String> names = new HashMap<>();

  OnnxOperations(OnnxGraph out) {
    this.out = out;
  }

  /** Tells the name of a value that no operation makes. */
  void name(Value value, String name) {
    names.put(value.id(), name);
  }

  String name(Value value) {
    return names.get(value.id());
  }

  /** Adds the operators of one operation. */
  void add(Node node) {
    Args a = node.args();
    switch (node.op()) {
      case "chunk", "split" -> split(node);
      case "unbind" -> unbind(node);
      default -> name(node.result(), single(node, a));
    }
  }

  private String single(Node node, Args a) {
    String op = node.op();
    if (UNARY.containsKey(op)) {
      return out.node(UNARY.get(op), List.of(in(a, 0)));
    }
    if (BINARY.containsKey(op) && a.size() == 2) {
      return out.node(BINARY.get(op), List.of(in(a, 0), operand(a, 1)));
    }
    if (REDUCTIONS.containsKey(op)) {
      return reduce(op, a);
    }
    return switch (op) {
      // Memory layout means nothing to ONNX.
      case "contiguous", "channels_last", "clone", "detach" -> in(a, 0);
      case "view", "reshape", "flatten", "unsqueeze", "squeeze" ->
          out.node("Reshape", List.of(in(a, 0), out.shape(node.result().shape())));
      case "expand" -> out.node("Expand", List.of(in(a, 0), out.exactShape(node.result().shape())));
      case "permute" -> transpose(in(a, 0), positive(a.value(0), a.integers(1)));
      case "transpose" -> swap(in(a, 0), a.value(0), a.integer(1), a.integer(2));
      case "narrow" -> slice(in(a, 0), a.value(0).dim(a.integer(1)), a.integer(2), a.integer(3));
      case "select" -> gather(in(a, 0), out.integer(a.integer(2)), a.value(0).dim(a.integer(1)));
      case "index_select" -> gather(in(a, 0), in(a, 2), a.value(0).dim(a.integer(1)));
      case "roll" -> roll(a);
      case "cat" -> concat(a);
      case "to" -> cast(a, node.result().dtype());
      case "square" -> out.node("Mul", List.of(in(a, 0), in(a, 0)));
      case "rsqrt" -> out.node("Reciprocal", List.of(out.node("Sqrt", List.of(in(a, 0)))));
      case "add" -> // with a factor for the second
          out.node("Add", List.of(in(a, 0), out.node("Mul", List.of(in(a, 1), operand(a, 2)))));
      case "addcmul" ->
          out.node("Add", List.of(in(a, 0), out.node("Mul", List.of(in(a, 1), in(a, 2)))));
      case "softmax" ->
          out.node(
              "Softmax", List.of(in(a, 0)), Attribute.of("axis", a.value(0).dim(a.integer(1))));
      case "gelu" -> gelu(in(a, 0), a.value(0).dtype());
      case "linear" -> linear(a);
      case "conv2d" -> convolution(a);
      case "layer_norm" -> layerNorm(a);
      case "batch_norm" -> batchNorm(a);
      case "max_pool2d" -> maxPool(a);
      case "scaled_dot_product_attention" -> attention(a);
      default ->
          throw new TensorException(
              "the network cannot be exported: ONNX export does not know the operation " + op);
    };
  }

  private String in(Args a, int i) {
    return a.isAbsent(i) ? OnnxGraph.ABSENT : name(a.value(i));
  }

  /** A tensor, or a number as a constant of the first operand's type. */
  private String operand(Args a, int i) {
    return a.get(i) instanceof Double number ? out.number(number, a.value(0).dtype()) : in(a, i);
  }

  private static long[] positive(Value value, long... dims) {
    return LongStream.of(dims).map(value::dim).toArray();
  }

  private String transpose(String x, long... order) {
    return out.node("Transpose", List.of(x), Attribute.of("perm", order));
  }

  private String swap(String x, Value value, long dim0, long dim1) {
    long[] order = LongStream.range(0, value.rank()).toArray();
    int i = value.dim(dim0);
    int j = value.dim(dim1);
    order[i] = j;
    order[j] = i;
    return transpose(x, order);
  }

  private String slice(String x, int dim, long start, long length) {
    return out.node(
        "Slice", List.of(x, out.integers(start), out.integers(start + length), out.integers(dim)));
  }

  private String gather(String x, String index, int dim) {
    return out.node("Gather", List.of(x, index), Attribute.of("axis", dim));
  }

  /** The last {@code shift} slices come first. */
  private String roll(Args a) {
    String x = in(a, 0);
    long[] shifts = a.integers(1);
    long[] dims = a.integers(2);
    for (int i = 0; i < dims.length; i++) {
      int dim = a.value(0).dim(dims[i]);
      long size = a.value(0).size(dim);
      long shift = Math.floorMod(shifts[i], size);
      if (shift != 0) {
        String last = slice(x, dim, size - shift, shift);
        String first = slice(x, dim, 0, size - shift);
        x = out.node("Concat", List.of(last, first), Attribute.of("axis", dim));
      }
    }
    return x;
  }

  private String concat(Args a) {
    List<Value> values = a.values(0);
    return out.node(
        "Concat",
        values.stream().map(this::name).toList(),
        Attribute.of("axis", values.get(0).dim(a.integer(1))));
  }

  private void split(Node node) {
    Args a = node.args();
    int dim = a.value(0).dim(a.integer(2));
    long[] sizes = node.results().stream().mapToLong(r -> r.size(dim)).toArray();
    List<String> parts =
        out.node(
            "Split",
            List.of(in(a, 0), out.integers(sizes)),
            sizes.length,
            Attribute.of("axis", dim));
    for (int i = 0; i < sizes.length; i++) {
      name(node.results().get(i), parts.get(i));
    }
  }

  private void unbind(Node node) {
    int dim = node.args().value(0).dim(node.args().integer(1));
    for (int i = 0; i < node.results().size(); i++) {
      name(node.results().get(i), gather(in(node.args(), 0), out.integer(i), dim));
    }
  }

  private String cast(Args a, DType to) {
    return a.value(0).dtype() == to
        ? in(a, 0)
        : out.node("Cast", List.of(in(a, 0)), Attribute.of("to", OnnxGraph.dataType(to)));
  }

  /** Over the given dimensions, or over all without any. ReduceMean has them as an attribute. */
  private String reduce(String op, Args a) {
    boolean all = a.size() == 1;
    long[] dims =
        all
            ? LongStream.range(0, a.value(0).rank()).toArray()
            : positive(a.value(0), a.integers(1));
    Attribute keep = Attribute.of("keepdims", !all && a.flag(2) ? 1 : 0);
    return op.equals("mean")
        ? out.node("ReduceMean", List.of(in(a, 0)), Attribute.of("axes", dims), keep)
        : out.node("ReduceSum", List.of(in(a, 0), out.integers(dims)), keep);
  }

  /** x/2 (1 + erf(x / sqrt 2)): the operator itself comes with opset 20. */
  private String gelu(String x, DType dtype) {
    String erf =
        out.node("Erf", List.of(out.node("Div", List.of(x, out.number(Math.sqrt(2), dtype)))));
    String sum = out.node("Add", List.of(erf, out.number(1, dtype)));
    String product = out.node("Mul", List.of(x, sum));
    return out.node("Mul", List.of(product, out.number(0.5, dtype)));
  }

  private String linear(Args a) {
    String product = out.node("MatMul", List.of(in(a, 0), transpose(in(a, 1), 1, 0)));
    return a.isAbsent(2) ? product : out.node("Add", List.of(product, in(a, 2)));
  }

  private String convolution(Args a) {
    List<String> inputs = new ArrayList<>(List.of(in(a, 0), in(a, 1)));
    if (!a.isAbsent(2)) {
      inputs.add(in(a, 2));
    }
    long[] padding = a.integers(4);
    return out.node(
        "Conv",
        inputs,
        Attribute.of("strides", a.integers(3)),
        Attribute.of("pads", new long[] {padding[0], padding[1], padding[0], padding[1]}),
        Attribute.of("dilations", a.integers(5)),
        Attribute.of("group", a.integer(6)));
  }

  private String layerNorm(Args a) {
    String scale = a.isAbsent(1) ? out.ones(a.value(0).size(-1)) : in(a, 1);
    List<String> inputs = new ArrayList<>(List.of(in(a, 0), scale));
    if (!a.isAbsent(2)) {
      inputs.add(in(a, 2));
    }
    return out.node(
        "LayerNormalization",
        inputs,
        Attribute.of("axis", -1),
        Attribute.of("epsilon", a.number(3)));
  }

  private String batchNorm(Args a) {
    return out.node(
        "BatchNormalization",
        List.of(in(a, 0), in(a, 1), in(a, 2), in(a, 3), in(a, 4)),
        Attribute.of("epsilon", a.number(7)));
  }

  private String maxPool(Args a) {
    long kernel = a.integer(1);
    long stride = a.integer(2);
    long padding = a.integer(3);
    return out.node(
        "MaxPool",
        List.of(in(a, 0)),
        Attribute.of("kernel_shape", new long[] {kernel, kernel}),
        Attribute.of("strides", new long[] {stride, stride}),
        Attribute.of("pads", new long[] {padding, padding, padding, padding}));
  }

  /** softmax(q k^T scale + mask) v. */
  private String attention(Args a) {
    Value q = a.value(0);
    double scale = Double.isNaN(a.number(4)) ? 1 / Math.sqrt((double) q.size(-1)) : a.number(4);
    String scaled = out.node("Mul", List.of(in(a, 0), out.number(scale, q.dtype())));
    String keys = swap(in(a, 1), a.value(1), -2, -1);
    String scores = out.node("MatMul", List.of(scaled, keys));
    if (!a.isAbsent(3)) {
      scores = out.node("Add", List.of(scores, in(a, 3)));
    }
    String weights = out.node("Softmax", List.of(scores), Attribute.of("axis", -1));
    return out.node("MatMul", List.of(weights, in(a, 2)));
  }
}
