package org.efficienttrain.tensor.distributed;

import java.util.Map;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.TensorException;

/**
 * This process among those that train together, as torchrun's environment variables tell it.
 *
 * @param rank this process, from 0 ({@code RANK})
 * @param worldSize number of processes ({@code WORLD_SIZE})
 * @param localRank this process among those of its machine, which picks its GPU ({@code
 *     LOCAL_RANK}, 0 if unset)
 * @param meeting where they meet at the start
 * @param lostSeconds a rank that shows no sign of life for so long is dead ({@code
 *     ET_RANK_TIMEOUT_SECONDS}, 30 if unset)
 */
public record Ranks(int rank, int worldSize, int localRank, Meeting meeting, int lostSeconds) {

  /**
   * Where and when the processes meet.
   *
   * @param address machine of rank 0 ({@code MASTER_ADDR}, 127.0.0.1 if unset)
   * @param port port there ({@code MASTER_PORT}, 29500 if unset)
   * @param agentStore whether a launcher listens on that port already, as torchrun does ({@code
   *     TORCHELASTIC_USE_AGENT_STORE}); else rank 0 does
   * @param attempt how often the launcher has started the processes before ({@code
   *     TORCHELASTIC_RESTART_COUNT})
   * @param joinSeconds how long to wait for the others ({@code ET_JOIN_SECONDS}, 300 if unset)
   */
  public record Meeting(
      String address, int port, boolean agentStore, int attempt, int joinSeconds) {}

  private static final int LARGEST_WORLD = 1 << 16;
  private static final int A_DAY = 86_400;

  /**
   * Reads the variables of an environment; without {@code WORLD_SIZE}, this process is alone.
   *
   * @throws TensorException if they do not fit together
   */
  public static Ranks of(Map<String, String> environment) {
    int worldSize = number(environment, "WORLD_SIZE", 1, 1, LARGEST_WORLD);
    if (worldSize > 1 && !environment.containsKey("RANK")) {
      throw new TensorException(
          "WORLD_SIZE is "
              + worldSize
              + " but RANK is not set: give every process its number from 0 to "
              + (worldSize - 1)
              + ", or unset WORLD_SIZE to train alone");
    }
    return new Ranks(
        number(environment, "RANK", 0, 0, worldSize - 1),
        worldSize,
        number(environment, "LOCAL_RANK", 0, 0, LARGEST_WORLD),
        new Meeting(
            environment.getOrDefault("MASTER_ADDR", "127.0.0.1"),
            number(environment, "MASTER_PORT", 29500, 1, 65_535),
            environment.getOrDefault("TORCHELASTIC_USE_AGENT_STORE", "").equalsIgnoreCase("true"),
            number(environment, "TORCHELASTIC_RESTART_COUNT", 0, 0, Integer.MAX_VALUE),
            number(environment, "ET_JOIN_SECONDS", 300, 1, A_DAY)),
        number(environment, "ET_RANK_TIMEOUT_SECONDS", 30, 2, A_DAY));
  }

  private static int number(
      Map<String, String> environment, String name, int otherwise, int min, int max) {
    String text = environment.get(name);
    if (text == null || text.isBlank()) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw refused(name, text, min, max, e);
    }
    throw refused(name, text, min, max, null);
  }

  private static TensorException refused(
      String name, String text, int min, int max, Exception cause) {
    return new TensorException(
        "the environment variable %s must be a number from %d to %d, not '%s'"
            .formatted(name, min, max, text),
        cause);
  }

  /** Whether there are others. */
  public boolean several() {
    return worldSize > 1;
  }

  /**
   * The device of this process: where every process of a machine is told {@code cuda}, each takes
   * the GPU of its local rank.
   */
  public Device device(Device wanted) {
    return wanted.isCuda() && several() ? Device.cuda(localRank) : wanted;
  }
}
