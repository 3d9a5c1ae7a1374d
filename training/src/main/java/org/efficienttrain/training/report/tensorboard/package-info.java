/**
 * TensorBoard's event files, written without TensorBoard: the records' framing and checksums, and
 * the few messages that scalars, pictures and text take.
 *
 * <p>Formats: TensorFlow's {@code record_writer.cc}, {@code event.proto} and {@code summary.proto}.
 */
package org.efficienttrain.training.report.tensorboard;
