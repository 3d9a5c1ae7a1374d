/** Measurements against named peers, each a command that anyone can repeat. */
package org.efficienttrain.benchmarks;
