package org.efficienttrain.training.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.checkpoint.CheckpointFolder;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.recipe.Recipe;

/**
 * A run that begins where another one stood: it has the other's checkpoint as its own, and is then
 * resumed like any run. Since what happens in a step depends on the seed, the step and the plan
 * only, it ends with the bits of a run that took all steps itself.
 */
public final class Branch {
  /** What may differ between the runs, as long as their plans agree up to the branch. */
  private static final Set<String> FREE = Set.of("curriculum", "cutAt", "cutAnnealing");

  /** Says in a run's folder where it began. */
  private static final String FILE = "branch.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Where a run began.
   *
   * @param from name of the folder of the other run; null for a run that took all steps itself
   * @param step steps that the other had taken
   * @param seconds that these took, which the run counts as its own
   */
  public record Beginning(String from, long step, double seconds) {}

  private Branch() {}

  /**
   * Where the run in a folder began.
   *
   * @throws UserError if its file cannot be read
   */
  public static Beginning beginning(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      return Files.exists(file)
          ? JSON.readValue(file.toFile(), Beginning.class)
          : new Beginning(null, 0, 0);
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static void write(Path file, Beginning note) {
    try {
      JSON.writeValue(file.toFile(), note);
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static double seconds(RunState state) {
    return state.trainingSeconds + state.evaluationSeconds + state.checkpointSeconds;
  }

  /**
   * Puts the state of another run after a step into the folder of a run to be made.
   *
   * @param from folder of the other run
   * @param step steps it had taken, of which it has a checkpoint
   * @param job what to make; its folder holds no run yet
   * @throws UserError if the runs are not the same up to there, or there is no sound checkpoint
   */
  public static void begin(Path from, long step, Job job) {
    RunFolder other = new RunFolder(from);
    CheckpointFolder checkpoints = other.checkpoints();
    if (!checkpoints.isSound(step)) {
      throw new UserError(
          "the run in %s has no sound checkpoint of step %d to go on from".formatted(from, step));
    }
    RunFolder.Saved saved = other.saved(checkpoints.path(step));
    RunIdentity identity = RunIdentity.of(job.recipe(), job.data(), saved.run().task());
    List<String> differences = identity.differences(saved.run(), FREE);
    TrainingPlan plan = plan(job.recipe(), job);
    if (!differences.isEmpty() || !agree(job, plan, earlier(job, saved), step)) {
      throw new UserError(
          "the run in %s is another from before step %d: %s"
              .formatted(
                  from,
                  step,
                  differences.isEmpty()
                      ? "their curricula differ there"
                      : String.join("; ", differences)));
    }
    RunState state = saved.state();
    // Up to here both have the same phases, if not the same end of the last.
    state.phaseImages = Arrays.copyOf(state.phaseImages, plan.phases().size());
    state.phaseSeconds = Arrays.copyOf(state.phaseSeconds, plan.phases().size());
    RunFolder own = RunFolder.open(job.options().withResume(true, false));
    copyStart(other.metrics(), own.metrics(), state.metricsBytes);
    own.writeRecipe(job.recipe());
    write(
        job.options().out().resolve(FILE),
        new Beginning(String.valueOf(from.getFileName()), step, seconds(state)));
    own.adopt(checkpoints.path(step), state, identity, saved.versions());
  }

  private static TrainingPlan plan(Recipe recipe, Job job) {
    return Plans.plan(recipe, job.data().train().size(), job.ranks().worldSize());
  }

  /** The recipe of the other run, which differs in what may differ only. */
  private static Recipe earlier(Job job, RunFolder.Saved saved) {
    Map<String, Object> keys = new HashMap<>(saved.run().recipe());
    keys.keySet().retainAll(FREE);
    return job.recipe().with(keys);
  }

  private static boolean agree(Job job, TrainingPlan plan, Recipe earlier, long step) {
    TrainingPlan before = plan(earlier, job);
    return plan.stepsShared(before) >= step
        && Plans.learningRate(job.recipe(), plan)
            .agreesUpTo(step, Plans.learningRate(earlier, before));
  }

  private static void copyStart(Path from, Path to, long bytes) {
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ)) {
      ByteBuffer start = ByteBuffer.allocate(Math.toIntExact(Math.min(bytes, in.size())));
      while (start.hasRemaining() && in.read(start) >= 0) {
        // until it is full
      }
      Files.write(to, Arrays.copyOf(start.array(), start.position()));
    } catch (IOException e) {
      throw new UserError("cannot copy " + from + " to " + to + ": " + e.getMessage(), e);
    }
  }
}
