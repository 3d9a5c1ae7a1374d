package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.io.PickleValues.Dict;
import org.efficienttrain.tensor.io.PickleValues.StorageRef;
import org.efficienttrain.tensor.io.PickleValues.TensorRef;

/**
 * A file of {@code torch.save}.
 *
 * <p>Zip form (PyTorch 1.6 and later): the pickle in {@code NAME/data.pkl}, each storage stored
 * uncompressed in {@code NAME/data/KEY}. Legacy form: four pickles (a magic number, the protocol
 * version, a description of the writing machine, the value), a fifth with the keys of the storages,
 * then for each key the number of elements in 8 bytes and the elements.
 */
final class TorchFile implements WeightFile {
  private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final int LEGACY_PROTOCOL = 1001;

  /** Bounds what unpickling can take; the pickle of a thousand-layer network has about 1 MB. */
  private static final long MAX_PICKLE = 64L << 20;

  /**
   * All tensors together may have so many times the bytes of the file. Tied weights and views share
   * storages, but without a limit ten thousand views could ask for ten thousand copies.
   */
  private static final long MAX_SHARING = 16;

  private final OpenTensors content;
  private final String format;
  private final List<String> states;
  private final String state;

  private TorchFile(OpenTensors content, String format, List<String> states, String state) {
    this.content = content;
    this.format = format;
    this.states = states;
    this.state = state;
  }

  static TorchFile readZip(Path path, FileChannel channel, String state) throws IOException {
    Map<String, Storage> entries = StoredZip.read(path, channel);
    String pickleName = pickleName(path, entries);
    String root = pickleName.substring(0, pickleName.length() - "data.pkl".length());
    Storage order = entries.get(root + "byteorder");
    if (order != null && !"little".equals(text(path, order))) {
      throw bigEndian(path);
    }
    PickleInput pickle = new PickleInput(smallEntry(path, entries.get(pickleName)));
    Object value = PickleReader.read(path, pickle).value();
    Map<String, Storage> storages = new HashMap<>();
    String data = root + "data/";
    entries.forEach(
        (name, storage) -> {
          if (name.startsWith(data)) {
            storages.put(name.substring(data.length()), storage);
          }
        });
    return resolve(path, channel, "PyTorch zip", value, storages, state);
  }

  private static String pickleName(Path path, Map<String, Storage> entries) {
    for (String name : entries.keySet()) {
      if (name.equals("data.pkl") || name.endsWith("/data.pkl")) {
        return name;
      }
    }
    throw Faults.refused(
        path, "is a zip archive without data.pkl, so PyTorch did not write it; give a .pth file");
  }

  private static ByteBuffer smallEntry(Path path, Storage entry) throws IOException {
    if (entry.length() > MAX_PICKLE) {
      throw Faults.refused(
          path, "has a pickle of " + entry.length() + " bytes, more than weights need (64 MB)");
    }
    try {
      return entry.bytes(0, entry.length());
    } catch (Storage.ChecksumException e) {
      throw Faults.damaged(path, "its pickle fails its checksum");
    }
  }

  private static String text(Path path, Storage entry) throws IOException {
    return StandardCharsets.UTF_8.decode(smallEntry(path, entry)).toString();
  }

  private static TensorException bigEndian(Path path) {
    return Faults.refused(
        path, "was written on a big-endian machine; save it again on a little-endian one");
  }

  static TorchFile readLegacy(Path path, FileChannel channel, String state) throws IOException {
    FileRegion file = FileRegion.all(channel);
    PickleInput input = new PickleInput(file.bytes(0, Math.min(MAX_PICKLE, file.length())));
    if (!LEGACY_MAGIC.equals(PickleReader.read(path, input).value())) {
      throw Faults.refused(
          path, "is a Python pickle but not a file of torch.save; save it with torch.save");
    }
    if (!Integer.valueOf(LEGACY_PROTOCOL).equals(PickleReader.read(path, input).value())) {
      throw Faults.refused(
          path, "has an unknown version of PyTorch's legacy format; save it again with torch.save");
    }
    if (PickleReader.read(path, input).value() instanceof Dict machine) {
      for (int i = 0; i < machine.size(); i++) {
        if ("little_endian".equals(machine.key(i)) && Boolean.FALSE.equals(machine.value(i))) {
          throw bigEndian(path);
        }
      }
    }
    PickleReader.Pickled main = PickleReader.read(path, input);
    if (!(PickleReader.read(path, input).value() instanceof List<?> keys)) {
      throw Faults.damaged(path, "the list of its storages is missing");
    }
    Map<String, Storage> storages =
        legacyStorages(path, file, input.position(), keys, main.storages());
    return resolve(path, channel, "PyTorch legacy", main.value(), storages, state);
  }

