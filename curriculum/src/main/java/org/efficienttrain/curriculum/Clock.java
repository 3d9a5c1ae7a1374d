package org.efficienttrain.curriculum;

/**
 * What the shares of a curriculum's stages are shares of, and so what "progress" means in a plan.
 */
public enum Clock {
  /**
   * Shares are of the passes over the data (EfficientTrain): the number of epochs and of optimiser
   * steps equals the baseline's, and the run is cheaper because early steps are.
   */
  EPOCHS,

  /**
   * Shares are of the compute (EfficientTrain++): a run of E epochs costs as much as E epochs at
   * full bandwidth, and spends what a small bandwidth saves on more passes over the data.
   */
  COMPUTE
}
