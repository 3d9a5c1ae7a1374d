package org.efficienttrain.app.runs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads comma-separated tables: cells may stand in quotes, a quote within is doubled (RFC 4180).
 */
public final class CsvFile {
  private static final long MAX_BYTES = 64 << 20;

  private CsvFile() {}

  /**
   * The first rows of a table.
   *
   * @param most rows
   * @throws IOException if the file is too large or is no text
   */
  public static List<List<String>> read(Path file, int most) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file.getFileName() + " is too large");
    }
    return parse(Files.readString(file, StandardCharsets.UTF_8), most);
  }

  static List<List<String>> parse(String text, int most) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length() && rows.size() < most; i++) {
      char c = text.charAt(i);
      if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == ',') {
        row.add(cell.toString());
        cell.setLength(0);
      } else if (!quoted && c == '\n') {
        row.add(cell.toString());
        cell.setLength(0);
        rows.add(row);
        row = new ArrayList<>();
      } else if (quoted || c != '\r') {
        cell.append(c);
      }
    }
    if (rows.size() < most && (cell.length() > 0 || !row.isEmpty())) {
      row.add(cell.toString());
      rows.add(row);
    }
    return rows;
  }
}
