package org.efficienttrain.images.dataset;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.InflaterInputStream;

/**
 * As much of MATLAB's level 5 format as {@code meta.mat} of ImageNet's development kit needs: the
 * fields {@code ILSVRC2012_ID} and {@code WNID} of an array of structures (MathWorks, "MAT-File
 * Format").
 */
final class MatFile {
  private static final int HEADER = 128;
  private static final int LARGEST = 64 << 20;

  private static final int MATRIX = 14;
  private static final int COMPRESSED = 15;
  private static final int CELL_CLASS = 1;
  private static final int STRUCT_CLASS = 2;

  private MatFile() {}

  /** A class of ImageNet: its number in the development kit and its name in WordNet. */
  record Synset(int id, String wnid) {}

  /**
   * The synsets in a file.
   *
   * @throws IOException when it is not such a file
   */
  static List<Synset> synsets(byte[] file) throws IOException {
    try {
      ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(HEADER);
      while (in.hasRemaining()) {
        Element element = next(in);
        if (element.type == COMPRESSED) {
          element = next(inflate(element.data));
        }
        List<Synset> found = element.type == MATRIX ? structs(element.data) : List.of();
        if (!found.isEmpty()) {
          return found;
        }
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("it ends too early", e);
    }
    throw new IOException("it has no synsets");
  }

  private record Element(int type, ByteBuffer data) {}

  /** Reads a tag and its data, padded to 8 bytes; short data lie within the tag. */
  private static Element next(ByteBuffer in) {
    int tag = in.getInt();
    if (tag >>> 16 != 0) {
      ByteBuffer data = slice(in, tag >>> 16);
      in.position(in.position() + Integer.BYTES);
      return new Element(tag & 0xFFFF, data);
    }
    int length = in.getInt();
    ByteBuffer data = slice(in, length);
    // Compressed data are not padded.
    int padded = tag == COMPRESSED ? length : length + 7 & ~7;
    in.position(Math.min(in.limit(), in.position() + padded));
    return new Element(tag, data);
  }

  private static ByteBuffer slice(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    return in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer inflate(ByteBuffer data) throws IOException {
    byte[] compressed = new byte[data.remaining()];
    data.get(compressed);
    try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed))) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new IOException("it is larger than 64 MiB");
      }
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Class of a matrix: the low byte of its flags. Leaves the buffer behind its name. */
  private static int header(ByteBuffer matrix) {
    int matrixClass = next(matrix).data.getInt() & 0xFF;
    next(matrix); // dimensions
    next(matrix); // name
    return matrixClass;
  }

  private static List<Synset> structs(ByteBuffer matrix) throws IOException {
    if (header(matrix) != STRUCT_CLASS) {
      return List.of();
    }
    int nameLength = next(matrix).data.getInt();
    ByteBuffer names = next(matrix).data;
    if (nameLength <= 0) {
      throw new IOException("a name of a field has no length");
    }
    List<String> fields = new ArrayList<>();
    while (names.remaining() >= nameLength) {
      byte[] name = new byte[nameLength];
      names.get(name);
      fields.add(text(name));
    }
    List<Synset> synsets = new ArrayList<>();
    while (matrix.hasRemaining() && !fields.isEmpty()) {
      int id = -1;
      String wnid = "";
      for (String field : fields) {
        ByteBuffer value = next(matrix).data;
        if (field.equals("ILSVRC2012_ID")) {
          id = (int) number(value);
        } else if (field.equals("WNID")) {
          wnid = string(value);
        }
      }
      if (id > 0 && !wnid.isEmpty()) {
        synsets.add(new Synset(id, wnid));
      }
    }
    return synsets;
  }

  private static double number(ByteBuffer matrix) throws IOException {
    header(matrix);
    Element value = next(matrix);
    return switch (value.type) {
      case 1, 2 -> value.data.get();
      case 3 -> value.data.getShort();
      case 4 -> Short.toUnsignedInt(value.data.getShort());
      case 5, 6 -> value.data.getInt();
      case 9 -> value.data.getDouble();
      default -> throw new IOException("a number has the unknown type " + value.type);
    };
  }

  private static String string(ByteBuffer matrix) {
    if (header(matrix) == CELL_CLASS) {
      return string(next(matrix).data);
    }
    Element value = next(matrix);
    byte[] bytes = new byte[value.data.remaining()];
    value.data.get(bytes);
    boolean wide = value.type == 4 || value.type == 17;
    return wide ? new String(bytes, StandardCharsets.UTF_16LE) : text(bytes);
  }

  private static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }
}
