package org.efficienttrain.models;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
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
import org.efficienttrain.tensor.nn.Module;

/**
 * Swin: "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows" (Liu et al., ICCV
 * 2021); repository microsoft/Swin-Transformer (MIT).
 *
 * <p>The window is the image size divided by the total stride, as in EfficientTrain's code, so
 * every map is a whole number of windows and nothing is ever padded. The tables of relative
 * positions live at the window of the final image size and are resized in the forward pass. Shapes:
 * N images, maps of H x H tokens, C channels, windows of side w, h heads of d channels.
 */
public final class Swin extends Backbone {
  private static final Pattern MERGING = Pattern.compile("^layers\\.(\\d+)\\.downsample\\.");

  private static final double EPS = 1e-5;

  /** What tells the variants apart; width and heads are those of the first stage. */
  private record Config(int patch, int width, int heads, List<Integer> depths) {
    int stride() {
      return patch << (depths.size() - 1);
    }
  }

  private final int stride;
  private final PatchEmbedding patchEmbed;
  private final List<Stage> stages;
  private final LayerNorm norm;
  private final Linear head;

  private Swin(BackboneOptions options, Config config) {
    super(options);
    this.stride = config.stride();
    this.patchEmbed = child("patch_embed", new PatchEmbedding(config.patch, config.width));
    int last = config.depths.size() - 1;
    int window = options.imageSize() / stride;
    WindowGeometry geometry = new WindowGeometry();
    double[] rates =
        DropPath.linear(options.dropPath(), config.depths.stream().mapToInt(d -> d).sum());
    List<Stage> list = new ArrayList<>();
    int block = 0;
    for (int s = 0; s <= last; s++) {
      List<Block> blocks = new ArrayList<>();
      for (int b = 0; b < config.depths.get(s); b++) {
        boolean shifted = b % 2 == 1;
        int width = config.width << s;
        blocks.add(new Block(width, config.heads << s, window, shifted, geometry, rates[block++]));
      }
      list.add(new Stage(blocks, s < last ? new PatchMerging(config.width << s) : null));
    }
    this.stages = children("layers", list);
    this.norm = child("norm", new LayerNorm((long) config.width << last, EPS));
    this.head = child("head", new Linear((long) config.width << last, options.classes()));
    Initialisation.linearTruncatedNormal(this);
  }

  /** The named variants. */
  static List<Variant> variants() {
    return List.of(
        imagenet("tiny", new Config(4, 96, 3, List.of(2, 2, 6, 2)), 0.2),
        imagenet("small", new Config(4, 96, 3, List.of(2, 2, 18, 2)), 0.3),
        imagenet("base", new Config(4, 128, 4, List.of(2, 2, 18, 2)), 0.5),
        imagenet("large", new Config(4, 192, 6, List.of(2, 2, 18, 2)), 0.2),
        new Variant(
            "swin_tiny_cifar",
            "Swin",
            List.of(),
            new Variant.Published(32, 0.1),
            ImageSizes.multiplesOf(8),
            o -> new Swin(o, new Config(2, 64, 2, List.of(2, 6, 2)))));
  }

  private static Variant imagenet(String size, Config config, double dropPath) {
    return new Variant(
        "swin_" + size,
        "Swin",
        List.of("swin_" + size + "_patch4_window7"),
        new Variant.Published(224, dropPath),
        ImageSizes.multiplesOf(config.stride()),
        o -> new Swin(o, config));
  }

