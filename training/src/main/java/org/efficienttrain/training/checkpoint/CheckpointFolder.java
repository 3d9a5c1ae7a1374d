package org.efficienttrain.training.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.io.AtomicFile;
import org.efficienttrain.tensor.io.Weights;

/**
 * The checkpoints of one run, a folder {@code step-NNNNNNNNNN} each.
 *
 * <p>Whatever happens while one is written, the others stay as they are; one that was damaged
 * afterwards is recognised by its checksums and passed over.
 */
public final class CheckpointFolder {
  /** Name of the document in every checkpoint. */
  public static final String STATE = "state.json";

  private static final String WEIGHTS = ".safetensors";
  private static final String PREFIX = "step-";
  private static final String ASIDE = ".aside-";

  private final Path folder;

  /** The checkpoints under a folder, which need not exist yet. */
  public CheckpointFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes a checkpoint; an older one of the same step is replaced.
   *
   * @param weightFiles tensors by name, by name of file
   * @param state the JSON document
   * @throws TensorException if it cannot be written; the other checkpoints are untouched
   */
  public void save(long step, Map<String, Map<String, Tensor>> weightFiles, byte[] state) {
    write(
        step,
        state,
        aside ->
            weightFiles.forEach(
                (name, tensors) ->
                    Weights.write(aside.resolve(name), tensors, Map.of("format", "pt"))));
  }

  /**
   * Takes over a checkpoint of another run, with another document. Its tensors are linked where the
   * disk can do that, and else copied.
   *
   * @throws TensorException if it cannot be written
   */
  public void adopt(Path checkpoint, long step, byte[] state) {
    write(step, state, aside -> link(checkpoint, aside));
  }

  private static void link(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(f -> f.toString().endsWith(WEIGHTS)).toList()) {
        Path copy = to.resolve(file.getFileName().toString());
        try {
          Files.createLink(copy, file);
        } catch (IOException | UnsupportedOperationException e) {
          Files.copy(file, copy);
        }
      }
    }
  }

  /** Puts the files with tensors into a folder. */
  private interface Filling {
    void into(Path folder) throws IOException;
  }

  private void write(long step, byte[] state, Filling filling) {
    Path target = path(step);
    Path aside = folder.resolve(ASIDE + target.getFileName());
    try {
      delete(aside);
      Files.createDirectories(aside);
      filling.into(aside);
      AtomicFile.write(aside.resolve(STATE), state);
      Checksums.write(aside);
      if (Files.exists(target)) {
        Path old = folder.resolve(ASIDE + "old-" + target.getFileName());
        delete(old);
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      sync(folder);
    } catch (IOException e) {
      throw unwritable(target, e);
    } catch (UncheckedIOException e) {
      throw unwritable(target, e.getCause());
    } finally {
      deleteLeftovers();
    }
  }

  private static TensorException unwritable(Path target, IOException e) {
    return new TensorException("cannot write the checkpoint " + target + ": " + e.getMessage(), e);
  }

  /** Makes a rename durable; systems that cannot open a folder do without. */
  private static void sync(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException ignored) {
      // Complete in any case; only when it appears after a power cut is left open.
    }
  }

  /** Steps of the checkpoints there are, newest first, whether sound or not. */
  public List<Long> steps() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Long> steps = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.matches(PREFIX + "\\d{1,18}"))
          .forEach(name -> steps.add(Long.parseLong(name.substring(PREFIX.length()))));
    } catch (IOException e) {
      throw new TensorException("cannot list " + folder + ": " + e.getMessage(), e);
    }
    steps.sort(Comparator.reverseOrder());
    return steps;
  }

  /** Whether the checkpoint of a step is there, with all files as they were written. */
  public boolean isSound(long step) {
    return Files.isDirectory(path(step)) && Checksums.fault(path(step)) == null;
  }

  /**
   * The newest checkpoint whose files are all as they were written, or null when there is none.
   *
   * @param damaged told, in a sentence, of each newer one that is not
   */
  public Path newestSound(Consumer<String> damaged) {
    for (long step : steps()) {
      Path path = path(step);
      String fault = Checksums.fault(path);
      if (fault == null) {
        return path;
      }
      damaged.accept(
          "the checkpoint %s is damaged (%s) and was passed over".formatted(path, fault));
    }
    return null;
  }

  /** Deletes all but the newest {@code keep} checkpoints and those of some steps. */
  public void prune(int keep, Set<Long> kept) {
    List<Long> steps = steps();
    for (long step : steps.subList(Math.min(keep, steps.size()), steps.size())) {
      if (!kept.contains(step)) {
        try {
          delete(path(step));
        } catch (IOException e) {
          return; // it costs space, nothing else
        }
      }
    }
  }

  /** Where the checkpoint of a step lies. */
  public Path path(long step) {
    return folder.resolve(PREFIX + "%010d".formatted(step));
  }

  private void deleteLeftovers() {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry :
          entries.filter(e -> e.getFileName().toString().startsWith(ASIDE)).toList()) {
        delete(entry);
      }
    } catch (IOException ignored) {
      // They cost space, nothing else; the next save tries again.
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
