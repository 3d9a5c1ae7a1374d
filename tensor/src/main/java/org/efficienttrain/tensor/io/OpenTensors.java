package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.TensorException;

/** The part that both formats share: an open channel and the checked tensors in it, by name. */
final class OpenTensors {
  private final Path path;
  private final FileChannel channel;
  private final String prefix;
  private final Map<String, StridedTensor> tensors;
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();

  private OpenTensors(
      Path path, FileChannel channel, String prefix, Map<String, StridedTensor> tensors) {
    this.path = path;
    this.channel = channel;
    this.prefix = prefix;
    this.tensors = tensors;
    tensors.forEach((name, tensor) -> infos.put(name, tensor.info()));
  }

  /** Tensors with distinct names, of which a common wrapper prefix is removed. */
  static OpenTensors of(Path path, FileChannel channel, List<StridedTensor> tensors) {
    String prefix = NamePrefix.common(tensors.stream().map(t -> t.info().name()).toList());
    Map<String, StridedTensor> byName = new LinkedHashMap<>();
    for (StridedTensor tensor : tensors) {
      String name = tensor.info().name().substring(prefix.length());
      byName.put(name, tensor.renamed(name));
    }
    return new OpenTensors(path, channel, prefix, byName);
  }

  Path path() {
    return path;
  }

  String prefix() {
    return prefix;
  }

  Map<String, TensorInfo> infos() {
    return Collections.unmodifiableMap(infos);
  }

  ByteBuffer read(String name) {
    StridedTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new TensorException(path + " has no tensor " + Faults.quote(name));
    }
    if (tensor.span() > Integer.MAX_VALUE) {
      throw Faults.refused(
          path, "holds " + Faults.quote(name) + " of over 2 GB in one piece, too large to read");
    }
    try {
      return tensor.read();
    } catch (Storage.ChecksumException e) {
      throw Faults.damaged(path, "the bytes of " + Faults.quote(name) + " fail their checksum");
    } catch (IOException e) {
      throw Faults.unreadable(path, e);
    }
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw Faults.unreadable(path, e);
    }
  }
}
