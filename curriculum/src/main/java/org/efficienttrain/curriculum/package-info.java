/**
 * What to show a network, and when: curricula, plans, the cost model, the search for a curriculum,
 * and the mathematics of the low-frequency crop.
 *
 * <p>Everything here is an immutable record or a pure function. Nothing here may depend on anything
 * but the JDK: no tensor, no image, no file.
 */
package org.efficienttrain.curriculum;
