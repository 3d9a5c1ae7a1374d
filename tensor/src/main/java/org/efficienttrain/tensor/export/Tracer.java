package org.efficienttrain.tensor.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.OpListener;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.export.Graph.Leaf;
import org.efficienttrain.tensor.export.Graph.Node;
import org.efficienttrain.tensor.export.Graph.Role;
import org.efficienttrain.tensor.export.Graph.Value;
import org.efficienttrain.tensor.nn.Module;

/**
 * Learns the graph of a network by watching it run.
 *
 * <p>The forward pass runs twice, with batches of two and of three images. Both runs do the same
 * operations; a number that differs between them must be a multiple of the batch. Tensors that come
 * from no operation seen are the images, the state, or constants, which are copied.
 */
public final class Tracer {
  /** Neither is 1, which broadcasts and so hides what depends on the batch. */
  private static final long FIRST_BATCH = 2;

  private static final long SECOND_BATCH = 3;

  /** Operations that make a tensor of no other; their results are constants where they are used. */
  private static final Set<String> FACTORIES =
      Set.of("constant", "zeros", "full", "empty", "arange", "zeros_like");

  private Tracer() {}

  /**
   * Traces a network in evaluation mode on the CPU; afterwards it is in the mode that it was in.
   *
   * @param network whose parameters and buffers the graph names, in float32
   * @param forward its pass from images to what the graph gives
   * @param image shape of an image, such as 3, 224, 224
   * @return the graph, whose constants live until {@link #release} closes them
   * @throws TensorException if a size depends on the batch in another way than by a factor
   */
  public static Graph trace(Module network, UnaryOperator<Tensor> forward, long... image) {
    boolean training = network.isTraining();
    network.eval();
    try (NoGrad noGrad = NoGrad.open()) {
      // Fills the caches that a network keeps across passes, so that both runs find them.
      new Pass(network, forward, FIRST_BATCH, image).closeConstants();
      Pass first = new Pass(network, forward, FIRST_BATCH, image);
      Pass second = new Pass(network, forward, SECOND_BATCH, image);
      try {
        return new Merge(first, second).graph();
      } finally {
        second.closeConstants();
      }
    } finally {
      if (training) {
        network.train();
      }
    }
  }

  /** Frees the copies of constants that a graph holds. */
  public static void release(Graph graph) {
    for (Leaf leaf : graph.leaves()) {
      if (leaf.role() == Role.CONSTANT) {
        leaf.tensor().close();
      }
    }
  }

  /** One tensor as it was seen. */
  private record Seen(int id, DType dtype, List<Long> shape) {}

  /** One operation as it was seen; tensors are replaced by {@link Seen}. */
  private record Event(String op, List<Object> args, List<Seen> results) {}

  /** A leaf as it was seen. */
  private record SeenLeaf(Seen seen, String name, Role role, Tensor tensor) {}

  /** One forward pass. */
  private static final class Pass implements OpListener {
    private final long batch;
    private final IdentityHashMap<Tensor, Seen> seen = new IdentityHashMap<>();
    private final Set<String> parameters;
    private final List<SeenLeaf> leaves = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final Seen input;
    private final Seen output;
    private boolean busy;

    Pass(Module network, UnaryOperator<Tensor> forward, long batch, long[] image) {
      this.batch = batch;
      this.parameters = network.namedParameters().keySet();
      long[] shape = new long[image.length + 1];
      shape[0] = batch;
      System.arraycopy(image, 0, shape, 1, image.length);
      try (Scope scope = Scope.open()) {
        Tensor images = Tensors.full(0.5, DType.FLOAT32, Device.CPU, shape);
        this.input = see(images);
        network.state().forEach(this::leaf);
        Tensor result;
        try (OpListener.AutoCloseableListener listening = OpListener.listen(this)) {
          result = forward.apply(images);
        }
        this.output = known(result);
      }
    }

    private Seen see(Tensor tensor) {
      List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
      Seen entry = new Seen(seen.size(), tensor.dtype(), shape);
      seen.put(tensor, entry);
      return entry;
    }

    private void leaf(String name, Tensor tensor) {
      Role role = parameters.contains(name) ? Role.PARAMETER : Role.BUFFER;
      leaves.add(new SeenLeaf(see(tensor), name, role, tensor));
    }

    @Override
    public void on(String op, List<Object> args, List<Tensor> results) {
      if (busy || FACTORIES.contains(op)) {
        return;
      }
      busy = true; // copying a constant is itself an operation
      try {
        List<Object> known = new ArrayList<>();
        args.forEach(arg -> known.add(argument(arg)));
        events.add(new Event(op, known, results.stream().map(this::see).toList()));
      } finally {
        busy = false;
      }
    }

