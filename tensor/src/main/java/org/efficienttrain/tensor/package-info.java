/**
 * Tensors, automatic differentiation and the boundary to libtorch.
 *
 * <p>This module is the only one that knows libtorch. Nobody above it sees a native pointer: {@code
 * Tensor} owns them and {@code Scope} frees them. Layers are in {@code tensor.nn}, optimisers in
 * {@code tensor.optim}, weight files in {@code tensor.io}, collectives in {@code
 * tensor.distributed}.
 */
package org.efficienttrain.tensor;
