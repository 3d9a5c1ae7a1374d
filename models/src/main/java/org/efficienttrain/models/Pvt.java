package org.efficienttrain.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.DropPath;
import org.efficienttrain.tensor.nn.Init;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.LayerNorm;
import org.efficienttrain.tensor.nn.Linear;

/**
 * PVT, first version: "Pyramid Vision Transformer: A Versatile Backbone for Dense Prediction
 * without Convolutions" (Wang et al., ICCV 2021); repository whai362/PVT (Apache-2.0).
 *
 * <p>Each stage has a learned position table, which lives at the final image size and is resized in
 * the forward pass. Keys and values come from a map reduced to the last stage's resolution. Shapes:
 * N images, L tokens on a map of G x G (plus the class token in the last stage), C channels, h
 * heads.
 */
public final class Pvt extends Backbone {
  /** Of the norms of blocks and of the last one. */
  private static final double EPS = 1e-6;

  /** Of the norms behind convolutions. */
  private static final double CONV_EPS = 1e-5;

  /** One stage; the first one's patch is the stem's. */
  private record StageConfig(int depth, int width, int heads, int mlpRatio, int patch) {}

  private final List<Tensor> positions = new ArrayList<>();
  private final Tensor classToken;
  private final List<PatchEmbedding> patchEmbeds = new ArrayList<>();
  private final List<List<Block>> stages = new ArrayList<>();
  private final LayerNorm norm;
  private final Linear head;

  private Pvt(BackboneOptions options, List<StageConfig> config) {
    super(options);
    int last = config.size() - 1;
    int width = config.get(last).width;
    long grid = options.imageSize();
    for (int s = 0; s <= last; s++) {
      grid /= config.get(s).patch;
      long tokens = grid * grid + (s == last ? 1 : 0);
      Tensor table = Tensors.zeros(1, tokens, config.get(s).width);
      positions.add(parameter("pos_embed" + (s + 1), table));
    }
    this.classToken = parameter("cls_token", Tensors.zeros(1, 1, width));
    addStages(config, options.dropPath());
    this.norm = child("norm", new LayerNorm(width, EPS));
    this.head = child("head", new Linear(width, options.classes()));
    positions.forEach(table -> Init.truncatedNormal(table, Initialisation.STD));
    Init.truncatedNormal(classToken, Initialisation.STD);
    Initialisation.linearTruncatedNormal(this);
  }

  private void addStages(List<StageConfig> config, double dropPath) {
    double[] rates = DropPath.linear(dropPath, config.stream().mapToInt(StageConfig::depth).sum());
    int block = 0;
    int in = 3;
    int reduction = stride(config);
    for (int s = 0; s < config.size(); s++) {
      StageConfig c = config.get(s);
      // Keys and values of every stage have the resolution of the last one.
      reduction /= c.patch;
      patchEmbeds.add(child("patch_embed" + (s + 1), new PatchEmbedding(in, c.width, c.patch)));
      List<Block> blocks = new ArrayList<>();
      for (int b = 0; b < c.depth; b++) {
        blocks.add(new Block(c.width, c.heads, c.width * c.mlpRatio, reduction, rates[block++]));
      }
      stages.add(children("block" + (s + 1), blocks));
      in = c.width;
    }
  }

  private static int stride(List<StageConfig> config) {
    return config.stream().mapToInt(StageConfig::patch).reduce(1, (a, b) -> a * b);
  }

  /** The named variants. */
  static List<Variant> variants() {
    List<StageConfig> cifar =
        List.of(
            new StageConfig(2, 64, 1, 8, 2),
            new StageConfig(2, 128, 2, 8, 2),
            new StageConfig(2, 320, 5, 4, 2));
    return List.of(
        imagenet("tiny", 0.1, 2, 2, 2, 2),
        imagenet("small", 0.1, 3, 4, 6, 3),
        imagenet("medium", 0.3, 3, 4, 18, 3),
        imagenet("large", 0.3, 3, 8, 27, 3),
        new Variant(
            "pvt_tiny_cifar",
            "PVT",
            List.of(),
            new Variant.Published(32, 0.1),
            ImageSizes.multiplesOf(stride(cifar)),
            o -> new Pvt(o, cifar)));
  }

