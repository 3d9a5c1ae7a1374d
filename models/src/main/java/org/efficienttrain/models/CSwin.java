package org.efficienttrain.models;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.Conv2d.Window;
import org.efficienttrain.tensor.nn.DropPath;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.LayerNorm;
import org.efficienttrain.tensor.nn.Linear;
import org.efficienttrain.tensor.nn.Module;

/**
 * CSWin: "CSWin Transformer: A General Vision Transformer Backbone with Cross-Shaped Windows" (Dong
 * et al., CVPR 2022); repository microsoft/CSWin-Transformer (MIT).
 *
 * <p>Half of the heads attend within vertical stripes, half within horizontal ones. Stripes are 1
 * and 2 tokens wide in the first two stages and the image size divided by the total stride after
 * that, as in EfficientTrain's code; the last stage attends over its whole map. Positions come from
 * a depthwise convolution of the values (LePE), so there are no tables. Shapes: N images, maps of G
 * x G tokens, C channels, h heads of d channels.
 */
public final class CSwin extends Backbone {
  private static final double EPS = 1e-5;

  /** The layer decay of its official fine-tuning. */
  private static final Variant.Usual USUAL = new Variant.Usual(false, 0.9, 5e-4);

  /** One stage. */
  private record StageConfig(int depth, int width, int heads) {}

  /**
   * What tells the variants apart.
   *
   * @param stemStride stride of the first convolution; every later stage doubles it
   */
  private record Config(int stemKernel, int stemStride, List<StageConfig> stages) {
    int stride() {
      return stemStride << (stages.size() - 1);
    }
  }

  private final int stride;
  private final Stem stem;
  private final List<List<Block>> stages = new ArrayList<>();
  private final List<Merging> mergings = new ArrayList<>();
  private final LayerNorm norm;
  private final Linear head;

  private CSwin(BackboneOptions options, Config config) {
    super(options);
    this.stride = config.stride();
    int width = config.stages.get(0).width;
    this.stem = new Stem(config.stemKernel, config.stemStride, width);
    child("stage1_conv_embed", stem);
    int depth = config.stages.stream().mapToInt(StageConfig::depth).sum();
    double[] rates = DropPath.linear(options.dropPath(), depth);
    int block = 0;
    for (int s = 0; s < config.stages.size(); s++) {
      StageConfig c = config.stages.get(s);
      if (s > 0) {
        mergings.add(child("merge" + s, new Merging(width, c.width)));
        width = c.width;
      }
      boolean whole = s == config.stages.size() - 1;
      List<Block> blocks = new ArrayList<>();
      for (int b = 0; b < c.depth; b++) {
        blocks.add(new Block(width, c.heads, whole, rates[block++]));
      }
      stages.add(children("stage" + (s + 1), blocks));
    }
    this.norm = child("norm", new LayerNorm(width, EPS));
    this.head = child("head", new Linear(width, options.classes()));
    Initialisation.linearTruncatedNormal(this);
  }

  /** The named variants. */
  static List<Variant> variants() {
    Config cifar =
        new Config(
            3,
            2,
            List.of(
                new StageConfig(1, 64, 2), new StageConfig(2, 128, 4), new StageConfig(4, 256, 8)));
    return List.of(
        imagenet("tiny", 0.2, 64, List.of(1, 2, 21, 1), List.of(2, 4, 8, 16)),
        imagenet("small", 0.4, 64, List.of(2, 4, 32, 2), List.of(2, 4, 8, 16)),
        imagenet("base", 0.5, 96, List.of(2, 4, 32, 2), List.of(4, 8, 16, 32)),
        imagenet("large", 0.2, 144, List.of(2, 4, 32, 2), List.of(6, 12, 24, 24)),
        // From 16 on: at 8 the second stage's map would be a single stripe.
        new Variant(
            "cswin_tiny_cifar",
            "CSWin",
            List.of(),
            new Variant.Published(32, 0.1).with(USUAL),
            new ImageSizes(cifar.stride(), 2 * cifar.stride()),
            o -> new CSwin(o, cifar)));
  }

