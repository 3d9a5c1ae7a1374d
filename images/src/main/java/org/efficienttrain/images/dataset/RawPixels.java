package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageException;

/**
 * Reads pixels that lie in files as they are, plane by plane, and hands them out as binary PPM: the
 * files are mapped into memory, so that a sample costs a copy and no call of the system.
 */
final class RawPixels implements SampleStore {
  private final List<MappedByteBuffer> files;
  private final byte[] header;
  private final int plane;
  private final int planes;

  private RawPixels(List<MappedByteBuffer> files, byte[] header, int plane, int planes) {
    this.files = files;
    this.header = header;
    this.plane = plane;
    this.planes = planes;
  }

  /**
   * Maps files.
   *
   * @param files by number of the source in the table
   * @param planes 3 for red, green and blue; 1 for gray
   */
  static RawPixels of(List<Path> files, int width, int height, int planes) {
    Map<Path, MappedByteBuffer> mapped = new HashMap<>();
    List<MappedByteBuffer> buffers = new ArrayList<>();
    for (Path file : files) {
      buffers.add(mapped.computeIfAbsent(file, RawPixels::map));
    }
    return new RawPixels(buffers, Image.ppmHeader(width, height), width * height, planes);
  }

  private static MappedByteBuffer map(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new ImageException(file + " has more than 2 GiB, which is no such dataset");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    } catch (IOException e) {
      throw ClassFolders.cannotRead(file, e);
    }
  }

  @Override
  public byte[] read(SampleTable table, int index) {
    byte[] stored = new byte[planes * plane];
    files.get(table.source(index)).get((int) table.offset(index), stored);
    byte[] file = Arrays.copyOf(header, header.length + Image.CHANNELS * plane);
    int to = header.length;
    int green = planes == 1 ? 0 : plane;
    for (int i = 0; i < plane; i++) {
      file[to++] = stored[i];
      file[to++] = stored[green + i];
      file[to++] = stored[2 * green + i];
    }
    return file;
  }
}
