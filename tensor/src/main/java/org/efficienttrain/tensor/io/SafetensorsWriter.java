package org.efficienttrain.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.tensor.TensorException;

/**
 * Writes safetensors files, of any size, that the official library opens.
 *
 * <p>As that library does, the header is padded with spaces to a multiple of 8 bytes and tensors
 * with wider elements come first, so that every tensor is aligned to its element size. Among
 * equally wide ones the caller's order is kept.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final JsonFactory JSON = new JsonFactory();

  private SafetensorsWriter() {}

  /** Gives the bytes of a tensor when its turn comes, so that one at a time needs to be at hand. */
  @FunctionalInterface
  public interface Source {
    /**
     * The elements of a tensor in row-major order, little-endian.
     *
     * @param tensor one of those to be written
     * @return {@link TensorInfo#bytes()} bytes between position and limit
     */
    ByteBuffer bytes(TensorInfo tensor);
  }

  /**
   * Writes a file, replacing an older one only when complete ({@link AtomicFile}).
   *
   * @param path where to
   * @param tensors what to write; their names must differ
   * @param source gives their bytes, asked once for each
   * @param metadata free text to keep with them, such as {@code format -> pt}
   * @throws TensorException if two names are the same or the file cannot be written
   */
  public static void write(
      Path path, Collection<TensorInfo> tensors, Source source, Map<String, String> metadata) {
    Set<String> names = new HashSet<>();
    for (TensorInfo tensor : tensors) {
      if (tensor.name().equals(SafetensorsHeader.METADATA) || !names.add(tensor.name())) {
        throw new TensorException(
            "cannot write "
                + path
                + ": the tensor name "
                + Faults.quote(tensor.name())
                + " is reserved or used twice; rename it");
      }
    }
    List<TensorInfo> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparingInt((TensorInfo t) -> t.dtype().bytes()).reversed());
    AtomicFile.write(path, channel -> writeTo(channel, ordered, source, metadata));
  }

  private static void writeTo(
      FileChannel channel, List<TensorInfo> tensors, Source source, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(tensors, metadata);
    int padding = Math.floorMod(-header.length, ALIGNMENT);
    ByteBuffer start =
        ByteBuffer.allocate(Long.BYTES + header.length + padding).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(header.length + (long) padding).put(header);
    while (start.hasRemaining()) {
      start.put((byte) ' ');
    }
    writeFully(channel, start.flip());
    for (TensorInfo tensor : tensors) {
      ByteBuffer bytes = source.bytes(tensor).duplicate();
      if (bytes.remaining() != tensor.bytes()) {
        throw new IllegalArgumentException(
            tensor
                + " needs "
                + tensor.bytes()
                + " bytes but "
                + bytes.remaining()
                + " were given");
      }
      writeFully(channel, bytes);
    }
  }

  private static byte[] header(List<TensorInfo> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (TensorInfo tensor : tensors) {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.dtype().safetensorsName());
        json.writeFieldName("shape");
        json.writeArray(tensor.dims(), 0, tensor.dims().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, offset + tensor.bytes()}, 0, 2);
        json.writeEndObject();
        offset += tensor.bytes();
      }
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
