package org.efficienttrain.curriculum;

/**
 * A curriculum or a run that cannot be: a mistake of the user's. The message is one sentence that
 * says what is wrong and what to do; it is meant to be shown as it is.
 */
public final class CurriculumException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public CurriculumException(String message) {
    super(message);
  }
}
