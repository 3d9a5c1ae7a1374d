/**
 * Charts as text: scalable pictures that stand in a page without any script.
 *
 * <p>They know numbers and names, nothing of runs.
 */
package org.efficienttrain.app.chart;
