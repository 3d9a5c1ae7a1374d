/**
 * The backbones, one file per family, and the registry that creates them by name.
 *
 * <p>A model file reads like its paper: blocks, network, named variants. Models know neither data
 * nor training.
 */
package org.efficienttrain.models;
