package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The kinds of weight file, told apart by their first bytes. */
enum FileKind {
  SAFETENSORS,
  TORCH_ZIP,
  TORCH_LEGACY;

  private static final int LOOK_AT = 64;

  static FileKind of(Path path, FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LOOK_AT);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, buffer.position()) < 0) {
        break;
      }
    }
    byte[] start = buffer.array();
    int length = buffer.position();
    if (length == 0) {
      throw Faults.damaged(path, "it is empty");
    }
    // A safetensors header is a JSON object after its own length in 8 bytes. This comes first: the
    // length may by chance look like the start of another format.
    if (length > Long.BYTES && start[Long.BYTES] == '{') {
      return SAFETENSORS;
    }
    if (startsWith(start, "PK")) {
      return TORCH_ZIP;
    }
    if ((start[0] & 0xff) == 0x80) {
      return TORCH_LEGACY;
    }
    if (startsWith(start, "version https://git-lfs")) {
      throw Faults.refused(
          path, "is a pointer of Git LFS and not the weights; fetch the file with git lfs pull");
    }
    throw Faults.refused(
        path,
        "is neither a safetensors nor a PyTorch .pth file; give a file of one of these kinds");
  }

  private static boolean startsWith(byte[] bytes, String ascii) {
    byte[] prefix = ascii.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
