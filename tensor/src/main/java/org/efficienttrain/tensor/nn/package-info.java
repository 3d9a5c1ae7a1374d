/**
 * Layers: a pure-Java tree of named parameters, buffers and children.
 *
 * <p>A {@code Module} owns its tensors with strong references and never subclasses libtorch's own
 * module, which is called back through weak references and crashes after a garbage collection.
 * Names are those of PyTorch, so that published checkpoints load. Forward passes are plain Java
 * over {@code Functional}; no native pointer appears here.
 */
package org.efficienttrain.tensor.nn;
