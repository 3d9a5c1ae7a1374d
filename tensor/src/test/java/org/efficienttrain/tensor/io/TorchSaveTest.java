package org.efficienttrain.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.TensorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files that PyTorch 2.10 and the official safetensors library wrote: both forms, pickle protocols
 * 2 to 5, every element type, views, tied weights, wrapped names, training checkpoints. {@code
 * expected.json} holds names, types, shapes and bytes as those libraries see them.
 */
class TorchSaveTest {
  private static final String FOLDER = "/golden/torch/";

  private static Path path(String name) {
    try {
      return Path.of(TorchSaveTest.class.getResource(FOLDER + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode expected() throws IOException {
    return new ObjectMapper().readTree(path("expected.json").toFile());
  }

  static Stream<String> files() throws IOException {
    List<String> names = new ArrayList<>();
    expected().fieldNames().forEachRemaining(names::add);
    return names.stream();
  }

  @ParameterizedTest
  @MethodSource("files")
  void tensorsAreThoseThatPythonSees(String name) throws IOException {
    JsonNode wanted = expected().get(name);
    try (WeightFile file = WeightFile.open(path(name))) {
      assertThat(file.prefix()).isEqualTo(wanted.path("prefix").asText(""));
      assertThat(file.state()).isEqualTo(wanted.path("state").asText(""));
      List<String> names = new ArrayList<>();
      for (JsonNode tensor : wanted.get("tensors")) {
        String key = tensor.get(0).asText();
        TensorInfo info = file.tensors().get(key);
        assertThat(info.dtype()).isEqualTo(DType.valueOf(tensor.get(1).asText()));
        List<Long> shape = new ArrayList<>();
        tensor.get(2).forEach(n -> shape.add(n.asLong()));
        assertThat(info.shape()).isEqualTo(shape);
        assertThat(HexFormat.of().formatHex(GoldenFiles.bytes(file, key)))
            .as(key)
            .isEqualTo(tensor.get(3).asText());
        names.add(key);
      }
      if (name.endsWith(".pth")) {
        assertThat(file.tensors().keySet()).containsExactlyElementsOf(names);
      } else {
        assertThat(file.tensors().keySet()).containsExactlyInAnyOrderElementsOf(names);
      }
    }
  }

  @Test
  void allExpectedFilesAreThere() throws IOException {
    assertThat(files()).hasSizeGreaterThanOrEqualTo(18);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "x_module.pth | mentions the Python object 'torch.nn.modules.container.Sequential'",
        "x_complex.pth | holds the tensor 'a' as complex64; convert it to float32",
        "x_u16.pth | holds the tensor 'a' as uint16; convert it to float32",
        "x_u16.safetensors | the dtype 'U16' of 'a' is not one that is read here",
        "x_expanded.pth | the tensor 'a' repeats the elements of a smaller storage",
        "x_list.pth | does not hold a state dictionary",
        "x_tensor.pth | does not hold a state dictionary",
        "x_nostate.pth | holds no state dictionary; its keys are 'epoch'",
        "x_script.pth | is a TorchScript program and not a state dictionary",
        "x_pickle.pth | is a Python pickle but not a file of torch.save",
        "x_sparse.pth | mentions the Python object 'torch._utils._rebuild_sparse_tensor'",
        "x_deflated.pth | has the compressed or encrypted zip entry 'zip/data.pkl'"
      })
  void whatIsNoPlainStateIsRefusedWithTheReason(String name, String reason) {
    assertThatThrownBy(() -> WeightFile.open(path(name)))
        .isInstanceOf(TensorException.class)
        .hasMessageStartingWith(path(name).toString())
        .hasMessageContaining(reason);
  }
}
