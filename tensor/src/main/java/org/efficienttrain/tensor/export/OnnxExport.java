package org.efficienttrain.tensor.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.export.Graph.Leaf;
import org.efficienttrain.tensor.export.Graph.Node;
import org.efficienttrain.tensor.export.Graph.Value;
import org.efficienttrain.tensor.export.OnnxGraph.Initialiser;
import org.efficienttrain.tensor.io.AtomicFile;

/**
 * Writes a graph as ONNX, opset 17: input {@code images} (batch, C, H, W) with any batch, output
 * {@code logits}. Weights keep their names in the state.
 *
 * <p>A file of Protocol Buffers may not exceed 2 GB; a larger network gets its weights in a second
 * file beside it, named like the first with {@code .data} behind.
 */
public final class OnnxExport {
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final int EXTERNAL = 1;

  /** Leaves room for the graph itself below 2 GB. */
  private static final long MAX_EMBEDDED = 1_900_000_000;

  /** Smaller tensors stay in the graph: shapes among them must be known before anything is read. */
  private static final long SMALLEST_EXTERNAL = 1024;

  private OnnxExport() {}

  /**
   * Writes a file, replacing an older one only when complete.
   *
   * @param graph what {@link Tracer} made
   * @param metadata free text to keep with it
   * @param path where to, usually ending in {@code .onnx}
   * @throws TensorException if an operation has no counterpart or the file cannot be written
   */
  public static void write(Graph graph, Map<String, String> metadata, Path path) {
    write(graph, metadata, path, MAX_EMBEDDED);
  }

  static void write(Graph graph, Map<String, String> metadata, Path path, long maxEmbedded) {
    OnnxGraph out = build(graph);
    long weights = out.initialisers().stream().mapToLong(Initialiser::size).sum();
    Path data = path.resolveSibling(path.getFileName() + ".data");
    boolean external = weights > maxEmbedded;
    if (external) {
      AtomicFile.write(data, channel -> writeData(out.initialisers(), channel));
    }
    Proto model = model(graph, out, metadata, external ? data.getFileName().toString() : null);
    AtomicFile.write(path, model::writeTo);
  }

  private static OnnxGraph build(Graph graph) {
    OnnxGraph out = new OnnxGraph();
    OnnxOperations operations = new OnnxOperations(out);
    operations.name(graph.input(), OnnxGraph.INPUT);
    Set<Integer> used = new HashSet<>();
    for (Node node : graph.nodes()) {
      node.args().tensors().forEach(v -> used.add(v.id()));
    }
    for (Leaf leaf : graph.leaves()) {
      Value value = leaf.value();
      if (used.contains(value.id())) {
        operations.name(value, leaf.name());
        List<Long> shape = value.shape().stream().map(Extent::fixed).toList();
        long size = leaf.tensor().numel() * value.dtype().bytes();
        out.add(new Initialiser(leaf.name(), value.dtype(), shape, size, leaf.tensor()::toBytes));
      }
    }
    graph.nodes().forEach(operations::add);
    out.output(operations.name(graph.output()));
    return out;
  }

  private static void writeData(List<Initialiser> initialisers, FileChannel channel)
      throws IOException {
    for (Initialiser initialiser : initialisers) {
      if (initialiser.size() < SMALLEST_EXTERNAL) {
        continue;
      }
      ByteBuffer bytes = initialiser.bytes().get();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** The ModelProto; {@code dataFile} is null where the weights are embedded. */
  private static Proto model(
      Graph graph, OnnxGraph out, Map<String, String> metadata, String dataFile) {
    Proto body = new Proto();
    out.nodes().forEach(node -> body.message(1, node));
    body.text(2, "network");
    long offset = 0;
    for (Initialiser initialiser : out.initialisers()) {
      boolean external = dataFile != null && initialiser.size() >= SMALLEST_EXTERNAL;
      body.message(5, external ? external(initialiser, dataFile, offset) : embedded(initialiser));
      offset += external ? initialiser.size() : 0;
    }
    body.message(11, OnnxGraph.valueInfo(OnnxGraph.INPUT, graph.input()));
    body.message(12, OnnxGraph.valueInfo(OnnxGraph.OUTPUT, graph.output()));
    Proto model =
        new Proto()
            .integer(1, IR_VERSION)
            .text(2, "EfficientTrain for Java")
            .message(7, body)
            .message(8, new Proto().integer(2, OPSET));
    metadata.forEach((key, value) -> model.message(14, entry(key, value)));
    return model;
  }

  /** A TensorProto with its elements. */
  private static Proto embedded(Initialiser initialiser) {
    return description(initialiser).bytes(9, initialiser.size(), initialiser.bytes());
  }

  /** A TensorProto whose elements lie in another file. */
  private static Proto external(Initialiser initialiser, String dataFile, long offset) {
    return description(initialiser)
        .message(13, entry("location", dataFile))
        .message(13, entry("offset", String.valueOf(offset)))
        .message(13, entry("length", String.valueOf(initialiser.size())))
        .integer(14, EXTERNAL);
  }

  private static Proto description(Initialiser initialiser) {
    return new Proto()
        .packed(1, initialiser.shape().stream().mapToLong(Long::longValue).toArray())
        .integer(2, OnnxGraph.dataType(initialiser.dtype()))
        .text(8, initialiser.name());
  }

  /** A StringStringEntryProto. */
  private static Proto entry(String key, String value) {
    return new Proto().text(1, key).text(2, value);
  }
}
