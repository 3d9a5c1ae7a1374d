/**
 * Optimisers: AdamW, LAMB, LARS and SGD, gradient clipping and the moving average of weights.
 *
 * <p>State is a map of named tensors, so that a checkpoint is a weight file like any other. Steps
 * run over lists of tensors in one native call. Learning-rate schedules are not here: the caller
 * passes the rate of each step.
 */
package org.efficienttrain.tensor.optim;