  private static Variant imagenet(
      String size, double dropPath, int width, List<Integer> depths, List<Integer> heads) {
    List<StageConfig> stages = new ArrayList<>();
    for (int s = 0; s < depths.size(); s++) {
      stages.add(new StageConfig(depths.get(s), width << s, heads.get(s)));
    }
    Config config = new Config(7, 4, stages);
    return new Variant(
        "cswin_" + size,
        "CSWin",
        List.of(),
        new Variant.Published(224, dropPath).with(USUAL),
        ImageSizes.multiplesOf(config.stride()),
        o -> new CSwin(o, config));
  }

  @Override
  public Tensor forwardMap(Tensor images) {
    long last = images.size(2) / stride;
    Tensor x = stem.forward(images);
    for (int s = 0; s < stages.size(); s++) {
      if (s > 0) {
        x = replace(x, mergings.get(s - 1).forward(x));
      }
      long stripe = s < 2 ? s + 1 : last;
      for (Block block : stages.get(s)) {
        x = replace(x, block.forward(x, stripe));
      }
    }
    return norm.forward(x);
  }

  @Override
  public Tensor forwardGather(Tensor map) {
    return map.mean(new long[] {1, 2}, false);
  }

  @Override
  public Tensor places(Tensor map) {
    return map;
  }

  /** Frees the handle on what the next result has made superfluous. */
  private static Tensor replace(Tensor old, Tensor next) {
    old.close();
    return next;
  }

  @Override
  public Tensor forwardHead(Tensor features) {
    return head.forward(features);
  }

  @Override
  protected String classifierName() {
    return "head";
  }

  /** Pairs of blocks, as EfficientTrain's fine-tuning code groups them. */
  @Override
  protected List<List<String>> layers() {
    List<List<String>> layers = new ArrayList<>();
    layers.add(List.of("stage1_conv_embed"));
    for (int s = 0; s < stages.size(); s++) {
      int depth = stages.get(s).size();
      for (int b = 0; b < depth; b += 2) {
        List<String> layer = new ArrayList<>();
        if (b == 0 && s > 0) {
          layer.add("merge" + s);
        }
        for (int i = b; i < Math.min(b + 2, depth); i++) {
          layer.add("stage" + (s + 1) + "." + i);
        }
        layers.add(layer);
      }
    }
    return layers;
  }

  /** (N, 3, S, S) to a map (N, G, G, C), by a convolution with overlap. */
  private static final class Stem extends Layer {
    private final Conv2d conv;
    private final LayerNorm norm;

    Stem(int kernel, int stride, int width) {
      int padding = (kernel - stride + 1) / 2;
      // The published names count the rearrangement between the two as number 1.
      this.conv = child("0", new Conv2d(3, width, kernel, stride, padding));
      this.norm = child("2", new LayerNorm(width, EPS));
    }

    @Override
    public Tensor forward(Tensor images) {
      try (Scope scope = Scope.open()) {
        // Channels last, the convolution's result is the map as it stands.
        Tensor map = conv.forward(images.channelsLast()).permute(0, 2, 3, 1);
        return scope.keep(norm.forward(map));
      }
    }
  }

  /** Halves the side of the map: (N, G, G, C) to (N, G/2, G/2, C'). */
  private static final class Merging extends Layer {
    private final Conv2d conv;
    private final LayerNorm norm;

