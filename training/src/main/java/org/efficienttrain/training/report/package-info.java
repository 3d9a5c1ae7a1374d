/**
 * Listeners that write down how a run goes: the metrics file and the progress line.
 *
 * <p>They see a run through {@link org.efficienttrain.training.report.TrainingListener} and change
 * nothing about it.
 */
package org.efficienttrain.training.report;