  /** The storages follow one another from {@code start} on, in the order of {@code keys}. */
  private static Map<String, Storage> legacyStorages(
      Path path, FileRegion file, long start, List<?> keys, Map<String, StorageRef> known)
      throws IOException {
    Map<String, Storage> storages = new HashMap<>();
    long at = start;
    for (Object key : keys) {
      StorageRef storage = key instanceof String name ? known.get(name) : null;
      if (storage == null) {
        throw Faults.damaged(path, "it lists a storage that no tensor uses");
      }
      if (file.length() - at < Long.BYTES) {
        throw cutShort(path);
      }
      long elements = file.bytes(at, Long.BYTES).getLong();
      at += Long.BYTES;
      if (elements != storage.elements()) {
        throw Faults.damaged(
            path,
            String.format(
                "a storage has %d elements where %d are announced", elements, storage.elements()));
      }
      if (elements > (file.length() - at) / storage.type().bytes()) {
        throw cutShort(path);
      }
      long size = elements * storage.type().bytes();
      if (storages.put(storage.key(), new Storage(new FileRegion(file.channel(), at, size)))
          != null) {
        throw Faults.damaged(path, "it lists a storage twice");
      }
      at += size;
    }
    return storages;
  }

  private static TensorException cutShort(Path path) {
    return Faults.damaged(path, "it ends before its last tensor, so it was cut short");
  }

  private static TorchFile resolve(
      Path path,
      FileChannel channel,
      String format,
      Object value,
      Map<String, Storage> storages,
      String wanted)
      throws IOException {
    Map<String, Map<String, TensorRef>> states = TorchState.find(path, value);
    String state = wanted == null ? states.keySet().iterator().next() : wanted;
    if (!states.containsKey(state)) {
      throw Faults.refused(
          path,
          "has no state "
              + Faults.quote(state)
              + "; it has "
              + String.join(", ", states.keySet().stream().map(Faults::quote).toList()));
    }
    long budget = MAX_SHARING * channel.size();
    List<StridedTensor> tensors = new ArrayList<>();
    for (Map.Entry<String, TensorRef> entry : states.get(state).entrySet()) {
      StridedTensor tensor = resolve(path, entry.getKey(), entry.getValue(), storages);
      budget -= tensor.info().bytes();
      if (budget < 0) {
        throw Faults.refused(
            path,
            "shares its storages among so many tensors that they need over "
                + MAX_SHARING
                + " times the size of the file; save clones of them");
      }
      tensors.add(tensor);
    }
    OpenTensors content = OpenTensors.of(path, channel, tensors);
    return new TorchFile(content, format, List.copyOf(states.keySet()), state);
  }

  /** Holds a reference against the storage that it names. */
  private static StridedTensor resolve(
      Path path, String name, TensorRef ref, Map<String, Storage> storages) {
    String tensor = "tensor " + Faults.quote(name);
    if (ref.type().dtype() == null) {
      throw Faults.refused(
          path,
          "holds the " + tensor + " as " + ref.type().torchName() + "; convert it to float32");
    }
    Storage storage = storages.get(ref.storage().key());
    if (storage == null) {
      throw Faults.damaged(path, "the storage of the " + tensor + " is missing");
    }
    long announced = ref.storage().elements();
    if (announced > storage.length() / ref.storage().type().bytes()) {
      throw Faults.damaged(path, "the storage of the " + tensor + " is shorter than announced");
    }
    TensorInfo info = new TensorInfo(name, ref.type().dtype(), ref.shape());
    long announcedBytes = announced * ref.storage().type().bytes();
    String fault = StridedTensor.fault(info, announcedBytes, ref.offset(), ref.strides());
    if (fault != null) {
      throw Faults.damaged(path, "the " + tensor + " " + fault);
    }
    return new StridedTensor(info, storage, ref.offset(), ref.strides());
  }

  @Override
  public Path path() {
    return content.path();
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return content.infos();
  }

  @Override
  public String prefix() {
    return content.prefix();
  }

  /** A .pth file carries none that is text by nature. */
  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public List<String> states() {
    return states;
  }

  @Override
  public String state() {
    return state;
  }

  @Override
  public ByteBuffer read(String name) {
    return content.read(name);
  }

  @Override
  public void close() {
    content.close();
  }
}
