package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.export.Graph;
import org.efficienttrain.tensor.export.OnnxExport;
import org.efficienttrain.tensor.export.TorchScriptExport;
import org.efficienttrain.tensor.export.Tracer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Exported networks against ours: ONNX in onnxruntime for every family at its full image size, and
 * TorchScript in DJL, with PyTorch 2.7, in a JVM of its own.
 *
 * <p>Runs the smallest variant of each family and the one for small images; the property {@code
 * efficienttrain.export.all} makes it all variants.
 */
class ExportedModelsTest {
  /** Largest difference of a logit. */
  private static final double TOLERANCE = 1e-4;

  private static final int CLASSES = 10;
  private static final int SMALL = 32;

  /** Not one of the batches that tracing sees. */
  private static final int BATCH = 1;

  @TempDir Path folder;

  static Stream<String> variants() {
    if (Boolean.getBoolean("efficienttrain.export.all")) {
      return Backbones.names().stream();
    }
    Map<String, Variant> smallest = new LinkedHashMap<>();
    for (Variant variant : Backbones.variants()) {
      boolean cifar = variant.imageSize() == SMALL;
      smallest.putIfAbsent(variant.family() + cifar, variant);
    }
    return smallest.values().stream().map(Variant::name);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void onnxruntimeGivesOurLogits(String name) throws OrtException {
    int side = Backbones.variant(name).imageSize();
    Backbone model = model(name, side);
    Path path = folder.resolve(name + ".onnx");
    export(model, side, graph -> OnnxExport.write(graph, Map.of(), path));
    try (Scope scope = Scope.open()) {
      Tensor images = images(BATCH, side);
      assertClose(name, runOnnx(path, images), logits(model, images));
    }
    model.close();
  }

  @Test
  void aSizeOtherThanTheTablesIsExportedWithTheirResizing() throws OrtException {
    for (String name : List.of("deit_tiny_cifar", "swin_tiny_cifar", "pvt_tiny_cifar")) {
      int side = 24;
      Backbone model = model(name, SMALL);
      Path path = folder.resolve(name + ".onnx");
      export(model, side, graph -> OnnxExport.write(graph, Map.of(), path));
      try (Scope scope = Scope.open()) {
        Tensor images = images(BATCH, side);
        assertClose(name, runOnnx(path, images), logits(model, images));
      }
      model.close();
    }
  }

  @Test
  void djlGivesOurLogits() throws IOException, InterruptedException {
    List<String> names =
        variants()
            .filter(name -> Backbones.variant(name).imageSize() == SMALL)
            .sorted(Comparator.naturalOrder())
            .toList();
    assertThat(names).hasSizeGreaterThanOrEqualTo(7);
    List<String> full = new ArrayList<>(names);
    full.add("swin_tiny");
    for (String name : full) {
      int side = Backbones.variant(name).imageSize();
      Backbone model = model(name, side);
      Path path = folder.resolve(name + ".pt");
      export(model, side, graph -> TorchScriptExport.write(graph, path));
      try (Scope scope = Scope.open()) {
        Tensor images = images(BATCH, side);
        assertClose(name, runDjl(path, images), logits(model, images));
      }
      model.close();
    }
  }

  private static Backbone model(String name, int side) {
    Backbone model = Backbones.create(name, CLASSES, side);
    GoldenFill.fill(model);
    model.eval();
    return model;
  }

  private static void export(Backbone model, int side, Consumer<Graph> writer) {
    Graph graph = Tracer.trace(model, model::forward, 3, side, side);
    writer.accept(graph);
    Tracer.release(graph);
  }

  private static Tensor images(int batch, int side) {
    return Tensors.of(GoldenFill.uniform("input", batch * 3 * side * side), batch, 3, side, side);
  }

  private static float[] logits(Backbone model, Tensor images) {
    try (NoGrad noGrad = NoGrad.open()) {
      return model.forward(images).toFloats();
    }
  }

  private static float[] runOnnx(Path path, Tensor images) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(path.toString());
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(images.toFloats()), images.shape());
        OrtSession.Result result = session.run(Map.of("images", input))) {
      FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] values = new float[output.remaining()];
      output.get(values);
      return values;
    }
  }

  private float[] runDjl(Path path, Tensor images) throws IOException, InterruptedException {
    Path input = folder.resolve("images.bin");
    Path output = folder.resolve("logits.bin");
    Path log = folder.resolve("djl.log");
    Files.write(input, images.toBytes().array());
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-Dai.djl.offline=true",
            "-cp",
            System.getProperty("java.class.path"),
            DjlPrediction.class.getName(),
            path.toString(),
            input.toString(),
            String.valueOf(images.size(0)),
            String.valueOf(images.size(2)),
            output.toString());
    builder.environment().put("OPT_OUT_TRACKING", "true");
    builder.environment().put("DJL_CACHE_DIR", folder.resolve("djl").toString());
    int code = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    assertThat(code).as(Files.readString(log)).isZero();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(output)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private static void assertClose(String name, float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).as(name).isCloseTo(expected[i], within(TOLERANCE));
    }
  }
}
