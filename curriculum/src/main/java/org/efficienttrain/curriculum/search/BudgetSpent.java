package org.efficienttrain.curriculum.search;

/** The time given to a search does not last for the next trials. */
public final class BudgetSpent extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a sentence that says so. */
  public BudgetSpent(String message) {
    super(message, null, false, false);
  }
}
