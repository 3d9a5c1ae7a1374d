package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.efficienttrain.tensor.TensorException;

/** The sentences that this package says about a file. */
final class Faults {
  private static final int LONGEST_QUOTE = 80;

  private Faults() {}

  /** The file's content contradicts its own format. */
  static TensorException damaged(Path path, String why) {
    return new TensorException(path + " is damaged: " + why + "; download or copy it again");
  }

  /** The file may be sound, but is not of a kind that is read here. */
  static TensorException refused(Path path, String why) {
    return new TensorException(path + " " + why);
  }

  static TensorException unreadable(Path path, IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return new TensorException("there is no file " + path + "; check the path", cause);
    }
    if (cause instanceof ClosedChannelException) {
      return new TensorException(path + " was closed before its tensors were read", cause);
    }
    return new TensorException("cannot read " + path + ": " + reason(cause), cause);
  }

  static TensorException unwritable(Path path, IOException cause) {
    return new TensorException("cannot write " + path + ": " + reason(cause), cause);
  }

  private static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** A name from a file, in quotes, without control characters and of bounded length. */
  static String quote(String name) {
    return "'" + printable(name, LONGEST_QUOTE) + "'";
  }

  /**
   * Text from a file with control and other unprintable characters escaped, so that it cannot drive
   * a terminal, cut after {@code limit} characters.
   */
  static String printable(String text, int limit) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (i == limit) {
        return out.append("...").toString();
      }
      char c = text.charAt(i);
      int type = Character.getType(c);
      boolean plain =
          type != Character.CONTROL
              && type != Character.FORMAT
              && type != Character.LINE_SEPARATOR
              && type != Character.PARAGRAPH_SEPARATOR;
      out.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c));
    }
    return out.toString();
  }
}
