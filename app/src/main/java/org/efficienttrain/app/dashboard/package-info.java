/**
 * The live page of runs: a small server that only reads, and only the folders it was given.
 *
 * <p>What it hands out is asked for by the number of a run and by names from its own lists, never
 * by a path. The page itself lies in the resources of this package and loads nothing from
 * elsewhere.
 */
package org.efficienttrain.app.dashboard;
