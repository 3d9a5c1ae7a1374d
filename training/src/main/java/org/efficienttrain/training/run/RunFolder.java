package org.efficienttrain.training.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Torch;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.checkpoint.CheckpointFolder;
import org.efficienttrain.training.loop.Learner;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.Summary;

/** The output folder of a run: where its files lie, and how a run gets into and out of them. */
public final class RunFolder {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static final String WEIGHTS = "weights.safetensors";
  private static final String AVERAGED = "averaged.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";

  /** Raised when what a checkpoint holds changes, so that it is not read as something else. */
  private static final int FORMAT = 2;

  /** The document of a checkpoint. */
  record Saved(int format, RunState state, RunIdentity run, Map<String, String> versions) {}

  private final Path out;
  private final CheckpointFolder checkpoints;

  RunFolder(Path out) {
    this.out = out;
    this.checkpoints = new CheckpointFolder(out.resolve("checkpoints"));
  }

  /**
   * Makes the folder and tries to write in it.
   *
   * @throws UserError if that fails, or the folder holds a run that is not to be resumed
   */
  public static RunFolder open(RunOptions options) {
    RunFolder folder = new RunFolder(options.out());
    try {
      Files.createDirectories(options.out());
      Files.delete(Files.createTempFile(options.out(), ".write-test", null));
    } catch (IOException e) {
      throw new UserError(
          "cannot write in the output folder %s (%s): choose another with --out"
              .formatted(options.out(), reason(e)),
          e);
    }
    if (!options.resume() && folder.holdsRun()) {
      throw new UserError(
          "the output folder %s holds a run already: go on with it by --resume, or choose another with --out"
              .formatted(options.out()));
    }
    return folder;
  }

  /** The checkpoints of this run. */
  CheckpointFolder checkpoints() {
    return checkpoints;
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getClass().getSimpleName();
  }

  private boolean holdsRun() {
    return Files.exists(metrics()) || Files.exists(summary()) || !checkpoints.steps().isEmpty();
  }

  public Path metrics() {
    return out.resolve("metrics.jsonl");
  }

  /** The list of the images that one rank could not use: the one file that every rank writes. */
  public static Path brokenFiles(Path out, int rank) {
    return out.resolve(rank == 0 ? "broken-files.tsv" : "broken-files-rank-" + rank + ".tsv");
  }

  public Path weights() {
    return out.resolve("model.safetensors");
  }

  private Path summary() {
    return out.resolve("summary.json");
  }

  /**
   * Refuses to start what cannot be saved.
   *
   * @param count checkpoints that may lie on the disk at a time
   */
  public void checkSpace(Learner learner, int count) {
    long bytes =
        files(learner).values().stream()
            .flatMap(tensors -> tensors.values().stream())
            .mapToLong(t -> t.numel() * t.dtype().bytes())
            .sum();
    try {
      long free = Files.getFileStore(out).getUsableSpace();
      if (free < bytes * count) {
        throw new UserError(
            "the disk of %s has %.1f MB left, but %d checkpoints take %.1f MB: free some, or choose another folder with --out"
                .formatted(out, free / 1e6, count, bytes * count / 1e6));
      }
    } catch (IOException e) {
      throw new UserError("cannot tell how much space " + out + " has: " + e.getMessage(), e);
    }
  }

  /** Writes a checkpoint. */
  public void save(RunState state, Learner learner, RunIdentity run) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("libtorch", Torch.environment());
    versions.put("java", System.getProperty("java.version"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    checkpoints.save(state.step, files(learner), json(new Saved(FORMAT, state, run, versions)));
  }

  /** Deletes all but the newest checkpoints and those of some steps. */
  public void prune(int keep, Set<Long> kept) {
    checkpoints.prune(keep, kept);
  }

  /** Writes a checkpoint that was another run's. */
  void adopt(Path checkpoint, RunState state, RunIdentity run, Map<String, String> versions) {
    checkpoints.adopt(checkpoint, state.step, json(new Saved(FORMAT, state, run, versions)));
  }

  /**
   * Puts the newest sound checkpoint into the learner.
   *
   * @param force go on although recipe or images differ
   * @param warned told of what was passed over
   * @return its numbers, or null where there is no checkpoint
   * @throws UserError if recipe or images differ
   */
  public RunState restore(
      Learner learner, RunIdentity run, boolean force, Consumer<String> warned) {
    Path checkpoint = checkpoints.newestSound(warned);
    if (checkpoint == null) {
      return null;
    }
    Saved saved = saved(checkpoint);
    List<String> differences = run.differences(saved.run);
    if (!differences.isEmpty()) {
      String what = String.join("; ", differences);
      if (!force) {
        throw new UserError(
            "the run in %s cannot be resumed as another: %s; go back to what it was, or insist with --force"
                .formatted(out, what));
      }
      warned.accept("resumed as another run: " + what);
    }
    try (Scope scope = Scope.open()) {
      learner.network().copyState(Weights.read(checkpoint.resolve(WEIGHTS)));
      learner.optimizer().loadState(Weights.read(checkpoint.resolve(OPTIMIZER)));
      if (learner.ema() != null) {
        Map<String, Tensor> average = Weights.read(checkpoint.resolve(AVERAGED));
        learner.ema().state().forEach((name, t) -> t.copy_(average.get(name)));
      }
    }
    learner.scaler().restore(saved.state.lossScale, saved.state.stepsSinceOverflow);
    return saved.state;
  }

  /** The document of a checkpoint of this run. */
  Saved saved(Path checkpoint) {
    Saved saved = read(checkpoint.resolve(CheckpointFolder.STATE));
    if (saved.format != FORMAT) {
      throw new UserError(
          "the run in %s was saved by another version of this program: finish it with that version, or start anew with another --out"
              .formatted(out));
    }
    return saved;
  }

  private static Saved read(Path file) {
    try {
      return JSON.readValue(Files.readString(file, StandardCharsets.UTF_8), Saved.class);
    } catch (IOException e) {
      throw new UserError(
          "%s is not the state of a run by this version: %s".formatted(file, firstLine(e)), e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static Map<String, Map<String, Tensor>> files(Learner learner) {
    Map<String, Map<String, Tensor>> files = new LinkedHashMap<>();
    files.put(WEIGHTS, learner.network().state());
    files.put(OPTIMIZER, learner.optimizer().state());
    if (learner.ema() != null) {
      files.put(AVERAGED, learner.ema().state());
    }
    return files;
  }

  /** Writes the recipe as a file that can be run again. */
  public void writeRecipe(Recipe recipe) {
    try {
      Files.writeString(
          out.resolve("recipe.yaml"),
          new YAMLMapper().writeValueAsString(recipe.toMap()),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UserError("cannot write the recipe in " + out + ": " + e.getMessage(), e);
    }
  }

  public void writeSummary(Summary summary) {
    try {
      Files.write(summary(), json(summary.toMap()));
    } catch (IOException e) {
      throw new UserError("cannot write " + summary() + ": " + e.getMessage(), e);
    }
  }

  private static byte[] json(Object value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
