package org.efficienttrain.tensor.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.export.Graph.Leaf;
import org.efficienttrain.tensor.export.Graph.Node;
import org.efficienttrain.tensor.export.Graph.Value;

/** The source of a graph's {@code forward} in TorchScript, one line for each operation. */
final class TorchScriptSource {
  /** Operations that TorchScript calls with the same arguments in the same order. */
  private static final Set<String> SAME =
      Set.of(
          "permute",
          "transpose",
          "flatten",
          "unsqueeze",
          "squeeze",
          "narrow",
          "select",
          "roll",
          "flip",
          "index_select",
          "gather",
          "contiguous",
          "clone",
          "detach",
          "to",
          "add",
          "addcmul",
          "sub",
          "mul",
          "div",
          "pow",
          "clamp",
          "neg",
          "abs",
          "exp",
          "log",
          "sqrt",
          "rsqrt",
          "sin",
          "cos",
          "erf",
          "sigmoid",
          "relu",
          "square",
          "floor",
          "matmul",
          "maximum",
          "sum",
          "mean",
          "var",
          "amax",
          "amin",
          "argmax",
          "softmax",
          "log_softmax",
          "gelu",
          "linear",
          "conv2d",
          "cat",
          "stack",
          "where");

  /** Operations that return a list, be it of one tensor. */
  private static final Set<String> LISTS = Set.of("chunk", "split", "unbind");

  private final Map<Integer, String> names = new HashMap<>();
  private final StringBuilder source = new StringBuilder();

  private TorchScriptSource() {}

  /** The whole function. It reads each leaf as the attribute of that name. */
  static String of(Graph graph) {
    TorchScriptSource writer = new TorchScriptSource();
    writer.write(graph);
    return writer.source.toString();
  }

  private void write(Graph graph) {
    names.put(graph.input().id(), "x");
    for (Leaf leaf : graph.leaves()) {
      names.put(leaf.value().id(), expression(leaf.name()));
    }
    source.append("def forward(self, x: Tensor) -> Tensor:\n  n = x.size(0)\n");
    for (Node node : graph.nodes()) {
      String call = call(node);
      if (!LISTS.contains(node.op())) {
        line(define(node.result()) + " = " + call);
      } else {
        String list = "l" + node.result().id();
        line(list + " = " + call);
        for (int i = 0; i < node.results().size(); i++) {
          line(define(node.results().get(i)) + " = " + list + "[" + i + "]");
        }
      }
    }
    line("return " + names.get(graph.output().id()));
  }

  private void line(String text) {
    source.append("  ").append(text).append('\n');
  }

  private String define(Value value) {
    String name = "v" + value.id();
    names.put(value.id(), name);
    return name;
  }

  /** Parts of a path that are no identifiers, such as the 0 of a list, need getattr. */
  private static String expression(String path) {
    String expression = "self";
    for (String part : path.split("\\.", -1)) {
      boolean identifier = part.matches("[A-Za-z_][A-Za-z0-9_]*");
      expression =
          identifier ? expression + "." + part : "getattr(" + expression + ", \"" + part + "\")";
    }
    return expression;
  }

  private String call(Node node) {
    Args a = node.args();
    return switch (node.op()) {
      case "view", "reshape" -> torch("reshape", a.get(0), node.result().shape());
      case "expand" -> torch("expand", a.get(0), node.result().shape());
      case "channels_last" -> "torch.contiguous(" + text(a.get(0)) + ", memory_format=2)";
      case "chunk", "unbind" -> torch(node.op(), a.all().toArray());
      case "split" -> torch("split_with_sizes", a.all().toArray());
      case "layer_norm" ->
          torch(
              "layer_norm",
              a.get(0),
              List.of(Extent.of(a.value(0).size(-1))),
              a.get(1),
              a.get(2),
              a.get(3));
      case "batch_norm" -> torch("batch_norm", with(a.all(), true));
      case "scaled_dot_product_attention" -> attention(a);
      case "max_pool2d" -> torch("max_pool2d", a.get(0), pair(a, 1), pair(a, 2), pair(a, 3));
      default -> {
        if (!SAME.contains(node.op())) {
          throw new TensorException(
              "the network cannot be exported: TorchScript export does not know the operation "
                  + node.op());
        }
        yield scaledSum(node) ? torchWithAlpha(a) : torch(node.op(), a.all().toArray());
      }
    };
  }

  /** {@code add(x, y, alpha)}, whose alpha TorchScript wants by name. */
  private static boolean scaledSum(Node node) {
    return node.op().equals("add") && node.args().size() == 3;
  }

  private String torchWithAlpha(Args a) {
    return "torch.add("
        + text(a.get(0))
        + ", "
        + text(a.get(1))
        + ", alpha="
        + text(a.get(2))
        + ")";
  }

  private String attention(Args a) {
    double scale = a.number(4);
    return "torch.scaled_dot_product_attention("
        + text(a.get(0))
        + ", "
        + text(a.get(1))
        + ", "
        + text(a.get(2))
        + ", "
        + text(a.get(3))
        + (Double.isNaN(scale) ? ")" : ", scale=" + text(scale) + ")");
  }

  private static List<Object> pair(Args a, int i) {
    return List.of(a.get(i), a.get(i));
  }

  private static Object[] with(List<Object> args, Object last) {
    List<Object> longer = new ArrayList<>(args);
    longer.add(last);
    return longer.toArray();
  }

  private String torch(String function, Object... args) {
    List<String> texts = new ArrayList<>();
    for (Object arg : args) {
      texts.add(text(arg));
    }
    return "torch." + function + "(" + String.join(", ", texts) + ")";
  }

  private String text(Object arg) {
    if (arg == null) {
      return "None";
    }
    if (arg instanceof Value value) {
      return names.get(value.id());
    }
    if (arg instanceof Extent extent) {
      return extent.isFixed() ? String.valueOf(extent.fixed()) : extent.perImage() + " * n";
    }
    if (arg instanceof List<?> list) {
      return "[" + String.join(", ", list.stream().map(this::text).toList()) + "]";
    }
    if (arg instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    if (arg instanceof Double number && Double.isFinite(number)) {
      return number.toString();
    }
    if (arg instanceof DType type) {
      return String.valueOf(scalarType(type));
    }
    throw new TensorException("the network cannot be exported: TorchScript has no value " + arg);
  }

  /** PyTorch's number of an element type, which is what TorchScript calls a dtype. */
  private static int scalarType(DType type) {
    return switch (type) {
      case UINT8 -> 0;
      case INT8 -> 1;
      case INT16 -> 2;
      case INT32 -> 3;
      case INT64 -> 4;
      case FLOAT16 -> 5;
      case FLOAT32 -> 6;
      case FLOAT64 -> 7;
      case BOOL -> 11;
      case BFLOAT16 -> 15;
    };
  }
}
