/**
 * What the network is asked to do: what it minimises, how it is measured, what its weights say
 * about themselves.
 */
package org.efficienttrain.training.task;
