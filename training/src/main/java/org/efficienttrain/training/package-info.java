/**
 * The paper as code: recipes, the training loop, evaluation, checkpoints, metrics.
 *
 * <p>{@code TrainingLoop} reads from top to bottom; what surrounds it listens.
 */
package org.efficienttrain.training;