    private Object argument(Object arg) {
      if (arg instanceof Tensor tensor) {
        return known(tensor);
      }
      if (arg instanceof List<?> list) {
        return list.stream().map(this::argument).toList();
      }
      if (arg instanceof long[] longs) {
        return Arrays.stream(longs).boxed().toList();
      }
      return arg;
    }

    private Seen known(Tensor tensor) {
      Seen entry = seen.get(tensor);
      if (entry == null) {
        entry = see(tensor);
        String name = "constant_" + leaves.stream().filter(l -> l.role() == Role.CONSTANT).count();
        Tensor copy = Scope.outlive(tensor.detach().copy());
        leaves.add(new SeenLeaf(entry, name, Role.CONSTANT, copy));
      }
      return entry;
    }

    void closeConstants() {
      leaves.stream().filter(l -> l.role() == Role.CONSTANT).forEach(l -> l.tensor().close());
    }
  }

  /** Two runs, compared. */
  private static final class Merge {
    private final Pass first;
    private final Pass second;

    Merge(Pass first, Pass second) {
      this.first = first;
      this.second = second;
    }

    Graph graph() {
      if (first.events.size() != second.events.size()
          || first.leaves.size() != second.leaves.size()) {
        throw differs("number of operations");
      }
      List<Leaf> leaves = new ArrayList<>();
      for (int i = 0; i < first.leaves.size(); i++) {
        SeenLeaf a = first.leaves.get(i);
        Value value = value(a.seen(), second.leaves.get(i).seen());
        if (!value.shape().stream().allMatch(Extent::isFixed)) {
          throw differs("shape of a constant");
        }
        leaves.add(new Leaf(value, a.name(), a.role(), a.tensor()));
      }
      List<Node> nodes = new ArrayList<>();
      for (int i = 0; i < first.events.size(); i++) {
        nodes.add(node(first.events.get(i), second.events.get(i)));
      }
      Value output = value(first.output, second.output);
      return new Graph(value(first.input, second.input), leaves, used(nodes, output), output);
    }

    private Node node(Event a, Event b) {
      if (!a.op().equals(b.op())
          || a.args().size() != b.args().size()
          || a.results().size() != b.results().size()) {
        throw differs("operation " + a.op());
      }
      List<Object> args = new ArrayList<>();
      for (int i = 0; i < a.args().size(); i++) {
        args.add(argument(a.op(), a.args().get(i), b.args().get(i)));
      }
      List<Value> results = new ArrayList<>();
      for (int i = 0; i < a.results().size(); i++) {
        results.add(value(a.results().get(i), b.results().get(i)));
      }
      return new Node(a.op(), new Args(args), results);
    }

    private Object argument(String op, Object a, Object b) {
      if (a instanceof Seen x && b instanceof Seen y) {
        return value(x, y);
      }
      if (a instanceof Long x && b instanceof Long y) {
        return extent(x, y);
      }
      if (a instanceof List<?> x && b instanceof List<?> y && x.size() == y.size()) {
        List<Object> merged = new ArrayList<>();
        for (int i = 0; i < x.size(); i++) {
          merged.add(argument(op, x.get(i), y.get(i)));
        }
        return merged;
      }
      if (a == null ? b != null : !a.equals(b)) {
        throw differs("argument of " + op);
      }
      return a;
    }

    private Value value(Seen a, Seen b) {
      if (a.id() != b.id() || a.dtype() != b.dtype() || a.shape().size() != b.shape().size()) {
        throw differs("order of operations");
      }
      List<Extent> shape = new ArrayList<>();
      for (int i = 0; i < a.shape().size(); i++) {
        shape.add(extent(a.shape().get(i), b.shape().get(i)));
      }
      return new Value(a.id(), a.dtype(), shape);
    }

    private Extent extent(long a, long b) {
      return Extent.of(a, first.batch, b, second.batch);
    }

    private static TensorException differs(String what) {
      return new TensorException(
          "the network cannot be exported: the " + what + " depends on the size of the batch");
    }

    /** Leaves out operations whose results nothing needs. */
    private static List<Node> used(List<Node> nodes, Value output) {
      Set<Integer> needed = new HashSet<>(Set.of(output.id()));
      List<Node> kept = new ArrayList<>();
      for (int i = nodes.size() - 1; i >= 0; i--) {
        Node node = nodes.get(i);
        if (node.results().stream().anyMatch(r -> needed.contains(r.id()))) {
          node.args().tensors().forEach(v -> needed.add(v.id()));
          kept.add(0, node);
        }
      }
      return kept;
    }
  }
}