    Merging(int in, int out) {
      this.conv = child("conv", new Conv2d(in, out, 3, 2, 1));
      this.norm = child("norm", new LayerNorm(out, EPS));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor map = conv.forward(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1);
        return scope.keep(norm.forward(map));
      }
    }
  }

  /** Attention in cross-shaped windows and a perceptron, each behind a norm and a shortcut. */
  private static final class Block extends Module {
    private final Linear qkv;
    private final LayerNorm norm1;
    private final Linear proj;
    private final List<StripeAttention> attns;
    private final Mlp mlp;
    private final LayerNorm norm2;
    private final DropPath dropPath;

    /**
     * @param whole whether all heads attend over the whole map
     */
    Block(int width, int heads, boolean whole, double rate) {
      this.qkv = child("qkv", new Linear(width, 3L * width));
      this.norm1 = child("norm1", new LayerNorm(width, EPS));
      this.proj = child("proj", new Linear(width, width));
      this.attns =
          children(
              "attns",
              whole
                  ? List.of(new StripeAttention(width, heads, false))
                  : List.of(
                      new StripeAttention(width / 2, heads / 2, true),
                      new StripeAttention(width / 2, heads / 2, false)));
      this.mlp = child("mlp", new Mlp(width, 4 * width));
      this.norm2 = child("norm2", new LayerNorm(width, EPS));
      this.dropPath = child("drop_path", new DropPath(rate));
    }

    /** (N, G, G, C) to the same. */
    Tensor forward(Tensor x, long stripe) {
      try (Scope scope = Scope.open()) {
        Tensor y = dropPath.add(x, t -> attend(norm1.forward(t), stripe));
        return scope.keep(dropPath.add(y, t -> mlp.forward(norm2.forward(t))));
      }
    }

    private Tensor attend(Tensor x, long stripe) {
      try (Scope scope = Scope.open()) {
        long side = x.size(1);
        int branches = attns.size();
        long wide = branches == 1 ? side : stripe;
        // Each branch has its own part of the channels of q, of k and of v.
        List<Tensor> parts =
            qkv.forward(x).view(-1, side, side, 3L * branches, x.size(3) / branches).unbind(3);
        List<Tensor> mixed = new ArrayList<>();
        for (int i = 0; i < branches; i++) {
          Tensor v = parts.get(2 * branches + i);
          mixed.add(attns.get(i).forward(parts.get(i), parts.get(branches + i), v, wide));
        }
        Tensor joined = branches == 1 ? mixed.get(0) : Tensors.cat(mixed, 4);
        return scope.keep(proj.forward(joined.view(-1, side, side, x.size(3))));
      }
    }
  }

  /** Self-attention within stripes over the full height or width of the map, with LePE. */
  private static final class StripeAttention extends Module {
    private final long heads;
    private final boolean vertical;
    private final Conv2d getV;

    StripeAttention(int width, int heads, boolean vertical) {
      this.heads = heads;
      this.vertical = vertical;
      this.getV = child("get_v", new Conv2d(width, width, new Window(3, 1, 1), width, true));
    }

    /**
     * What q takes from k and v, each (N, G, G, C), within stripes.
     *
     * @param stripe width of a stripe, in tokens
     * @return (N, G, G / stripe, stripe, C)
     */
    Tensor forward(Tensor q, Tensor k, Tensor v, long stripe) {
      long side = q.size(1);
      long width = q.size(3);
      long count = side / stripe;
      long tokens = side * stripe;
      Tensor values = stripes(v, stripe);
      Tensor mixed =
          Functional.scaledDotProductAttention(
                  stripes(q, stripe).transpose(1, 2),
                  stripes(k, stripe).transpose(1, 2),
                  values.transpose(1, 2),
                  null,
                  Double.NaN)
              .transpose(1, 2);
      long rows = vertical ? side : stripe;
      Tensor map = values.flatten(2, 3).view(-1, rows, tokens / rows, width);
      Tensor positions = getV.forward(map.permute(0, 3, 1, 2)).permute(0, 2, 3, 1);
      Tensor sum = mixed.reshape(-1, rows, tokens / rows, width).add(positions);
      return vertical
          ? sum.view(-1, count, side, stripe, width).permute(0, 2, 1, 3, 4)
          : sum.view(-1, side, count, stripe, width);
    }

    /** (N, G, G, C) to (N * G / stripe, G * stripe, h, d). */
    private Tensor stripes(Tensor map, long stripe) {
      long side = map.size(1);
      long width = map.size(3) / heads;
      if (!vertical) { // a run of tokens: nothing needs to move
        return map.view(-1, side * stripe, heads, width);
      }
      return map.view(-1, side, side / stripe, stripe, heads, width)
          .permute(0, 2, 1, 3, 4, 5)
          .reshape(-1, side * stripe, heads, width);
    }
  }
}
