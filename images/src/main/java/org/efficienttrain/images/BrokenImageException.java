package org.efficienttrain.images;

/**
 * One image that cannot be used. Decoders throw it without knowing the file's name ("the JPEG data
 * end early"); whoever knows the name adds it. A loader counts and replaces such a sample, whereas
 * any other exception stops it.
 */
public final class BrokenImageException extends ImageException {
  /** Why an image cannot be used: the reasons that broken files are counted by. */
  public enum Reason {
    EMPTY("empty file"),
    UNKNOWN_FORMAT("not an image"),
    TRUNCATED("truncated"),
    CORRUPT("corrupt"),
    TOO_LARGE("too large"),
    UNREADABLE("cannot be read");

    private final String words;

    Reason(String words) {
      this.words = words;
    }

    /** The reason as shown to people, for example {@code "too large"}. */
    public String words() {
      return words;
    }
  }

  private final Reason reason;

  /**
   * @param reason what it is counted by
   * @param message what is wrong, in words without the file's name and without a full stop
   */
  public BrokenImageException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public BrokenImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What the image is counted by. */
  public Reason reason() {
    return reason;
  }
}
