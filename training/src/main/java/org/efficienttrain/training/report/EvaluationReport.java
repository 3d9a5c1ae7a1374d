package org.efficienttrain.training.report;

import org.efficienttrain.training.task.Metrics;

/**
 * One evaluation during or after training.
 *
 * @param step optimiser steps taken
 * @param epoch passes over the data completed, with fraction
 * @param bandwidth side in pixels of the images that were shown: the bandwidth in force
 * @param trainingLoss mean training loss since the evaluation before; NaN where none was trained
 * @param result of the network's weights
 * @param averaged of the averaged weights; null where the recipe does not average
 * @param best whether no evaluation so far was better at this bandwidth or a higher one
 * @param trainingSeconds training time so far
 */
public record EvaluationReport(
    long step,
    double epoch,
    int bandwidth,
    double trainingLoss,
    Metrics result,
    Metrics averaged,
    boolean best,
    double trainingSeconds) {

  /** The result that counts: of the averaged weights where there are some. */
  public Metrics counting() {
    return averaged == null ? result : averaged;
  }
}
