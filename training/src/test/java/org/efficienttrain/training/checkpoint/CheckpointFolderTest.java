package org.efficienttrain.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.io.Weights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest {
  @TempDir Path folder;
  private CheckpointFolder checkpoints;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void saveThree() {
    checkpoints = new CheckpointFolder(folder.resolve("checkpoints"));
    for (int step = 1; step <= 3; step++) {
      save(step, step);
    }
  }

  private void save(long step, float value) {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> tensors = Map.of("a.weight", Tensors.of(new float[] {value, 2}));
      checkpoints.save(
          step,
          Map.of("weights.safetensors", tensors),
          ("{\"step\": " + step + "}").getBytes(StandardCharsets.UTF_8));
    }
  }

  private float stored(Path checkpoint) {
    try (Scope scope = Scope.open()) {
      return Weights.read(checkpoint.resolve("weights.safetensors")).get("a.weight").toFloats()[0];
    }
  }

  @Test
  void theNewestSoundOneIsFound() throws IOException {
    Path newest = checkpoints.newestSound(warnings::add);

    assertThat(newest).isEqualTo(checkpoints.path(3));
    assertThat(stored(newest)).isEqualTo(3);
    assertThat(warnings).isEmpty();
    try (Stream<Path> entries = Files.list(folder.resolve("checkpoints"))) {
      assertThat(entries).hasSize(3); // nothing is left lying about
    }
  }

  @Test
  void damageOfAnyFileAtAnyByteIsSeen() throws IOException {
    Path newest = checkpoints.path(3);
    try (Stream<Path> files = Files.list(newest)) {
      for (Path file : files.toList()) {
        byte[] sound = Files.readAllBytes(file);
        for (int at = 0; at < sound.length; at += Math.max(1, sound.length / 7)) {
          byte[] flipped = sound.clone();
          flipped[at] ^= 1;
          Files.write(file, flipped);
          assertThat(checkpoints.newestSound(warnings::add)).isEqualTo(checkpoints.path(2));
        }
        Files.write(file, Arrays.copyOf(sound, sound.length / 2));
        assertThat(checkpoints.newestSound(warnings::add)).isEqualTo(checkpoints.path(2));
        Files.delete(file);
        assertThat(checkpoints.newestSound(warnings::add)).isEqualTo(checkpoints.path(2));
        Files.write(file, sound);
      }
    }
    assertThat(checkpoints.newestSound(w -> {})).isEqualTo(newest);
    assertThat(warnings).allMatch(w -> w.contains("is damaged") && w.contains("passed over"));
  }

  @Test
  void aCheckpointOfTheSameStepIsReplaced() {
    save(3, 42);
    assertThat(stored(checkpoints.path(3))).isEqualTo(42);
    assertThat(checkpoints.steps()).containsExactly(3L, 2L, 1L);
  }

  @Test
  void theNewestAndTheBestAreKept() {
    checkpoints.prune(1, Set.of(1L));
    assertThat(checkpoints.steps()).containsExactly(3L, 1L);
  }

  @Test
  void aFailedSaveLeavesTheOthersAlone() throws IOException {
    Path blocked = folder.resolve("blocked");
    Files.createFile(blocked);
    CheckpointFolder broken = new CheckpointFolder(blocked);
    assertThatThrownBy(() -> broken.save(4, Map.of(), new byte[0]))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("cannot write the checkpoint");
    assertThat(checkpoints.newestSound(warnings::add)).isEqualTo(checkpoints.path(3));
  }

  @Test
  void withoutCheckpointsThereIsNone() {
    assertThat(new CheckpointFolder(folder.resolve("none")).newestSound(warnings::add)).isNull();
  }
}
