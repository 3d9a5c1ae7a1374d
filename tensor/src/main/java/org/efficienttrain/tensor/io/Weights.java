package org.efficienttrain.tensor.io;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;

/** Between weight files and tensors. */
public final class Weights {
  private Weights() {}

  /**
   * Reads every tensor of a file, on the CPU and of the type it is stored as.
   *
   * @return by name, in the order of the file; the tensors belong to the current {@link Scope}
   * @throws TensorException if the file cannot be opened or read
   */
  public static Map<String, Tensor> read(Path path) {
    try (WeightFile file = WeightFile.open(path)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      file.tensors().forEach((name, info) -> tensors.put(name, tensor(file, info)));
      return tensors;
    }
  }

  /** Reads one tensor of an open file; it belongs to the current {@link Scope}. */
  public static Tensor tensor(WeightFile file, TensorInfo info) {
    ByteBuffer bytes = file.read(info.name());
    if (info.elements() == 0) {
      return Tensors.zeros(info.dtype(), Device.CPU, info.dims());
    }
    try (Scope scope = Scope.open()) {
      Tensor flat = Tensors.of(bytes, info.dtype(), info.elements());
      return scope.keep(flat.view(info.dims()));
    }
  }

  /**
   * Writes tensors as safetensors, replacing an older file only when complete.
   *
   * @param path where to
   * @param tensors by name; gradients are not written
   * @param metadata free text to keep with them
   * @throws TensorException if the file cannot be written
   */
  public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<TensorInfo> infos = new ArrayList<>();
    tensors.forEach((name, t) -> infos.add(TensorInfo.of(name, t.dtype(), t.shape())));
    SafetensorsWriter.write(path, infos, info -> tensors.get(info.name()).toBytes(), metadata);
  }

  /**
   * Copies a file's tensors into a model's state, converting and moving them. Everything is checked
   * first: a file that does not fit changes nothing.
   *
   * @param state the tensors to overwrite, by name
   * @param file where the values come from
   * @param policy what may be done about differences
   * @return what was done
   * @throws TensorException listing missing, unexpected and misshapen names
   */
  public static LoadReport load(Map<String, Tensor> state, WeightFile file, LoadPolicy policy) {
    StateMatch match = StateMatch.of(shapes(state), shapes(file));
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      Map<String, Tensor> tables = new LinkedHashMap<>();
      List<String> newHead = new ArrayList<>(match.missing());
      newHead.removeIf(policy.newHead().negate());
      List<StateMatch.Misshapen> resized = new ArrayList<>();
      for (StateMatch.Misshapen misshapen : match.misshapen()) {
        Tensor table = resize(misshapen, file, policy);
        if (table != null) {
          tables.put(misshapen.name(), table);
          resized.add(misshapen);
        } else if (policy.newHead().test(misshapen.name())) {
          newHead.add(misshapen.name());
        }
      }
      List<String> dropped = new ArrayList<>(match.unexpected());
      dropped.removeIf(policy.derived().negate());
      LoadReport report =
          new LoadReport(state.size() - resized.size() - newHead.size(), newHead, resized, dropped);
      refuseTheRest(match, report, file, policy);
      state.forEach(
          (name, tensor) -> {
            if (!newHead.contains(name)) {
              copy(file, name, tables.get(name), tensor);
            }
          });
      return report;
    }
  }

  private static Tensor resize(StateMatch.Misshapen misshapen, WeightFile file, LoadPolicy policy) {
    TensorInfo info = file.tensors().get(misshapen.name());
    if (!info.dtype().isFloatingPoint()) {
      return null;
    }
    Tensor stored = tensor(file, info).to(DType.FLOAT32);
    return policy.tables().resize(info.name(), stored, Shapes.array(misshapen.expected()));
  }

  private static void refuseTheRest(
      StateMatch match, LoadReport report, WeightFile file, LoadPolicy policy) {
    List<String> missing = new ArrayList<>(match.missing());
    missing.removeAll(report.newHead());
    List<String> unexpected = new ArrayList<>(match.unexpected());
    unexpected.removeAll(report.dropped());
    List<StateMatch.Misshapen> misshapen = new ArrayList<>(match.misshapen());
    misshapen.removeAll(report.resized());
    misshapen.removeIf(m -> report.newHead().contains(m.name()));
    StateMatch rest = new StateMatch(missing, unexpected, misshapen);
    if (!rest.isExact()) {
      String advice = policy.advice().apply(shapes(file));
      throw new TensorException(rest.sentence(file.path()) + "; " + advice);
    }
  }

  private static void copy(WeightFile file, String name, Tensor table, Tensor into) {
    try (Scope scope = Scope.open()) {
      into.copy_(table != null ? table : tensor(file, file.tensors().get(name)));
    }
  }

  /** Shape by name of a model's state. */
  public static Map<String, List<Long>> shapes(Map<String, Tensor> state) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    state.forEach((name, t) -> shapes.put(name, Shapes.list(t.shape())));
    return shapes;
  }

  /** Shape by name of a file. */
  public static Map<String, List<Long>> shapes(WeightFile file) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    file.tensors().forEach((name, info) -> shapes.put(name, info.shape()));
    return shapes;
  }
}
