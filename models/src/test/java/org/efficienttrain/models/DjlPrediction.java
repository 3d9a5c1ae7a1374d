package org.efficienttrain.models;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs an exported network as a user of DJL would, in a JVM that knows nothing of ours.
 *
 * <p>Arguments: the TorchScript file, a file with float32 images, their number and side, and the
 * file to write the output to.
 */
final class DjlPrediction {
  private DjlPrediction() {}

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    ByteBuffer images =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(args[1]))).order(ByteOrder.LITTLE_ENDIAN);
    long number = Long.parseLong(args[2]);
    long side = Long.parseLong(args[3]);
    try (Model model = Model.newInstance("exported", "PyTorch")) {
      model.load(file.getParent(), file.getFileName().toString());
      try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
        float[] values = new float[images.remaining() / Float.BYTES];
        images.asFloatBuffer().get(values);
        NDList input =
            new NDList(model.getNDManager().create(values, new Shape(number, 3, side, side)));
        float[] output = predictor.predict(input).singletonOrThrow().toFloatArray();
        ByteBuffer bytes =
            ByteBuffer.allocate(output.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(output);
        Files.write(Path.of(args[4]), bytes.array());
      }
    }
  }
}
