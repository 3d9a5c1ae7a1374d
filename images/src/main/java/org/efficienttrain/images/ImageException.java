package org.efficienttrain.images;

/**
 * An error of the user's about images or datasets. The message is one sentence that says what is
 * wrong, where, and what to do; it is meant to be shown as it is.
 */
public class ImageException extends RuntimeException {
  public ImageException(String message) {
    super(message);
  }

  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
