/**
 * Weight files: safetensors in and out, PyTorch's {@code .pth} in.
 *
 * <p>{@link org.efficienttrain.tensor.io.WeightFile} opens either kind by content and hands out
 * named tensors as little-endian bytes; {@link org.efficienttrain.tensor.io.SafetensorsWriter}
 * writes. {@link org.efficienttrain.tensor.io.StateMatch} compares the names and shapes of a file
 * with those that a model expects.
 *
 * <p>Files are hostile until parsed: every length is checked against the file before anything is
 * allocated, no Python class is ever constructed, and whatever is wrong becomes one {@link
 * org.efficienttrain.tensor.TensorException} sentence. Nothing here knows a model, and nothing but
 * {@code Weights} knows libtorch.
 */
package org.efficienttrain.tensor.io;
