/**
 * Networks out: TorchScript and ONNX.
 *
 * <p>{@link org.efficienttrain.tensor.export.Tracer} watches a network's forward pass at the one
 * gate through which every operation goes, with two batch sizes, and so learns a {@link
 * org.efficienttrain.tensor.export.Graph} in which every size is fixed or a multiple of the batch.
 * {@link org.efficienttrain.tensor.export.TorchScriptExport} and {@link
 * org.efficienttrain.tensor.export.OnnxExport} then say each kind of operation in their language.
 *
 * <p>Nothing here knows a model: a new one exports as it is, as long as it uses operations that the
 * two writers know.
 */
package org.efficienttrain.tensor.export;