  private static Variant imagenet(String size, double dropPath, int... depths) {
    List<StageConfig> config =
        List.of(
            new StageConfig(depths[0], 64, 1, 8, 4),
            new StageConfig(depths[1], 128, 2, 8, 2),
            new StageConfig(depths[2], 320, 5, 4, 2),
            new StageConfig(depths[3], 512, 8, 4, 2));
    return new Variant(
        "pvt_" + size,
        "PVT",
        List.of(),
        new Variant.Published(224, dropPath),
        ImageSizes.multiplesOf(stride(config)),
        o -> new Pvt(o, config));
  }

  @Override
  public Tensor forwardMap(Tensor images) {
    Tensor map = images;
    int last = stages.size() - 1;
    for (int s = 0; s < last; s++) {
      Tensor tokens = embed(map, s);
      Tensor x = Layer.chain(tokens, stages.get(s));
      tokens.close();
      map = map(x);
    }
    return Layer.chain(embed(map, last), stages.get(last).subList(0, stages.get(last).size() - 1));
  }

  @Override
  public Tensor forwardGather(Tensor map) {
    List<Block> last = stages.get(stages.size() - 1);
    return norm.forward(last.get(last.size() - 1).first(map).select(1, 0));
  }

  @Override
  public Tensor places(Tensor map) {
    return placesOfTokens(map);
  }

  /** The tokens of a stage: a map (N, C, H, H) to (N, L, C'), positions added. */
  private Tensor embed(Tensor map, int stage) {
    try (Scope scope = Scope.open()) {
      Tensor patches = patchEmbeds.get(stage).forward(map);
      long grid = side(patches);
      boolean last = stage == stages.size() - 1;
      Tensor tokens =
          last ? Tensors.cat(List.of(classToken.expand(map.size(0), -1, -1), patches), 1) : patches;
      Tensor table =
          PositionTables.resize(positions.get(stage), last ? 1 : 0, grid, Resize.Kernel.BILINEAR);
      return scope.keep(tokens.add(table));
    }
  }

  @Override
  public Tensor forwardHead(Tensor features) {
    return head.forward(features);
  }

  @Override
  protected String classifierName() {
    return "head";
  }

  @Override
  protected boolean isTable(String name) {
    return name.startsWith("pos_embed");
  }

  @Override
  public Set<String> noWeightDecay() {
    return Set.of("cls_token");
  }

  @Override
  protected List<List<String>> layers() {
    List<List<String>> layers = new ArrayList<>();
    for (int s = 0; s < stages.size(); s++) {
      List<String> stem = new ArrayList<>(List.of("patch_embed" + (s + 1), "pos_embed" + (s + 1)));
      if (s == stages.size() - 1) {
        stem.add("cls_token");
      }
      layers.add(stem);
      for (int b = 0; b < stages.get(s).size(); b++) {
        layers.add(List.of("block" + (s + 1) + "." + b));
      }
    }
    return layers;
  }

  /** Cuts a map into patches and maps each to a token: (N, C, H, H) to (N, G*G, C'). */
  private static final class PatchEmbedding extends Layer {
    private final Conv2d proj;
    private final LayerNorm norm;

    PatchEmbedding(int in, int width, int patch) {
      this.proj = child("proj", new Conv2d(in, width, patch, patch, 0));
      this.norm = child("norm", new LayerNorm(width, CONV_EPS));
    }

    @Override
    public Tensor forward(Tensor map) {
      try (Scope scope = Scope.open()) {
        return scope.keep(norm.forward(tokens(proj.forward(map.channelsLast()))));
      }
    }
  }

