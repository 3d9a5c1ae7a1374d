package org.efficienttrain.tensor;

/**
 * A mistake that the user can mend: a shape, a size, an unknown name, a damaged file.
 *
 * <p>The message is one sentence that says what is wrong, where, and what to do; the command line
 * prints it as it stands.
 */
public class TensorException extends RuntimeException {
  public TensorException(String message) {
    super(message);
  }

  public TensorException(String message, Throwable cause) {
    super(message, cause);
  }
}
