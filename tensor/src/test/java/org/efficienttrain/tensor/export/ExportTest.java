package org.efficienttrain.tensor.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.global.torch;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.BatchNorm2d;
import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.LayerNorm;
import org.efficienttrain.tensor.nn.Linear;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network of every operation that both formats know, run by their own engines. */
class ExportTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  /** Uses each operation once at least; images are (N, 3, 8, 8). */
  private static final class EveryOperation extends Layer {
    private final Conv2d conv = child("conv", new Conv2d(3, 8, 3, 1, 1));
    private final BatchNorm2d norm = child("norm", new BatchNorm2d(8));
    private final LayerNorm layerNorm = child("layer_norm", new LayerNorm(8, 1e-6));
    private final List<Linear> qkv =
        children("qkv", List.of(new Linear(8, 24), new Linear(8, 8, false)));
    private final Tensor table = parameter("table", Tensors.randn(1, 5, 5, 8));
    private final Tensor token = parameter("token", Tensors.randn(1, 1, 8));

    @Override
    public Tensor forward(Tensor images) {
      try (Scope scope = Scope.open()) {
        Tensor map = norm.forward(conv.forward(images.channelsLast())).relu();
        map = Functional.maxPool2d(map, 3, 2, 1);
        Tensor pooled = Functional.maxPool2d(map, 2, 2, 0).flatten(1, 3);
        Tensor tokens = map.flatten(2, 3).transpose(1, 2).contiguous();
        Tensor positions =
            Resize.resize(table.permute(0, 3, 1, 2), 4, 4, Resize.Kernel.BICUBIC)
                .permute(0, 2, 3, 1)
                .reshape(1, 16, 8);
        tokens = layerNorm.forward(tokens.add(positions));
        tokens = tokens.view(-1, 4, 4, 8).roll(new long[] {-1, 2}, new long[] {1, 2});
        tokens = tokens.view(-1, 16, 8);
        tokens = Tensors.cat(List.of(token.expand(images.size(0), -1, -1), tokens), 1);
        tokens = tokens.narrow(1, 0, 16).add(attention(tokens.narrow(1, 1, 16)));
        return scope.keep(arithmetic(tokens, pooled));
      }
    }

    private Tensor attention(Tensor tokens) {
      List<Tensor> parts =
          qkv.get(0).forward(tokens).view(-1, 16, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0);
      Tensor mask = Tensors.of(ramp(16 * 16), 1, 1, 16, 16);
      return Functional.scaledDotProductAttention(
              parts.get(0), parts.get(1), parts.get(2), mask, Double.NaN)
          .transpose(1, 2)
          .reshape(-1, 16, 8);
    }

    private Tensor arithmetic(Tensor tokens, Tensor pooled) {
      List<Tensor> halves = Functional.gelu(qkv.get(1).forward(tokens)).chunk(2, -1);
      Tensor a = halves.get(0).mul(0.5).add(1).square().sub(halves.get(1).sigmoid());
      List<Tensor> uneven = a.split(new long[] {1, 3}, 2);
      Tensor b = uneven.get(1).mean(new long[] {-1}, true).add(uneven.get(0).abs().sqrt());
      b = b.div(a.exp().sum(new long[] {2}, true)).addcmul(a.erf(), a.neg());
      Tensor index = Tensors.of(new long[] {3, 0, 2}, 3);
      Tensor c = b.softmax(-1).indexSelect(2, index).select(1, -1).unsqueeze(1).squeeze(1);
      Tensor d = pooled.pow(2).add(1).rsqrt().matmul(Tensors.of(ramp(32 * 3), 32, 3));
      return c.maximum(d.to(DType.FLOAT64).to(DType.FLOAT32)).add(c.sin(), -2).sub(d.cos().floor());
    }

    private static float[] ramp(int n) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (i % 7 - 3) * 0.1f;
      }
      return values;
    }
  }

  private static Graph trace(Layer network) {
    return Tracer.trace(network, network::forward, 3, 8, 8);
  }

  private static Layer network() {
    Generator.seed(3);
    return new EveryOperation();
  }

  private static Tensor images(long n) {
    Generator.seed(n);
    return Tensors.randn(n, 3, 8, 8);
  }

  private static float[] expected(Layer network, Tensor images) {
    try (NoGrad noGrad = NoGrad.open()) {
      return network.forward(images).toFloats();
    }
  }

  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  @Test
  void torchScriptGivesTheSameForAnyBatch() {
    Layer network = network();
    Graph graph = trace(network);
    Path path = folder.resolve("network.pt");
    TorchScriptExport.write(graph, path);
    network.eval();
    for (long batch : new long[] {1, 4}) {
      try (Scope scope = Scope.open()) {
        Tensor images = images(batch);
        assertClose(runTorchScript(path, images), expected(network, images));
      }
    }
    Tracer.release(graph);
  }

  private static float[] runTorchScript(Path path, Tensor images) {
    try (NoGrad noGrad = NoGrad.open()) {
      JitModule module = torch.import_ir_module(new CompilationUnit(), path.toString());
      IValueVector arguments = new IValueVector();
      arguments.push_back(new IValue(images.pointer()));
      return Tensor.wrap(module.forward(arguments).toTensor()).toFloats();
    }
  }

  @Test
  void onnxGivesTheSameForAnyBatch() throws OrtException {
    Layer network = network();
    Graph graph = trace(network);
    Path path = folder.resolve("network.onnx");
    OnnxExport.write(graph, Map.of("model", "every operation"), path);
    checkOnnx(network, path);
    Tracer.release(graph);
  }

  @Test
  void weightsOfALargeNetworkLieInASecondFile() throws OrtException, IOException {
    Layer network = network();
    Graph graph = trace(network);
    Path path = folder.resolve("network.onnx");
    OnnxExport.write(graph, Map.of(), path, 1000);
    assertThat(Files.size(folder.resolve("network.onnx.data"))).isGreaterThan(1000);
    checkOnnx(network, path);
    Tracer.release(graph);
  }

  private static void checkOnnx(Layer network, Path path) throws OrtException {
    network.eval();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(path.toString())) {
      for (long batch : new long[] {1, 4}) {
        try (Scope scope = Scope.open()) {
          Tensor images = images(batch);
          assertClose(runOnnx(environment, session, images), expected(network, images));
        }
      }
    }
  }

  private static float[] runOnnx(OrtEnvironment environment, OrtSession session, Tensor images)
      throws OrtException {
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(images.toFloats()), images.shape());
        OrtSession.Result result = session.run(Map.of("images", input))) {
      FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] values = new float[output.remaining()];
      output.get(values);
      return values;
    }
  }

  /** The last size of the result grows with the batch, but is no multiple of it. */
  private static final class Awkward extends Layer {
    @Override
    public Tensor forward(Tensor images) {
      return Tensors.cat(List.of(images, images.narrow(0, 0, 1)), 0);
    }
  }

  @Test
  void aSizeThatIsNoMultipleOfTheBatchIsRefused() {
    assertThatThrownBy(() -> trace(new Awkward()))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("a size is 3 for a batch of 2 and 4 for 3");
  }

  /** Does what neither format is taught. */
  private static final class Unknown extends Layer {
    @Override
    public Tensor forward(Tensor images) {
      return images.cumsum(1);
    }
  }

  @Test
  void anOperationWithoutCounterpartIsNamed() {
    Graph graph = trace(new Unknown());
    assertThatThrownBy(() -> TorchScriptExport.write(graph, folder.resolve("a.pt")))
        .isInstanceOf(TensorException.class)
        .hasMessageEndingWith("does not know the operation cumsum");
    assertThatThrownBy(() -> OnnxExport.write(graph, Map.of(), folder.resolve("a.onnx")))
        .isInstanceOf(TensorException.class)
        .hasMessageEndingWith("does not know the operation cumsum");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void tracingLeavesTheModeAsItWas() {
    Layer network = network();
    Tracer.release(trace(network));
    assertThat(network.isTraining()).isTrue();
  }

  @Test
  void messagesAreEncodedAsProtocolBuffersSpecify() throws IOException {
    Proto inner = new Proto().integer(1, 150);
    Proto outer = new Proto().message(3, inner).text(2, "hi").packed(4, 3, 270).number(5, 1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    outer.writeTo(Channels.newChannel(bytes));
    // The first and third are examples of the specification.
    assertThat(HexFormat.of().formatHex(bytes.toByteArray()))
        .isEqualTo("1a03089601" + "12026869" + "2203038e02" + "2d0000803f");
    assertThat(outer.size()).isEqualTo(bytes.size());
  }
}
