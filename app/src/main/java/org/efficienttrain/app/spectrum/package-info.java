/**
 * Pictures of what the curriculum shows: an image, its spectrum, the square that a bandwidth keeps
 * of it, and what the network sees then.
 *
 * <p>The mathematics is {@code curriculum}'s; here it is only drawn.
 */
package org.efficienttrain.app.spectrum;
