package org.efficienttrain.tensor.io;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The weight files among the test resources. */
final class GoldenFiles {
  private GoldenFiles() {}

  static Path path(String name) {
    URL url = GoldenFiles.class.getResource("/golden/files/" + name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static float[] floats(WeightFile file, String name) {
    ByteBuffer bytes = file.read(name);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  static byte[] bytes(WeightFile file, String name) {
    ByteBuffer buffer = file.read(name);
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
