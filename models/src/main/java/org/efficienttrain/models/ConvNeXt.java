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
import org.efficienttrain.tensor.nn.Init;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.LayerNorm;
import org.efficienttrain.tensor.nn.Linear;

/**
 * ConvNeXt: "A ConvNet for the 2020s" (Liu et al., CVPR 2022); repository facebookresearch/ConvNeXt
 * (MIT).
 *
 * <p>Activations lie in memory as N, H, W, C throughout, so that the permutations between
 * convolutions and linear layers are views. Shapes: N images, C channels, H x W pixels.
 */
public final class ConvNeXt extends Backbone {
  private static final double EPS = 1e-6;
  private static final double LAYER_SCALE = 1e-6;

  /** Blocks of the third stage that share a layer-wise learning rate, as in its fine-tuning. */
  private static final int BLOCKS_PER_LAYER = 3;

  /** What tells the variants apart; a small stem keeps the size, the usual one divides it by 4. */
  private record Config(boolean smallStem, List<Integer> depths, List<Integer> widths) {}

  private final Config config;

  /** Stem, blocks of stage 1, transition, blocks of stage 2, ... */
  private final List<Layer> sequence = new ArrayList<>();

  private final LayerNorm norm;
  private final Linear head;

  private ConvNeXt(BackboneOptions options, Config config) {
    super(options);
    this.config = config;
    List<Layer> transitions = children("downsample_layers", transitions(config));
    List<Stage> stages = children("stages", stages(config, options.dropPath()));
    for (int s = 0; s < stages.size(); s++) {
      sequence.add(transitions.get(s));
      sequence.addAll(stages.get(s).blocks);
    }
    int last = config.widths.get(config.widths.size() - 1);
    this.norm = child("norm", new LayerNorm(last, EPS));
    this.head = child("head", new Linear(last, options.classes()));
    Initialisation.truncatedNormal(this);
  }

  private static List<Layer> transitions(Config config) {
    List<Layer> out = new ArrayList<>();
    int first = config.widths.get(0);
    out.add(new Stem(config.smallStem ? new Conv2d(3, first, 3, 1, 1) : patches(3, first, 4)));
    for (int s = 1; s < config.widths.size(); s++) {
      out.add(new Downsample(config.widths.get(s - 1), config.widths.get(s)));
    }
    return out;
  }

  private static List<Stage> stages(Config config, double dropPath) {
    int depth = config.depths.stream().mapToInt(Integer::intValue).sum();
    double[] rates = DropPath.linear(dropPath, depth);
    List<Stage> out = new ArrayList<>();
    int first = 0;
    for (int s = 0; s < config.depths.size(); s++) {
      List<Block> blocks = new ArrayList<>();
      for (int b = 0; b < config.depths.get(s); b++) {
        blocks.add(new Block(config.widths.get(s), rates[first + b]));
      }
      first += blocks.size();
      out.add(new Stage(blocks));
    }
    return out;
  }

  /** The named variants. */
  static List<Variant> variants() {
    return List.of(
        imagenet("tiny", 0.1, 9, 96),
        imagenet("small", 0.4, 27, 96),
        imagenet("base", 0.5, 27, 128),
        imagenet("large", 0.5, 27, 192),
        variant(
            "convnext_tiny_cifar",
            32,
            8,
            0.1,
            new Config(true, List.of(2, 2, 6, 2), List.of(40, 80, 160, 320))));
  }

  private static Variant imagenet(String size, double dropPath, int depth, int width) {
    Config config =
        new Config(false, List.of(3, 3, depth, 3), List.of(width, 2 * width, 4 * width, 8 * width));
    return variant("convnext_" + size, 224, 32, dropPath, config);
  }

  private static Variant variant(
      String name, int imageSize, int stride, double dropPath, Config config) {
    return new Variant(
        name,
        "ConvNeXt",
        List.of(),
        new Variant.Published(imageSize, dropPath),
        ImageSizes.multiplesOf(stride),
        o -> new ConvNeXt(o, config));
  }

  @Override
  public Tensor forwardMap(Tensor images) {
    return Layer.chain(images.channelsLast(), sequence);
  }

