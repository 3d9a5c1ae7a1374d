/**
 * The searches of {@code org.efficienttrain.curriculum.search} on real runs: every trial is an
 * ordinary run in a folder of its own, begins from the state of another one where it can, and is
 * written down when it is finished. Stands on {@code training.run}; knows no command line.
 */
package org.efficienttrain.training.search;
