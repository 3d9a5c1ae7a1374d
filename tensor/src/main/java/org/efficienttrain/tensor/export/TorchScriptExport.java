package org.efficienttrain.tensor.export;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.export.Graph.Leaf;
import org.efficienttrain.tensor.export.Graph.Role;
import org.efficienttrain.tensor.io.AtomicFile;

/**
 * Writes a graph as TorchScript: a module tree with the state under its own names, and a {@code
 * forward} from images (N, C, H, W) to the network's output. PyTorch (2.1 and later), its C++
 * library and DJL load it.
 */
public final class TorchScriptExport {
  private TorchScriptExport() {}

  /**
   * Writes a file, replacing an older one only when complete.
   *
   * @param graph what {@link Tracer} made
   * @param path where to, usually ending in {@code .pt}
   * @throws TensorException if an operation has no counterpart or the file cannot be written
   */
  public static void write(Graph graph, Path path) {
    String source = TorchScriptSource.of(graph);
    try (Scope scope = Scope.open()) {
      JitModule module = new Tree().add(graph).build("Network");
      module.define(source);
      module.eval();
      AtomicFile.writeBy(path, aside -> save(module, aside));
    }
  }

  private static void save(JitModule module, Path path) {
    try {
      module.save(path.toString());
    } catch (RuntimeException e) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new TensorException("cannot write TorchScript: " + message, e);
    }
  }

  /** Leaves by the dotted parts of their names. */
  private static final class Tree {
    private final Map<String, Tree> children = new LinkedHashMap<>();
    private final Map<String, Leaf> leaves = new LinkedHashMap<>();

    Tree add(Graph graph) {
      for (Leaf leaf : graph.leaves()) {
        String[] parts = leaf.name().split("\\.", -1);
        Tree at = this;
        for (int i = 0; i < parts.length - 1; i++) {
          at = at.children.computeIfAbsent(parts[i], part -> new Tree());
        }
        at.leaves.put(parts[parts.length - 1], leaf);
      }
      return this;
    }

    JitModule build(String type) {
      JitModule module = new JitModule(new QualifiedName("__torch__." + type));
      children.forEach(
          (name, child) -> module.register_module(name, child.build(type + "_" + name)));
      leaves.forEach(
          (name, leaf) -> {
            if (leaf.role() == Role.PARAMETER) {
              module.register_parameter(name, leaf.tensor().pointer(), false);
            } else {
              module.register_buffer(name, leaf.tensor().pointer());
            }
          });
      return module;
    }
  }
}
