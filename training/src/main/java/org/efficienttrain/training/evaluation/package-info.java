/**
 * What people do with a trained network: measure it, ask it about images, look at what it looked
 * at.
 *
 * <p>{@link org.efficienttrain.training.evaluation.TrainedModel} is a network with what its weight
 * file says about its images; {@link org.efficienttrain.training.evaluation.Inference} shows it
 * images; the rest turns its answers into figures. The figures are pure functions of {@link
 * org.efficienttrain.training.evaluation.Outcomes}, one row an image, so that they are the same
 * however many processes measured. No pictures and no files here: those are the command line's.
 */
package org.efficienttrain.training.evaluation;
