package org.efficienttrain.training.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Learner;

/** Brings every rank to where rank 0 starts: the same weights, optimiser and numbers. */
public final class CommonStart {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What travels besides tensors. */
  private record Document(RunState state, RunIdentity run) {}

  private CommonStart() {}

  /**
   * Gives everybody rank 0's state, of a new run or of a checkpoint that only it can read, and
   * connects them.
   *
   * @param state where rank 0 starts; not looked at elsewhere
   * @throws UserError if this rank's recipe or images are not those of rank 0
   */
  public static RunState share(RunState state, RunIdentity run, Learner learner, Collective ranks) {
    learner.connect(ranks);
    if (ranks.worldSize() == 1) {
      return state;
    }
    if (ranks.isFirst()) {
      state.lossScale = learner.scaler().scale();
      state.stepsSinceOverflow = learner.scaler().stepsSinceOverflow();
    }
    Document first = read(ranks.broadcast(write(new Document(state, run))));
    List<String> differences = run.differences(first.run);
    if (!differences.isEmpty()) {
      throw new UserError(
          "rank %d was started with other arguments than rank 0: %s"
              .formatted(ranks.rank(), String.join("; ", differences)));
    }
    ranks.broadcast(learner.tensors());
    learner.scaler().restore(first.state.lossScale, first.state.stepsSinceOverflow);
    return first.state;
  }

  private static byte[] write(Document document) {
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Document read(byte[] json) {
    try {
      return JSON.readValue(json, Document.class);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
