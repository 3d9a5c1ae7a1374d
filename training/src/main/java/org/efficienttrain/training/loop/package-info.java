/** When: the training loop, the plan of a recipe, and everything that learns. */
package org.efficienttrain.training.loop;
