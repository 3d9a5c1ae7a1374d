/**
 * Recipes: every choice of a training run as one flat record, read from YAML and {@code key=value}
 * settings, with defaults that follow from the model and the images.
 *
 * <p>What is said here is data; nothing here trains. A mistake in a recipe is one sentence that
 * names the key and, for an unknown one, the nearest key there is.
 */
package org.efficienttrain.training.recipe;
