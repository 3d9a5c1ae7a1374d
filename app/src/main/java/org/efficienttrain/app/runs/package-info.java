/**
 * Reads the folders that runs leave: finished, still being written, killed, or copied from
 * elsewhere.
 *
 * <p>Nothing here writes, and what a folder holds is taken as data from outside: parsed within
 * limits, and what is damaged becomes a note, not an error.
 */
package org.efficienttrain.app.runs;
