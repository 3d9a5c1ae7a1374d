/**
 * Recipes: every choice of a training run as one flat record, whose components declare the keys.
 * They are read from files that build on each other ({@link
 * org.efficienttrain.training.recipe.RecipeFolder}) and from {@code key=value} settings; what is
 * left out follows from the model and the images.
 *
 * <p>What is said here is data; nothing here trains. A mistake in a recipe is one sentence that
 * names the key and, for an unknown one, the nearest key there is.
 */
package org.efficienttrain.training.recipe;