  @Override
  public Tensor forwardMap(Tensor images) {
    long window = images.size(2) / stride;
    Tensor x = patchEmbed.forward(images);
    for (Stage stage : stages) {
      Tensor y = stage.forward(x, window);
      x.close();
      x = y;
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

  @Override
  public Tensor forwardHead(Tensor features) {
    return head.forward(features);
  }

  @Override
  protected String classifierName() {
    return "head";
  }

  /** The merging of patches closes a stage in the official code and opens the next in timm. */
  @Override
  public String timmName(String name) {
    return MERGING
        .matcher(TimmNames.topped(name, null))
        .replaceFirst(m -> "layers." + (Integer.parseInt(m.group(1)) + 1) + ".downsample.");
  }

  @Override
  protected boolean isTable(String name) {
    return name.endsWith("relative_position_bias_table");
  }

  @Override
  protected boolean isDerived(String name) {
    return name.endsWith("relative_position_index") || name.endsWith("attn_mask");
  }

  @Override
  protected List<List<String>> layers() {
    List<List<String>> layers = new ArrayList<>();
    layers.add(List.of("patch_embed"));
    for (int s = 0; s < stages.size(); s++) {
      int depth = stages.get(s).blocks.size();
      for (int b = 0; b < depth; b++) {
        String block = "layers." + s + ".blocks." + b;
        String merging = "layers." + s + ".downsample";
        layers.add(b < depth - 1 ? List.of(block) : List.of(block, merging));
      }
    }
    return layers;
  }

  /** (N, 3, S, S) to a map (N, H, H, C) of patches. */
  private static final class PatchEmbedding extends Layer {
    private final Conv2d proj;
    private final LayerNorm norm;

    PatchEmbedding(int patch, int width) {
      this.proj = child("proj", new Conv2d(3, width, patch, patch, 0));
      this.norm = child("norm", new LayerNorm(width, EPS));
    }

    @Override
    public Tensor forward(Tensor images) {
      try (Scope scope = Scope.open()) {
        // Channels last, the convolution's result is the map as it stands.
        Tensor map = proj.forward(images.channelsLast()).permute(0, 2, 3, 1);
        return scope.keep(norm.forward(map));
      }
    }
  }

  /** Blocks at one resolution, then the step to the next. */
  private static final class Stage extends Module {
    private final List<Block> blocks;

    /** Null in the last stage. */
    private final PatchMerging downsample;

    Stage(List<Block> blocks, PatchMerging downsample) {
      this.blocks = children("blocks", blocks);
      this.downsample = child("downsample", downsample);
    }

    Tensor forward(Tensor input, long window) {
      Tensor x = input;
      for (Block block : blocks) {
        Tensor y = block.forward(x, window);
        if (x != input) {
          x.close();
        }
        x = y;
      }
      if (downsample == null) {
        return x;
      }
      Tensor merged = downsample.forward(x);
      x.close();
      return merged;
    }
  }

  /** Joins each 2x2 group of tokens: (N, H, H, C) to (N, H/2, H/2, 2C). */
  private static final class PatchMerging extends Layer {
    private final Linear reduction;
    private final LayerNorm norm;

    PatchMerging(int width) {
      this.reduction = child("reduction", new Linear(4L * width, 2L * width, false));
      this.norm = child("norm", new LayerNorm(4L * width, EPS));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        long side = x.size(1) / 2;
        long width = x.size(3);
        // The published weights expect a group's tokens column by column.
        Tensor groups =
            x.view(-1, side, 2, side, 2, width)
                .permute(0, 1, 3, 4, 2, 5)
                .reshape(-1, side, side, 4 * width);
        return scope.keep(reduction.forward(norm.forward(groups)));
      }
    }
  }

  /** Attention within windows and a perceptron, each behind a norm and around a shortcut. */
  private static final class Block extends Module {
    private final boolean shifted;
    private final LayerNorm norm1;
    private final WindowAttention attn;
    private final LayerNorm norm2;
    private final Mlp mlp;
    private final DropPath dropPath;

    Block(int width, int heads, int window, boolean shifted, WindowGeometry geometry, double rate) {
      this.shifted = shifted;
      this.norm1 = child("norm1", new LayerNorm(width, EPS));
      this.attn = child("attn", new WindowAttention(width, heads, window, geometry));
      this.norm2 = child("norm2", new LayerNorm(width, EPS));
      this.mlp = child("mlp", new Mlp(width, 4 * width));
      this.dropPath = child("drop_path", new DropPath(rate));
    }

    Tensor forward(Tensor x, long window) {
      try (Scope scope = Scope.open()) {
        // A map of one window has nothing to shift.
        long shift = shifted && x.size(1) > window ? window / 2 : 0;
        Tensor y = dropPath.add(x, t -> attn.forward(norm1.forward(t), window, shift));
        return scope.keep(dropPath.add(y, t -> mlp.forward(norm2.forward(t))));
      }
    }
  }

  /** Self-attention within windows, with a learned bias for each relative position. */
  private static final class WindowAttention extends Module {
    private final long heads;
    private final WindowGeometry geometry;
    private final Tensor table;
    private final Linear qkv;
    private final Linear proj;

    WindowAttention(int width, int heads, long window, WindowGeometry geometry) {
      this.heads = heads;
      this.geometry = geometry;
      long positions = (2 * window - 1) * (2 * window - 1);
      this.table = parameter("relative_position_bias_table", Tensors.zeros(positions, heads));
      this.qkv = child("qkv", new Linear(width, 3L * width));
      this.proj = child("proj", new Linear(width, width));
      Init.truncatedNormal(table, Initialisation.STD);
    }

    /** (N, H, H, C) to the same. */
    Tensor forward(Tensor x, long window, long shift) {
      try (Scope scope = Scope.open()) {
        Tensor y = shift == 0 ? x : roll(x, -shift);
        y = proj.forward(attend(qkv.forward(y), bias(x, window, shift), window));
        return scope.keep(shift == 0 ? y : roll(y, shift));
      }
    }

    private static Tensor roll(Tensor map, long by) {
      return map.roll(new long[] {by, by}, new long[] {1, 2});
    }

    /** Attention of every window: (N, H, H, 3C) to (N, H, H, C). */
    private Tensor attend(Tensor qkv, Tensor bias, long window) {
      long side = qkv.size(1);
      long across = side / window;
      long width = qkv.size(3) / 3;
      long headWidth = width / heads;
      long tokens = window * window;
      // A bias of each window takes the windows for further heads.
      long biases = bias.size(0) * heads;
      // Cutting the map into windows and heads is one copy of all three, here and on the way back.
      List<Tensor> parts =
          qkv.view(-1, across, window, across, window, 3, heads, headWidth).unbind(5).stream()
              .map(t -> t.permute(0, 1, 3, 5, 2, 4, 6).reshape(-1, biases, tokens, headWidth))
              .toList();
      return Functional.scaledDotProductAttention(
              parts.get(0),
              parts.get(1),
              parts.get(2),
              bias.view(1, biases, tokens, tokens),
              Double.NaN)
          .view(-1, across, across, heads, window, window, headWidth)
          .permute(0, 1, 4, 2, 5, 3, 6)
          .reshape(-1, side, side, width);
    }

    /** What is added to the scores: (1 or windows, h, w*w, w*w). */
    private Tensor bias(Tensor map, long window, long shift) {
      long tokens = window * window;
      Tensor index = geometry.relativePositions(window, table.device());
      Tensor bias =
          PositionTables.resizeRelative(table, window, Resize.Kernel.BILINEAR)
              .indexSelect(0, index)
              .view(tokens, tokens, heads)
              .permute(2, 0, 1)
              .contiguous()
              .unsqueeze(0);
      return shift == 0
          ? bias
          : bias.add(geometry.mask(map.size(1), window, shift, table.device()));
    }
  }
}
