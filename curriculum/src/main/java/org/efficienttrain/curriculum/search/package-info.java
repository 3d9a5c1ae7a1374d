/**
 * The searches for a curriculum: what to train, what to make of the results, and when to stop.
 *
 * <p>The algorithms are pure: they ask an {@link org.efficienttrain.curriculum.search.Evaluator}
 * for the accuracies of trials and know nothing of networks, files or machines. {@link
 * org.efficienttrain.curriculum.search.SharedRuns} says which steps of a trial were taken already
 * by another one. What trains lives in the module {@code training}.
 */
package org.efficienttrain.curriculum.search;
