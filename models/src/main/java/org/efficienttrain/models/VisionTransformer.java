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
 * DeiT without distillation: "Training data-efficient image transformers and distillation through
 * attention" (Touvron et al., ICML 2021), which is the ViT of Dosovitskiy et al. (ICLR 2021);
 * repository facebookresearch/deit (Apache-2.0), class as in timm (Apache-2.0).
 *
 * <p>Its form with mean pooling ({@code vit_..._gap}) is the one in which masked autoencoders are
 * fine-tuned: the head reads the mean of the patches' tokens, normed by {@code fc_norm}, and there
 * is no last norm over all tokens (facebookresearch/mae, {@code models_vit.py}; timm's {@code
 * global_pool="avg"}).
 *
 * <p>The position table lives at the final image size and is resized in the forward pass. Shapes: N
 * images, L tokens (class token first), C channels, G patches a side.
 */
public final class VisionTransformer extends Backbone {
  private static final double EPS = 1e-6;

  /**
   * What tells the variants apart.
   *
   * @param pooled whether the head reads the mean of the patches, not the class token
   */
  private record Config(int patch, int width, int depth, int heads, boolean pooled) {}

  private final int patch;
  private final Tensor classToken;
  private final Tensor positions;
  private final PatchEmbedding patchEmbed;
  private final List<Block> blocks;
  private final boolean pooled;
  private final LayerNorm norm;
  private final Linear head;

  private VisionTransformer(BackboneOptions options, Config config) {
    super(options);
    long grid = options.imageSize() / config.patch;
    this.patch = config.patch;
    this.classToken = parameter("cls_token", Tensors.zeros(1, 1, config.width));
    this.positions = parameter("pos_embed", Tensors.zeros(1, 1 + grid * grid, config.width));
    this.patchEmbed = child("patch_embed", new PatchEmbedding(config.patch, config.width));
    double[] rates = DropPath.linear(options.dropPath(), config.depth);
    List<Block> list = new ArrayList<>();
    for (double rate : rates) {
      list.add(new Block(config.width, config.heads, rate));
    }
    this.blocks = children("blocks", list);
    this.pooled = config.pooled;
    this.norm = child(pooled ? "fc_norm" : "norm", new LayerNorm(config.width, EPS));
    this.head = child("head", new Linear(config.width, options.classes()));
    Init.truncatedNormal(classToken, Initialisation.STD);
    Init.truncatedNormal(positions, Initialisation.STD);
    Initialisation.linearTruncatedNormal(this);
  }

  /** The named variants. */
  static List<Variant> variants() {
    return List.of(
        imagenet("tiny", new Config(16, 192, 12, 3, false), 0.1),
        imagenet("small", new Config(16, 384, 12, 6, false), 0.1),
        imagenet("base", new Config(16, 768, 12, 12, false), 0.1),
        imagenet("large", new Config(16, 1024, 24, 16, false), 0.45),
        cifar("deit_tiny_cifar", "DeiT", new Config(4, 192, 12, 3, false)),
        cifar("deit_mini_cifar", "DeiT", new Config(4, 96, 4, 3, false)),
        pooled("tiny", new Config(16, 192, 12, 3, true), 0.1),
        pooled("base", new Config(16, 768, 12, 12, true), 0.1),
        pooled("large", new Config(16, 1024, 24, 16, true), 0.2),
        cifar("vit_tiny_gap_cifar", "ViT", new Config(4, 192, 12, 3, true)),
        cifar("vit_mini_gap_cifar", "ViT", new Config(4, 96, 4, 3, true)));
  }

  private static Variant imagenet(String size, Config config, double dropPath) {
    List<String> aliases =
        List.of("deit_" + size + "_patch16", "vit_" + size + "_patch16", "vit_" + size);
    return variant("deit_" + size, "DeiT", aliases, 224, config, dropPath);
  }

  /** Of masked autoencoders; drop-path as they are fine-tuned with. */
  private static Variant pooled(String size, Config config, double dropPath) {
    return variant("vit_" + size + "_gap", "ViT", List.of(), 224, config, dropPath);
  }

  private static Variant cifar(String name, String family, Config config) {
    return variant(name, family, List.of(), 32, config, 0.1);
  }

  /** As fine-tuned from a masked autoencoder: facebookresearch/mae, {@code FINETUNE.md}. */
  private static Variant.Usual usual(Config config) {
    return new Variant.Usual(false, config.width == 768 ? 0.65 : 0.75, 2e-3);
  }

