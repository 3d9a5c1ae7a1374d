package org.efficienttrain.tensor.io;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.efficienttrain.tensor.Tensor;

/**
 * What loading may do beyond copying equal shapes. {@link #STRICT} allows nothing.
 *
 * @param newHead true for names that may keep the model's own values where the file lacks them or
 *     has another shape: the head of another class count
 * @param tables resizes stored tables of another size
 * @param derived true for names of the file that may be dropped: buffers that a model computes
 * @param advice from the shapes in a file that does not fit, the end of the sentence that says so:
 *     what to do about it
 */
public record LoadPolicy(
    Predicate<String> newHead,
    TableResizer tables,
    Predicate<String> derived,
    Function<Map<String, List<Long>>, String> advice) {

  /** Resizes a table of learned positions. */
  @FunctionalInterface
  public interface TableResizer {
    /**
     * Resizes a table.
     *
     * @param name its name in the state
     * @param stored the table in the file
     * @param shape the shape that the model expects
     * @return a tensor of that shape, or null if this is not a table, or cannot be resized
     */
    Tensor resize(String name, Tensor stored, long[] shape);
  }

  /** Names and shapes must be the same. */
  public static final LoadPolicy STRICT =
      new LoadPolicy(
          name -> false,
          (name, stored, shape) -> null,
          name -> false,
          shapes -> "give weights of the same architecture");

  /** The same, except that these names may keep the model's own values. */
  public LoadPolicy withNewHead(Predicate<String> names) {
    return new LoadPolicy(names, tables, derived, advice);
  }

  /** The same, except that tables are resized by this. */
  public LoadPolicy withTables(TableResizer resizer) {
    return new LoadPolicy(newHead, resizer, derived, advice);
  }

  /** The same, except that these names of the file may be dropped. */
  public LoadPolicy withDerived(Predicate<String> names) {
    return new LoadPolicy(newHead, tables, names, advice);
  }

  /** The same with another end of the sentence that refuses a file. */
  public LoadPolicy withAdvice(Function<Map<String, List<Long>>, String> text) {
    return new LoadPolicy(newHead, tables, derived, text);
  }
}
