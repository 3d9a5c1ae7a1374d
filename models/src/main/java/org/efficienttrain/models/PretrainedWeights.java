package org.efficienttrain.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.io.LoadPolicy;
import org.efficienttrain.tensor.io.LoadReport;
import org.efficienttrain.tensor.io.StateMatch;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.tensor.io.Weights;

/**
 * Published weights into a network: names of the official repositories or of timm, tables of
 * positions of another size, heads of another class count, the encoder of a masked autoencoder.
 */
public final class PretrainedWeights {
  /** Shape by name of a known network, without what depends on classes or image size. */
  private record Known(String name, Map<String, List<Long>> shapes) {}

  /** A file looks like a network if at least this share of the names and shapes of both agree. */
  private static final double LOOKS_LIKE = 0.9;

  private static final String HEAD_NORM = "fc_norm.weight";

  private PretrainedWeights() {}

  /**
   * Loads a weight file into a network. A file that does not fit changes nothing.
   *
   * @param model the network
   * @param path safetensors or PyTorch {@code .pth}
   * @param newHead keep the network's own head where the file's has another number of classes
   * @return one line for each thing done besides copying: tables resized, head kept, names left out
   * @throws TensorException if the file cannot be read, or does not fit, saying which names differ
   *     and which model the file looks like
   */
  public static List<String> load(Backbone model, Path path, boolean newHead) {
    try (WeightFile file = WeightFile.open(path)) {
      return load(model, file, newHead);
    }
  }

  /** Loads an open weight file, as {@link #load(Backbone, Path, boolean)} does. */
  public static List<String> load(Backbone model, WeightFile file, boolean newHead) {
    boolean timm = usesTimmNames(model, file.tensors().keySet());
    String family = model.options().variant().family();
    Map<String, Tensor> state = timm ? TimmNames.state(model) : model.state();
    // A norm in front of the head belongs to it, where a file has the encoder's own instead.
    boolean newNorm =
        newHead && state.containsKey(HEAD_NORM) && !file.tensors().containsKey(HEAD_NORM);
    Set<String> head =
        Stream.concat(
                model.headNames().stream(),
                newNorm
                    ? state.keySet().stream().filter(n -> n.startsWith("fc_norm."))
                    : Stream.of())
            .map(name -> timm ? TimmNames.of(family, name) : name)
            .collect(Collectors.toUnmodifiableSet());
    // Asked for here because networks, even those of shapes alone, are built outside any scope.
    String advice =
        fits(state, file) ? "the tables cannot be resized" : advice(model, Weights.shapes(file));
    LoadPolicy policy =
        LoadPolicy.STRICT
            .withNewHead(name -> newHead && head.contains(name))
            .withTables(PretrainedWeights::resize)
            .withDerived(name -> isNotNeeded(name) || (newNorm && isEncoderNorm(name)))
            .withAdvice(shapes -> advice);
    return lines(Weights.load(state, file, policy));
  }

  /** Names what was left aside of a masked autoencoder apart from what models compute. */
  private static List<String> lines(LoadReport report) {
    List<String> derived =
        report.dropped().stream().filter(n -> !isMaeDecoder(n) && !isEncoderNorm(n)).toList();
    List<String> lines =
        new ArrayList<>(
            new LoadReport(report.copied(), report.newHead(), report.resized(), derived).lines());
    long decoder = report.dropped().stream().filter(PretrainedWeights::isMaeDecoder).count();
    if (report.dropped().stream().anyMatch(PretrainedWeights::isEncoderNorm)) {
      lines.add("left aside the encoder's last norm: the head's own takes its place");
    }
    if (decoder > 0) {
      lines.add(
          "the encoder of a masked autoencoder: left aside its mask_token and decoder_* ("
              + decoder
              + " tensors)");
    }
    return List.copyOf(lines);
  }

  /** Whether nothing but tables and derived buffers differs. */
  private static boolean fits(Map<String, Tensor> state, WeightFile file) {
    StateMatch match = StateMatch.of(Weights.shapes(state), Weights.shapes(file));
    return match.missing().isEmpty()
        && match.unexpected().stream().allMatch(PretrainedWeights::isNotNeeded)
        && match.misshapen().stream().allMatch(m -> isTable(m.name()));
  }

  private static boolean usesTimmNames(Backbone model, Set<String> names) {
    return hits(TimmNames.state(model).keySet(), names) > hits(model.state().keySet(), names);
  }

  private static long hits(Collection<String> wanted, Set<String> names) {
    return wanted.stream().filter(names::contains).count();
  }

  /** Buffers that official implementations store and anyone can compute. */
  private static boolean isDerived(String name) {
    return name.endsWith("num_batches_tracked")
        || name.endsWith("relative_position_index")
        || name.endsWith("attn_mask");
  }

