package org.efficienttrain.images.dataset;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.efficienttrain.images.ImageException;

/**
 * Keeps the tables of archives in the cache folder. A table is found by the paths, lengths and
 * times of its archives, so that a changed archive is listed anew; a damaged or unwritable cache
 * costs time and nothing else.
 */
final class TableCache {
  private static final int VERSION = 1;

  private TableCache() {}

  static Map<String, SampleTable> get(
      String kind, List<Path> files, Supplier<Map<String, SampleTable>> make) {
    Path cached = CacheFolder.path().resolve("indexes").resolve(key(kind, files) + ".index");
    if (Files.exists(cached)) {
      try {
        return read(cached);
      } catch (IOException | RuntimeException e) {
        return make.get(); // Damaged: the listing is the truth.
      }
    }
    Map<String, SampleTable> tables = make.get();
    try {
      CacheFolder.writeAtomically(cached, temporary -> write(tables, temporary));
    } catch (ImageException e) {
      return tables; // A full or read-only disk only means listing again next time.
    }
    return tables;
  }

  private static String key(String kind, List<Path> files) {
    MessageDigest digest = SampleTable.sha256();
    StringBuilder text = new StringBuilder(kind).append(' ').append(VERSION);
    for (Path file : files) {
      try {
        text.append('\n').append(file.toRealPath());
        text.append('\n').append(Files.size(file));
        text.append('\n').append(Files.getLastModifiedTime(file).toMillis());
      } catch (IOException e) {
        throw ClassFolders.cannotRead(file, e);
      }
    }
    byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 16);
  }

  private static void write(Map<String, SampleTable> tables, Path file) throws IOException {
    CRC32C crc = new CRC32C();
    try (DataOutputStream plain =
            new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
        DataOutputStream out = new DataOutputStream(new CheckedOutputStream(plain, crc))) {
      out.writeInt(tables.size());
      for (Map.Entry<String, SampleTable> part : tables.entrySet()) {
        SampleTable table = part.getValue();
        out.writeUTF(part.getKey());
        out.writeInt(table.classes().size());
        for (String name : table.classes()) {
          out.writeUTF(name);
        }
        out.writeInt(table.size());
        for (int i = 0; i < table.size(); i++) {
          out.writeUTF(table.name(i));
          out.writeInt(table.label(i));
          out.writeInt(table.source(i));
          out.writeLong(table.offset(i));
          out.writeInt(table.length(i));
        }
      }
      plain.writeLong(crc.getValue());
    }
  }

  private static Map<String, SampleTable> read(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    try (DataInputStream plain =
            new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
        DataInputStream in = new DataInputStream(new CheckedInputStream(plain, crc))) {
      Map<String, SampleTable> tables = new TreeMap<>();
      for (int parts = in.readInt(); parts > 0; parts--) {
        String part = in.readUTF();
        List<String> classes = new ArrayList<>();
        for (int names = in.readInt(); names > 0; names--) {
          classes.add(in.readUTF());
        }
        SampleTable.Builder samples = new SampleTable.Builder();
        for (int left = in.readInt(); left > 0; left--) {
          samples.add(in.readUTF(), in.readInt(), in.readInt(), in.readLong(), in.readInt());
        }
        tables.put(part, samples.build(classes, file.toString()));
      }
      if (crc.getValue() != plain.readLong()) {
        throw new IOException("the checksum does not match");
      }
      return tables;
    }
  }
}
