package org.efficienttrain.tensor.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file: 8 bytes with the length of the header, the header as JSON, the data.
 *
 * <p>The rules are those of the official library: at most 100 MB of header, and tensors that cover
 * the data section without gap or overlap, so that no byte of a file goes unexplained.
 */
final class SafetensorsFile implements WeightFile {
  private static final long MAX_HEADER = 100_000_000;

  private final OpenTensors content;
  private final Map<String, String> metadata;

  private SafetensorsFile(OpenTensors content, Map<String, String> metadata) {
    this.content = content;
    this.metadata = metadata;
  }

  static SafetensorsFile read(Path path, FileChannel channel, String state) throws IOException {
    long fileSize = channel.size();
    long headerSize = headerSize(path, channel, fileSize);
    SafetensorsHeader header = header(path, channel, headerSize);
    long dataStart = Long.BYTES + headerSize;
    checkCoverage(path, header.tensors(), fileSize - dataStart);
    List<StridedTensor> tensors = new ArrayList<>();
    for (SafetensorsHeader.Entry entry : header.tensors()) {
      long size = entry.end() - entry.begin();
      FileRegion region = new FileRegion(channel, dataStart + entry.begin(), size);
      tensors.add(StridedTensor.contiguous(entry.info(), new Storage(region)));
    }
    if (state != null && !state.isEmpty()) {
      throw Faults.refused(
          path, "is a safetensors file and holds one state only; leave out " + Faults.quote(state));
    }
    return new SafetensorsFile(OpenTensors.of(path, channel, tensors), header.metadata());
  }

  private static long headerSize(Path path, FileChannel channel, long fileSize) throws IOException {
    long size = FileRegion.all(channel).bytes(0, Long.BYTES).getLong();
    if (size < 0 || size > fileSize - Long.BYTES) {
      throw Faults.damaged(
          path,
          "its header claims "
              + Long.toUnsignedString(size)
              + " bytes but the whole file has "
              + fileSize);
    }
    if (size > MAX_HEADER) {
      throw Faults.refused(
          path, "has a header of " + size + " bytes, more than the format's limit of 100 MB");
    }
    return size;
  }

  private static SafetensorsHeader header(Path path, FileChannel channel, long size)
      throws IOException {
    ByteBuffer bytes = new FileRegion(channel, Long.BYTES, size).bytes(0, size);
    try {
      return SafetensorsHeader.parse(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException e) {
      throw Faults.damaged(path, "its header is not text");
    } catch (JsonProcessingException e) {
      throw Faults.damaged(path, "its header is wrong (" + oneLine(e) + ")");
    }
  }

  private static String oneLine(JsonProcessingException e) {
    String message = Faults.printable(e.getOriginalMessage(), 200);
    return e.getLocation() == null
        ? message
        : message + ", at character " + e.getLocation().getCharOffset();
  }

  /** Every tensor's span fits its type and shape, and the spans follow one another exactly. */
  private static void checkCoverage(
      Path path, List<SafetensorsHeader.Entry> tensors, long dataSize) {
    List<SafetensorsHeader.Entry> byPlace = new ArrayList<>(tensors);
    byPlace.sort(
        Comparator.comparingLong(SafetensorsHeader.Entry::begin)
            .thenComparingLong(SafetensorsHeader.Entry::end));
    long covered = 0;
    String before = "the header";
    for (SafetensorsHeader.Entry entry : byPlace) {
      String name = Faults.quote(entry.info().name());
      checkSize(path, entry, name);
      if (entry.begin() < covered) {
        throw Faults.damaged(path, "the bytes of " + name + " overlap those of " + before);
      }
      if (entry.begin() > covered) {
        throw Faults.damaged(
            path,
            (entry.begin() - covered)
                + " bytes between "
                + before
                + " and "
                + name
                + " are unused");
      }
      covered = entry.end();
      before = name;
    }
    if (covered > dataSize) {
      throw Faults.damaged(
          path, "its tensors need " + covered + " bytes but it has only " + dataSize + " of them");
    }
    if (covered < dataSize) {
      throw Faults.damaged(path, (dataSize - covered) + " bytes after its last tensor are unused");
    }
  }

  private static void checkSize(Path path, SafetensorsHeader.Entry entry, String name) {
    TensorInfo info = entry.info();
    String type = info.dtype().safetensorsName();
    long needed;
    try {
      needed = info.bytes();
    } catch (ArithmeticException e) {
      throw Faults.damaged(path, "the shape of " + name + " is larger than any file");
    }
    if (entry.end() - entry.begin() != needed) {
      throw Faults.damaged(
          path,
          String.format(
              "%s of shape %s and type %s needs %d bytes but its data_offsets [%d, %d] span %d",
              name,
              Shapes.text(info.shape()),
              type,
              needed,
              entry.begin(),
              entry.end(),
              entry.end() - entry.begin()));
    }
  }

  @Override
  public Path path() {
    return content.path();
  }

  @Override
  public String format() {
    return "safetensors";
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return content.infos();
  }

  @Override
  public String prefix() {
    return content.prefix();
  }

  @Override
  public Map<String, String> metadata() {
    return new LinkedHashMap<>(metadata);
  }

  @Override
  public List<String> states() {
    return List.of("");
  }

  @Override
  public String state() {
    return "";
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
