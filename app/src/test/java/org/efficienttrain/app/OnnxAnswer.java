package org.efficienttrain.app;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs an exported network in onnxruntime, in a JVM that has nothing else on its class path: with
 * all that the tests have there, it ends in a segmentation fault, for a reason not known yet.
 * Arguments: the ONNX file, a file with the float32 pixels (big-endian) of one image of 32 x 32,
 * and the file for the answer: classes, normalise, and the logits, a line each.
 */
final class OnnxAnswer {
  private OnnxAnswer() {}

  public static void main(String[] args) throws Exception {
    FloatBuffer pixels = ByteBuffer.wrap(Files.readAllBytes(Path.of(args[1]))).asFloatBuffer();
    float[] input = new float[pixels.remaining()];
    pixels.get(input);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    List<String> lines = new ArrayList<>();
    try (OrtSession session = environment.createSession(args[0]);
        OnnxTensor images =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(input), new long[] {1, 3, 32, 32});
        OrtSession.Result result = session.run(Map.of("images", images))) {
      Map<String, String> metadata = session.getMetadata().getCustomMetadata();
      lines.add(metadata.get("classes"));
      lines.add(metadata.get("normalise"));
      for (float logit : ((float[][]) result.get(0).getValue())[0]) {
        lines.add(String.valueOf(logit));
      }
    }
    Files.write(Path.of(args[2]), lines);
  }
}
