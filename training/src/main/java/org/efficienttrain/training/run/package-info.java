/**
 * What surrounds the loop: the run folder and its checkpoints, resumption, ranks, the orderly end,
 * dry runs.
 */
package org.efficienttrain.training.run;