  private static Variant variant(
      String name,
      String family,
      List<String> aliases,
      int imageSize,
      Config config,
      double dropPath) {
    return new Variant(
        name,
        family,
        aliases,
        new Variant.Published(imageSize, dropPath).with(usual(config)),
        ImageSizes.multiplesOf(config.patch),
        o -> new VisionTransformer(o, config));
  }

  @Override
  public Tensor forwardMap(Tensor images) {
    return pooled
        ? tokens(images)
        : Layer.chain(embed(images), blocks.subList(0, blocks.size() - 1));
  }

  @Override
  public Tensor forwardGather(Tensor map) {
    if (pooled) {
      return norm.forward(map.narrow(1, 1, map.size(1) - 1).mean(new long[] {1}, false));
    }
    return norm.forward(blocks.get(blocks.size() - 1).first(map).select(1, 0));
  }

  /** What the last block gives: (N, 3, S, S) to (N, 1 + G*G, C). */
  Tensor tokens(Tensor images) {
    return Layer.chain(embed(images), blocks);
  }

  @Override
  public Tensor places(Tensor map) {
    return placesOfTokens(map);
  }

  /** (N, 3, S, S) to (N, 1 + G*G, C), positions added. */
  private Tensor embed(Tensor images) {
    try (Scope scope = Scope.open()) {
      long grid = images.size(2) / patch;
      Tensor patches = patchEmbed.forward(images);
      Tensor token = classToken.expand(images.size(0), -1, -1);
      Tensor table = PositionTables.resize(positions, 1, grid, Resize.Kernel.BICUBIC);
      return scope.keep(Tensors.cat(List.of(token, patches), 1).add(table));
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
    return name.equals("pos_embed");
  }

  @Override
  public Set<String> noWeightDecay() {
    return Set.of("pos_embed", "cls_token");
  }

  @Override
  protected List<List<String>> layers() {
    List<List<String>> layers = new ArrayList<>();
    layers.add(List.of("cls_token", "pos_embed", "patch_embed"));
    for (int i = 0; i < blocks.size(); i++) {
      layers.add(List.of("blocks." + i));
    }
    return layers;
  }

  /** Cuts images into patches and maps each to a token: (N, 3, S, S) to (N, G*G, C). */
  static final class PatchEmbedding extends Layer {
    private final Conv2d proj;

    PatchEmbedding(int patch, int width) {
      this.proj = child("proj", new Conv2d(3, width, patch, patch, 0));
    }

    @Override
    public Tensor forward(Tensor images) {
      return proj.forward(images).flatten(2, 3).transpose(1, 2);
    }
  }

  /** A pre-norm transformer block over (N, L, C). */
  static final class Block extends Layer {
    private final LayerNorm norm1;
    private final Attention attn;
    private final LayerNorm norm2;
    private final Mlp mlp;
    private final DropPath dropPath;

    Block(int width, int heads, double dropPath) {
      this.norm1 = child("norm1", new LayerNorm(width, EPS));
      this.attn = child("attn", new Attention(width, heads));
      this.norm2 = child("norm2", new LayerNorm(width, EPS));
      this.mlp = child("mlp", new Mlp(width, 4 * width));
      this.dropPath = child("drop_path", new DropPath(dropPath));
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

  /** Multi-head self-attention over (N, L, C), d = C / heads. */
  static final class Attention extends Layer {
    private final int heads;
    private final Linear qkv;
    private final Linear proj;

    Attention(int width, int heads) {
      this.heads = heads;
      this.qkv = child("qkv", new Linear(width, 3L * width));
      this.proj = child("proj", new Linear(width, width));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        List<Tensor> qkv = split(x);
        return scope.keep(mix(qkv.get(0), qkv.get(1), qkv.get(2)));
      }
    }

    /** What the first token takes from all: (N, L, C) to (N, 1, C). */
    Tensor first(Tensor x) {
      try (Scope scope = Scope.open()) {
        List<Tensor> qkv = split(x);
        return scope.keep(mix(qkv.get(0).narrow(2, 0, 1), qkv.get(1), qkv.get(2)));
      }
    }

    /** Queries, keys and values of (N, L, C): three views (N, heads, L, d). */
    private List<Tensor> split(Tensor x) {
      long[] shape = {x.size(0), x.size(1), 3, heads, x.size(2) / heads};
      // Taken apart as they lie, so that their gradients are put together in one pass.
      return qkv.forward(x).view(shape).unbind(2).stream().map(t -> t.transpose(1, 2)).toList();
    }

    private Tensor mix(Tensor q, Tensor k, Tensor v) {
      Tensor mixed = Functional.scaledDotProductAttention(q, k, v, null, Double.NaN);
      return proj.forward(mixed.transpose(1, 2).flatten(2, 3));
    }
  }
}
