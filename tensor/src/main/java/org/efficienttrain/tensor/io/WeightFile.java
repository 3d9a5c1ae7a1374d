package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.TensorException;

/**
 * An open weight file: named tensors whose bytes are read when asked for.
 *
 * <p>Two formats are read, told apart by content and not by name: safetensors, and PyTorch's {@code
 * .pth} in its zip form (since 1.6) and its legacy form. Opening parses and checks the directory of
 * the file and touches no tensor; a file larger than memory can be inspected.
 *
 * <p>The file must not be changed by others while it is open, for its bytes are memory-mapped.
 */
public sealed interface WeightFile extends AutoCloseable permits SafetensorsFile, TorchFile {

  /** Opens a file; of a training checkpoint, the state that {@link #states()} lists first. */
  static WeightFile open(Path path) {
    return open(path, null);
  }

  /**
   * Opens a file and picks one of its states.
   *
   * @param path the file
   * @param state one of {@link #states()}, such as {@code "model_ema"}; null for the first
   * @throws TensorException if the file is missing, unreadable, damaged, refused, or has no such
   *     state
   */
  static WeightFile open(Path path, String state) {
    FileChannel channel = null;
    WeightFile file = null;
    try {
      if (Files.isDirectory(path)) {
        throw Faults.refused(path, "is a folder; name the weight file in it");
      }
      channel = FileChannel.open(path, StandardOpenOption.READ);
      file =
          switch (FileKind.of(path, channel)) {
            case SAFETENSORS -> SafetensorsFile.read(path, channel, state);
            case TORCH_ZIP -> TorchFile.readZip(path, channel, state);
            case TORCH_LEGACY -> TorchFile.readLegacy(path, channel, state);
          };
      return file;
    } catch (IOException e) {
      throw Faults.unreadable(path, e);
    } finally {
      if (file == null) {
        closeQuietly(channel);
      }
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException ignored) {
      // The fault that made us close is the one to report.
    }
  }

  /** Where the file lies. */
  Path path();

  /**
   * The format, in words: {@code "safetensors"}, {@code "PyTorch zip"}, {@code "PyTorch legacy"}.
   */
  String format();

  /**
   * The tensors by name, in the order of the file.
   *
   * <p>A prefix that wrapping puts before every name ({@code module.}, {@code _orig_mod.}) is left
   * out; {@link #prefix()} tells what it was.
   */
  Map<String, TensorInfo> tensors();

  /** What was removed from the front of every name; empty where nothing was. */
  String prefix();

  /** Free text that the file carries, by key, such as {@code format -> pt}. */
  Map<String, String> metadata();

  /**
   * The states that the file holds, best first: {@code [""]} for a plain state dictionary, or for
   * instance {@code ["model", "model_ema"]} for a training checkpoint.
   */
  List<String> states();

  /** The one of {@link #states()} that {@link #tensors()} shows. */
  String state();

  /**
   * Reads one tensor.
   *
   * @param name one of the keys of {@link #tensors()}
   * @return its elements in row-major order, little-endian, {@link TensorInfo#bytes()} of them,
   *     from position 0; read-only
   * @throws TensorException if there is no such tensor, or its bytes are damaged or cannot be read
   */
  ByteBuffer read(String name);

  @Override
  void close();
}
