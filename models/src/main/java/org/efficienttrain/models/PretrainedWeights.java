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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Scope;
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
  /**
   * Shape by name of a known network, without what depends on classes or image size.
   *
   * @param aside names of a file that say nothing about the network
   */
  private record Known(String name, Map<String, List<Long>> shapes, Predicate<String> aside) {}

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

  /**
   * Loads a masked autoencoder into another, decoder and all, to train it further. Its tables of
   * positions are computed for its own size, and where it predicts something else, what makes the
   * prediction starts untrained.
   *
   * @return one line for each thing done besides copying
   * @throws TensorException as {@link #load(Backbone, Path, boolean)}
   */
  public static List<String> load(Mae model, Path path) {
    Map<String, Tensor> state = model.state();
    LoadPolicy policy =
        LoadPolicy.STRICT
            .withNewHead(name -> name.startsWith("decoder_pred."))
            .withTables(
                (name, stored, shape) -> name.endsWith("pos_embed") ? state.get(name) : null)
            .withAdvice(
                shapes -> "give the weights of a whole " + model.name() + ", with its decoder");
    try (WeightFile file = WeightFile.open(path)) {
      return Weights.load(state, file, policy).lines();
    }
  }

  /** Loads an open weight file, as {@link #load(Backbone, Path, boolean)} does. */
  public static List<String> load(Backbone model, WeightFile file, boolean newHead) {
    if (!newHead
        && model.headNorm() == null
        && file.tensors().containsKey(Backbone.HEAD_NORM + ".running_mean")) {
      model.normaliseFeatures(); // a probe's: its head is worth nothing without them
    }
    boolean timm = usesTimmNames(model, file.tensors().keySet());
    Set<String> names = model.state().keySet();
    // A norm in front of the head belongs to it, where a file has the encoder's own instead.
    boolean newNorm =
        newHead && names.contains(HEAD_NORM) && !file.tensors().containsKey(HEAD_NORM);
    Set<String> head =
        Stream.concat(
                model.headNames().stream(),
                newNorm ? names.stream().filter(n -> n.startsWith("fc_norm.")) : Stream.of())
            .map(name -> timm ? model.timmName(name) : name)
            .collect(Collectors.toUnmodifiableSet());
    // Asked for here because networks, even those of shapes alone, are built outside any scope.
    String advice =
        fits(model, timm, file)
            ? "the tables cannot be resized"
            : advice(model, Weights.shapes(file));
    LoadPolicy policy =
        LoadPolicy.STRICT
            .withNewHead(name -> newHead && head.contains(name))
            .withTables((name, stored, shape) -> model.isTable(name) ? resize(stored, shape) : null)
            .withDerived(
                name ->
                    isNotNeeded(model, name)
                        || (newNorm && isEncoderNorm(name))
                        || (newHead && name.startsWith(Backbone.HEAD_NORM + ".")))
            .withAdvice(shapes -> advice);
    try (Scope scope = Scope.open()) {
      return lines(Weights.load(timm ? model.timmState() : model.state(), file, policy));
    }
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
  private static boolean fits(Backbone model, boolean timm, WeightFile file) {
    StateMatch match =
        StateMatch.of(
            timm ? timmShapes(model) : Weights.shapes(model.state()), Weights.shapes(file));
    return match.missing().isEmpty()
        && match.unexpected().stream().allMatch(name -> isNotNeeded(model, name))
        && match.misshapen().stream().allMatch(m -> model.isTable(m.name()));
  }

  private static Map<String, List<Long>> timmShapes(Backbone model) {
    try (Scope scope = Scope.open()) {
      return Weights.shapes(model.timmState());
    }
  }

  private static boolean usesTimmNames(Backbone model, Set<String> names) {
    Set<String> ours = model.state().keySet();
    return hits(ours.stream().map(model::timmName).toList(), names) > hits(ours, names);
  }

  private static long hits(Collection<String> wanted, Set<String> names) {
    return wanted.stream().filter(names::contains).count();
  }

  /** What {@link Mae} has besides its encoder. */
  private static boolean isMaeDecoder(String name) {
    return name.equals("mask_token") || name.startsWith("decoder_");
  }

  private static boolean isEncoderNorm(String name) {
    return name.equals("norm.weight") || name.equals("norm.bias");
  }

  private static boolean isNotNeeded(Backbone model, String name) {
    return model.isDerived(name) || isMaeDecoder(name);
  }

  /** A stored table at the size of {@code shape}, or null where it does not fit. */
  private static Tensor resize(Tensor stored, long[] shape) {
    if (stored.dim() != shape.length || shape.length < 2) {
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
      double score = agreement(known, shapes);
      if (score >= bestScore && (best == null || score > bestScore)) {
        best = known.name;
        bestScore = score;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Entries that both have over entries that either has. */
  private static double agreement(Known known, Map<String, List<Long>> file) {
    Set<String> either = new HashSet<>(known.shapes.keySet());
    file.keySet().stream().filter(known.aside.negate()).forEach(either::add);
    long both =
        known.shapes.entrySet().stream()
            .filter(e -> e.getValue().equals(file.get(e.getKey())))
            .count();
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
      Map<String, List<Long>> ours = Weights.shapes(model.state());
      Map<String, List<Long>> timms = timmShapes(model);
      out.add(known(model, ours));
      if (!timms.equals(ours)) {
        out.add(known(model, timms));
      }
      model.close();
    }
    return out;
  }

  private static Known known(Backbone model, Map<String, List<Long>> shapes) {
    Predicate<String> aside =
        name ->
            model.isTable(name)
                || isNotNeeded(model, name)
                || name.startsWith("head.")
                || name.startsWith("fc.");
    Map<String, List<Long>> body = new HashMap<>(shapes);
    body.keySet().removeIf(aside);
    return new Known(model.name(), body, aside);
  }
}