  /** (N, G*G, C) to (N, C, G, G), channels last. */
  private static Tensor map(Tensor tokens) {
    long grid = side(tokens);
    return tokens.view(tokens.size(0), grid, grid, tokens.size(2)).permute(0, 3, 1, 2);
  }

  /** The side of the map that tokens (N, G*G, C) cover. */
  private static long side(Tensor tokens) {
    return Math.round(Math.sqrt((double) tokens.size(1)));
  }

  /** (N, C, G, G) to (N, G*G, C): no copy where the map is channels last. */
  private static Tensor tokens(Tensor map) {
    return map.flatten(2, 3).transpose(1, 2);
  }

  /** Attention and a perceptron, each behind a norm and around a shortcut. */
  private static final class Block extends Layer {
    private final LayerNorm norm1;
    private final Attention attn;
    private final LayerNorm norm2;
    private final Mlp mlp;
    private final DropPath dropPath;

    Block(int width, int heads, int hidden, int reduction, double rate) {
      this.norm1 = child("norm1", new LayerNorm(width, EPS));
      this.attn = child("attn", new Attention(width, heads, reduction));
      this.norm2 = child("norm2", new LayerNorm(width, EPS));
      this.mlp = child("mlp", new Mlp(width, hidden));
      this.dropPath = child("drop_path", new DropPath(rate));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor y = dropPath.add(x, t -> attn.forward(norm1.forward(t)));
        return scope.keep(dropPath.add(y, t -> mlp.forward(norm2.forward(t))));
      }
    }

    /** The first of its tokens alone, for a head that reads no other: (N, L, C) to (N, 1, C). */
    Tensor first(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor y = dropPath.add(x.narrow(1, 0, 1), x, t -> attn.first(norm1.forward(t)));
        return scope.keep(dropPath.add(y, t -> mlp.forward(norm2.forward(t))));
      }
    }
  }

  /** Attention whose keys and values come from a map reduced in space. */
  private static final class Attention extends Layer {
    private final long heads;
    private final Linear q;
    private final Linear kv;
    private final Linear proj;

    /** Null where nothing is reduced, and so is the norm. */
    private final Conv2d sr;

    private final LayerNorm norm;

    Attention(int width, int heads, int reduction) {
      this.heads = heads;
      this.q = child("q", new Linear(width, width));
      this.kv = child("kv", new Linear(width, 2L * width));
      this.proj = child("proj", new Linear(width, width));
      boolean reduced = reduction > 1;
      this.sr = child("sr", reduced ? new Conv2d(width, width, reduction, reduction, 0) : null);
      this.norm = child("norm", reduced ? new LayerNorm(width, CONV_EPS) : null);
    }

    @Override
    public Tensor forward(Tensor x) {
      return mix(x, x);
    }

    /** What the first token takes from all: (N, L, C) to (N, 1, C). */
    Tensor first(Tensor x) {
      return mix(x.narrow(1, 0, 1), x);
    }

    /** What some tokens take from all: (N, M, C) and (N, L, C) to (N, M, C). */
    private Tensor mix(Tensor tokens, Tensor x) {
      try (Scope scope = Scope.open()) {
        List<Tensor> kv = this.kv.forward(reduce(x)).chunk(2, 2);
        Tensor mixed =
            Functional.scaledDotProductAttention(
                split(q.forward(tokens)), split(kv.get(0)), split(kv.get(1)), null, Double.NaN);
        return scope.keep(proj.forward(mixed.transpose(1, 2).flatten(2, 3)));
      }
    }

    /** (N, L, C) to (N, h, L, d). */
    private Tensor split(Tensor tokens) {
      long channels = tokens.size(2);
      return tokens.view(tokens.size(0), tokens.size(1), heads, channels / heads).transpose(1, 2);
    }

    private Tensor reduce(Tensor x) {
      return sr == null ? x : norm.forward(tokens(sr.forward(map(x))));
    }
  }
}