  @Override
  public Tensor forwardGather(Tensor map) {
    return norm.forward(Functional.globalAvgPool(map));
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
  public String timmName(String name) {
    return TimmNames.stages(TimmNames.topped(name, "head."))
        .replace(".dwconv.", ".conv_dw.")
        .replace(".pwconv1.", ".mlp.fc1.")
        .replace(".pwconv2.", ".mlp.fc2.");
  }

  @Override
  protected List<List<String>> layers() {
    List<List<String>> layers = new ArrayList<>();
    layers.add(List.of("downsample_layers.0"));
    layers.add(List.of("stages.0"));
    layers.add(List.of("downsample_layers.1", "stages.1"));
    int third = config.depths.get(2);
    for (int first = 0; first < third; first += BLOCKS_PER_LAYER) {
      List<String> names = new ArrayList<>();
      if (first == 0) {
        names.add("downsample_layers.2");
      }
      for (int b = first; b < Math.min(third, first + BLOCKS_PER_LAYER); b++) {
        names.add("stages.2." + b);
      }
      layers.add(names);
    }
    layers.add(List.of("downsample_layers.3", "stages.3"));
    return layers;
  }

  /** A convolution of patches that do not overlap. */
  private static Conv2d patches(int in, int out, int side) {
    return new Conv2d(in, out, side, side, 0);
  }

  /** Layer normalisation over the channels of (N, C, H, W). */
  private static Tensor normChannels(LayerNorm norm, Tensor x) {
    return norm.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
  }

  /** Convolution and norm: (N, 3, S, S) to (N, C, H, W). */
  private static final class Stem extends Layer {
    private final Conv2d conv;
    private final LayerNorm norm;

    Stem(Conv2d conv) {
      this.conv = child("0", conv);
      this.norm = child("1", new LayerNorm(conv.weight.size(0), EPS));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        return scope.keep(normChannels(norm, conv.forward(x)));
      }
    }
  }

  /** Norm and a convolution that halves the sides: (N, Cin, H, W) to (N, Cout, H/2, W/2). */
  private static final class Downsample extends Layer {
    private final LayerNorm norm;
    private final Conv2d conv;

    Downsample(int in, int out) {
      this.norm = child("0", new LayerNorm(in, EPS));
      this.conv = child("1", patches(in, out, 2));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        return scope.keep(conv.forward(normChannels(norm, x)));
      }
    }
  }

  /** Blocks of one size, by number. */
  private static final class Stage extends Layer {
    private final List<Block> blocks;

    Stage(List<Block> blocks) {
      this.blocks = blocks;
      for (int i = 0; i < blocks.size(); i++) {
        child(String.valueOf(i), blocks.get(i));
      }
    }

    @Override
    public Tensor forward(Tensor x) {
      return Layer.chain(x, blocks);
    }
  }

  /** Depthwise convolution, norm and a two-layer network in each pixel, scaled and added. */
  private static final class Block extends Layer {
    private final Tensor gamma;
    private final Conv2d dwconv;
    private final LayerNorm norm;
    private final Linear pwconv1;
    private final Linear pwconv2;
    private final DropPath dropPath;

    Block(int width, double dropPath) {
      this.gamma = parameter("gamma", Init.constant(Tensors.zeros(width), LAYER_SCALE));
      this.dwconv = child("dwconv", new Conv2d(width, width, new Window(7, 1, 3), width, true));
      this.norm = child("norm", new LayerNorm(width, EPS));
      this.pwconv1 = child("pwconv1", new Linear(width, 4L * width));
      this.pwconv2 = child("pwconv2", new Linear(4L * width, width));
      this.dropPath = child("drop_path", new DropPath(dropPath));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor pixels = x.permute(0, 2, 3, 1); // N, H, W, C
        return scope.keep(dropPath.add(pixels, this::branch).permute(0, 3, 1, 2));
      }
    }

    private Tensor branch(Tensor pixels) {
      Tensor y = norm.forward(dwconv.forward(pixels.permute(0, 3, 1, 2)).permute(0, 2, 3, 1));
      return pwconv2.forward(Functional.gelu(pwconv1.forward(y))).mul(gamma);
    }
  }
}
