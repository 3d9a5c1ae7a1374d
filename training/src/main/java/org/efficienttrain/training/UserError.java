package org.efficienttrain.training;

/** What the user can mend: one sentence that says what, where and what to do. */
public class UserError extends RuntimeException {
  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