  /** What {@link Mae} has besides its encoder. */
  private static boolean isMaeDecoder(String name) {
    return name.equals("mask_token") || name.startsWith("decoder_");
  }

  private static boolean isEncoderNorm(String name) {
    return name.equals("norm.weight") || name.equals("norm.bias");
  }

  private static boolean isNotNeeded(String name) {
    return isDerived(name) || isMaeDecoder(name);
  }

  private static boolean isTable(String name) {
    return name.startsWith("pos_embed") || name.endsWith("relative_position_bias_table");
  }

  /** A stored table at the size of {@code shape}, or null where it is none or does not fit. */
  private static Tensor resize(String name, Tensor stored, long[] shape) {
    if (!isTable(name) || stored.dim() != shape.length || shape.length < 2) {
      return null;
    }
    if (shape.length == 2) { // ((2W-1)^2, heads)
      long side = root(shape[0]);
      boolean fits =
          stored.size(1) == shape[1] && isOddSquare(stored.size(0)) && isOddSquare(shape[0]);
      return fits
          ? PositionTables.resizeRelative(stored, (side + 1) / 2, Resize.Kernel.BICUBIC)
          : null;
    }
    // (1, tokens + G*G, C), with or without a class token.
    int tokens = isSquare(shape[1]) ? 0 : 1;
    boolean fits =
        shape.length == 3
            && stored.size(0) == 1
            && stored.size(2) == shape[2]
            && isSquare(stored.size(1) - tokens)
            && isSquare(shape[1] - tokens);
    return fits ? PositionTables.load(stored, tokens, root(shape[1] - tokens)) : null;
  }

  private static long root(long n) {
    return Math.round(Math.sqrt((double) n));
  }

  private static boolean isSquare(long n) {
    return n > 0 && root(n) * root(n) == n;
  }

  private static boolean isOddSquare(long n) {
    return isSquare(n) && root(n) % 2 == 1;
  }

  private static String advice(Backbone model, Map<String, List<Long>> shapes) {
    Optional<String> other = looksLike(shapes);
    if (other.isEmpty()) {
      return "it looks like no model known here";
    }
    if (other.get().equals(model.name())) {
      if (model.headNames().stream().noneMatch(shapes::containsKey)) {
        return "it is " + model.name() + " without a head: ask for a new head, and train it";
      }
      return "it is " + model.name() + " with another head: ask for a new head to load the rest";
    }
    return "it looks like " + other.get() + ": choose that model";
  }

  /**
   * The registered network whose names and shapes a file's resemble, if nine in ten agree. Heads
   * and tables are left out of the comparison, and so is the decoder of a masked autoencoder.
   *
   * @param shapes shape by name
   */
  public static Optional<String> looksLike(Map<String, List<Long>> shapes) {
    String best = null;
    double bestScore = LOOKS_LIKE;
    for (Known known : known()) {
      double score = agreement(known.shapes, shapes);
      if (score >= bestScore && (best == null || score > bestScore)) {
        best = known.name;
        bestScore = score;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Entries that both have over entries that either has. */
  private static double agreement(Map<String, List<Long>> known, Map<String, List<Long>> file) {
    Set<String> either = new HashSet<>(known.keySet());
    file.keySet().stream()
        .filter(name -> !isTable(name) && !isNotNeeded(name) && !name.startsWith("head."))
        .filter(name -> !name.startsWith("fc."))
        .forEach(either::add);
    long both =
        known.entrySet().stream().filter(e -> e.getValue().equals(file.get(e.getKey()))).count();
    return (double) both / either.size();
  }

  private static List<Known> known;

  /**
   * Every registered network under official names and, where they differ, timm's; takes a second.
   */
  private static synchronized List<Known> known() {
    if (known == null) {
      known = describeAll();
    }
    return known;
  }

  private static List<Known> describeAll() {
    List<Known> out = new ArrayList<>();
    for (Variant variant : Backbones.variants()) {
      Backbone model = variant.options(1000, variant.imageSize()).buildShapes();
      out.add(new Known(variant.name(), body(model.state())));
      Map<String, Tensor> timm = TimmNames.state(model);
      if (!timm.keySet().equals(model.state().keySet())) {
        out.add(new Known(variant.name(), body(timm)));
      }
      model.close();
    }
    return out;
  }

  private static Map<String, List<Long>> body(Map<String, Tensor> state) {
    Map<String, List<Long>> shapes = new HashMap<>(Weights.shapes(state));
    shapes
        .keySet()
        .removeIf(name -> isTable(name) || name.startsWith("head.") || name.startsWith("fc."));
    return shapes;
  }
}
