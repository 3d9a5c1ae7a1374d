package org.efficienttrain.training.evaluation;

/**
 * What a network said about one labelled image.
 *
 * @param index number of the image in the dataset
 * @param label its class, from 0
 * @param prediction the class thought most likely; of several equal ones the lowest
 * @param place how many classes were thought likelier than the right one, 0 for a right answer
 * @param confidence probability (softmax) of the prediction, 0 to 1
 * @param loss cross-entropy, natural logarithm
 */
public record Outcome(
    int index, int label, int prediction, int place, double confidence, double loss) {
  /** Whether the first guess was right. */
  public boolean correct() {
    return place == 0;
  }
}
