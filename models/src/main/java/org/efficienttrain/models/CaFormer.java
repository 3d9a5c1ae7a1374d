package org.efficienttrain.models;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.Conv2d.Window;
import org.efficienttrain.tensor.nn.DropPath;
import org.efficienttrain.tensor.nn.Dropout;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.LayerNorm;
import org.efficienttrain.tensor.nn.Linear;
import org.efficienttrain.tensor.nn.Module;

/**
 * CAFormer: "MetaFormer Baselines for Vision" (Yu et al., TPAMI 2024); repository
 * sail-sg/metaformer (Apache-2.0).
 *
 * <p>Separable convolutions mix the tokens in the first two stages, attention in the others. No
 * position tables. Shapes: N images, maps (N, H, W, C) with the channels last.
 */
public final class CaFormer extends Backbone {
  private static final double EPS = 1e-6;

  /** Of the norm inside the head. */
  private static final double HEAD_EPS = 1e-5;

  private static final int HEAD_WIDTH = 32;

  private static final Pattern BLOCK = Pattern.compile("stages\\.(\\d+)\\.");

  /** One stage. */
  private record StageConfig(int depth, int width, boolean attention) {}

  /** What tells the variants apart; every stage after the first halves the map's side. */
  private record Config(int stemKernel, int stemStride, int stemPadding, List<StageConfig> stages) {
    int stride() {
      return stemStride << (stages.size() - 1);
    }
  }

  private final List<Downsampling> downsamplings;
  private final List<Stage> stages;
  private final LayerNorm norm;
  private final MlpHead head;

  private CaFormer(BackboneOptions options, Config config) {
    super(options);
    List<Downsampling> steps = new ArrayList<>();
    List<Stage> list = new ArrayList<>();
    int depth = config.stages.stream().mapToInt(StageConfig::depth).sum();
    double[] rates = DropPath.linear(options.dropPath(), depth);
    int block = 0;
    int in = 3;
    for (StageConfig c : config.stages) {
      steps.add(
          steps.isEmpty()
              ? Downsampling.stem(c.width, config.stemKernel, config.stemStride, config.stemPadding)
              : Downsampling.between(in, c.width));
      List<Block> blocks = new ArrayList<>();
      for (int b = 0; b < c.depth; b++) {
        blocks.add(new Block(c.width, c.attention, rates[block++]));
      }
      list.add(new Stage(blocks));
      in = c.width;
    }
    this.downsamplings = children("downsample_layers", steps);
    this.stages = children("stages", list);
    this.norm = child("norm", new LayerNorm(in, EPS));
    this.head = child("head", new MlpHead(in, options.classes(), options.headDropout()));
    Initialisation.truncatedNormal(this);
  }

  /** The named variants. */
  static List<Variant> variants() {
    Config cifar =
        new Config(
            3,
            1,
            1,
            List.of(
                new StageConfig(2, 32, false),
                new StageConfig(2, 64, false),
                new StageConfig(6, 160, true),
                new StageConfig(2, 256, true)));
    return List.of(
        imagenet("s18", 0.15, 0, List.of(3, 3, 9, 3), List.of(64, 128, 320, 512)),
        imagenet("s36", 0.3, 0.4, List.of(3, 12, 18, 3), List.of(64, 128, 320, 512)),
        imagenet("m36", 0.4, 0.4, List.of(3, 12, 18, 3), List.of(96, 192, 384, 576)),
        imagenet("b36", 0.6, 0.5, List.of(3, 12, 18, 3), List.of(128, 256, 512, 768)),
        new Variant(
            "caformer_s18_cifar",
            "CAFormer",
            List.of(),
            new Variant.Published(32, 0.1),
            ImageSizes.multiplesOf(cifar.stride()),
            o -> new CaFormer(o, cifar)));
  }

  private static Variant imagenet(
      String size,
      double dropPath,
      double headDropout,
      List<Integer> depths,
      List<Integer> widths) {
    List<StageConfig> stages = new ArrayList<>();
    for (int s = 0; s < depths.size(); s++) {
      stages.add(new StageConfig(depths.get(s), widths.get(s), s >= 2));
    }
    Config config = new Config(7, 4, 2, stages);
    return new Variant(
        "caformer_" + size,
        "CAFormer",
        List.of(),
        new Variant.Published(224, dropPath, headDropout, Variant.Usual.ADAMW),
        ImageSizes.multiplesOf(config.stride()),
        o -> new CaFormer(o, config));
  }

  @Override
  public Tensor forwardMap(Tensor images) {
    Tensor x = images;
    for (int s = 0; s < stages.size(); s++) {
      Tensor input = downsamplings.get(s).forward(x);
      x = Layer.chain(input, stages.get(s).blocks);
      input.close();
    }
    return x;
  }

  @Override
  public Tensor forwardGather(Tensor map) {
    return norm.forward(map.mean(new long[] {1, 2}, false));
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
    return "head.fc2";
  }

  @Override
  public String timmName(String name) {
    return TimmNames.stages(TimmNames.topped(name, "head."))
        .replace("stem.post_norm.", "stem.norm.")
        .replace(".downsample.pre_norm.", ".downsample.norm.");
  }

  /** In timm the linear layers of blocks without attention are convolutions with a 1x1 kernel. */
  @Override
  protected long[] timmShape(String name, long[] shape) {
    Matcher block = BLOCK.matcher(name);
    boolean convolution =
        shape.length == 2
            && block.lookingAt()
            && !stages.get(Integer.parseInt(block.group(1))).attention();
    return convolution ? new long[] {shape[0], shape[1], 1, 1} : shape;
  }

  @Override
  protected List<List<String>> layers() {
    List<List<String>> layers = new ArrayList<>();
    for (int s = 0; s < stages.size(); s++) {
      layers.add(List.of("downsample_layers." + s));
      for (int b = 0; b < stages.get(s).blocks.size(); b++) {
        layers.add(List.of("stages." + s + "." + b));
      }
    }
    return layers;
  }

  /** A convolution to a smaller map, with a norm before it or, in the stem, after it. */
  private static final class Downsampling extends Layer {
    private final LayerNorm preNorm;
    private final Conv2d conv;
    private final LayerNorm postNorm;

    private Downsampling(LayerNorm preNorm, Conv2d conv, LayerNorm postNorm) {
      this.preNorm = child("pre_norm", preNorm);
      this.conv = child("conv", conv);
      this.postNorm = child("post_norm", postNorm);
    }

    /** (N, 3, S, S) to (N, H, H, C). */
    static Downsampling stem(int width, int kernel, int stride, int padding) {
      Conv2d conv = new Conv2d(3, width, kernel, stride, padding);
      return new Downsampling(null, conv, new LayerNorm(width, EPS, false));
    }

    /** (N, H, H, C) to (N, H/2, H/2, C'). */
    static Downsampling between(int in, int out) {
      return new Downsampling(new LayerNorm(in, EPS, false), new Conv2d(in, out, 3, 2, 1), null);
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor input = preNorm == null ? x.channelsLast() : preNorm.forward(x).permute(0, 3, 1, 2);
        Tensor map = conv.forward(input).permute(0, 2, 3, 1);
        return scope.keep(postNorm == null ? map : postNorm.forward(map));
      }
    }
  }

  /** The blocks of one resolution. */
  private static final class Stage extends Module {
    private final List<Block> blocks;

    Stage(List<Block> blocks) {
      this.blocks = blocks;
      for (int b = 0; b < blocks.size(); b++) {
        child(String.valueOf(b), blocks.get(b));
      }
    }

    boolean attention() {
      return blocks.get(0).tokenMixer instanceof Attention;
    }
  }

  /** A token mixer and a perceptron, each behind a norm and around a shortcut. */
  private static final class Block extends Layer {
    private final LayerNorm norm1;
    private final Layer tokenMixer;
    private final Scale resScale1;
    private final LayerNorm norm2;
    private final StarMlp mlp;
    private final Scale resScale2;
    private final DropPath dropPath;

    Block(int width, boolean attention, double rate) {
      this.norm1 = child("norm1", new LayerNorm(width, EPS, false));
      this.tokenMixer =
          child("token_mixer", attention ? new Attention(width) : new SeparableConv(width));
      // The later half of the network also scales its shortcuts.
      this.resScale1 = child("res_scale1", attention ? new Scale(width) : null);
      this.norm2 = child("norm2", new LayerNorm(width, EPS, false));
      this.mlp = child("mlp", new StarMlp(width));
      this.resScale2 = child("res_scale2", attention ? new Scale(width) : null);
      this.dropPath = child("drop_path", new DropPath(rate));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor y = dropPath.add(scaled(resScale1, x), x, t -> tokenMixer.forward(norm1.forward(t)));
        return scope.keep(
            dropPath.add(scaled(resScale2, y), y, t -> mlp.forward(norm2.forward(t))));
      }
    }

    private static Tensor scaled(Scale scale, Tensor shortcut) {
      return scale == null ? shortcut : shortcut.mul(scale.scale);
    }
  }

  /** A factor for each channel. */
  private static final class Scale extends Module {
    private final Tensor scale;

    Scale(int width) {
      this.scale = parameter("scale", Tensors.ones(width));
    }
  }

  /** scale * relu(x)^2 + bias, with two learned numbers. */
  private static final class StarRelu extends Layer {
    private final Tensor scale;
    private final Tensor bias;

    StarRelu() {
      this.scale = parameter("scale", Tensors.ones(1));
      this.bias = parameter("bias", Tensors.zeros(1));
    }

    @Override
    public Tensor forward(Tensor x) {
      // Without a dimension of their own the two take x's type under autocast.
      return bias.select(0, 0).addcmul(x.relu().square(), scale.select(0, 0));
    }

    /** The layer after this activation applied to it, without a pass over the data for the two. */
    Tensor forward(Tensor x, Linear next) {
      Tensor shift = next.weight.sum(new long[] {1}, false).mul(bias);
      return Functional.linear(x.relu().square(), next.weight.mul(scale), shift);
    }
  }

  /** Inverted separable convolution (Sandler et al. 2018) as a token mixer. */
  private static final class SeparableConv extends Layer {
    private final Linear pwconv1;
    private final StarRelu act1;
    private final Conv2d dwconv;
    private final Linear pwconv2;

    SeparableConv(int width) {
      int inner = 2 * width;
      this.pwconv1 = child("pwconv1", new Linear(width, inner, false));
      this.act1 = child("act1", new StarRelu());
      this.dwconv = child("dwconv", new Conv2d(inner, inner, new Window(7, 1, 3), inner, false));
      this.pwconv2 = child("pwconv2", new Linear(inner, width, false));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor active = act1.forward(pwconv1.forward(x));
        Tensor mixed = dwconv.forward(active.permute(0, 3, 1, 2)).permute(0, 2, 3, 1);
        return scope.keep(pwconv2.forward(mixed));
      }
    }
  }

  /** Self-attention over the whole map, without biases. */
  private static final class Attention extends Layer {
    private final Linear qkv;
    private final Linear proj;

    Attention(int width) {
      this.qkv = child("qkv", new Linear(width, 3L * width, false));
      this.proj = child("proj", new Linear(width, width, false));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        long tokens = x.size(1) * x.size(2);
        long heads = x.size(3) / HEAD_WIDTH;
        List<Tensor> parts =
            qkv.forward(x).view(-1, tokens, 3, heads, HEAD_WIDTH).unbind(2).stream()
                .map(t -> t.transpose(1, 2))
                .toList();
        Tensor mixed =
            Functional.scaledDotProductAttention(
                parts.get(0), parts.get(1), parts.get(2), null, Double.NaN);
        return scope.keep(proj.forward(mixed.transpose(1, 2).reshape(x.shape())));
      }
    }
  }

  /** The perceptron of a block, with StarReLU and without biases. */
  private static final class StarMlp extends Layer {
    private final Linear fc1;
    private final StarRelu act;
    private final Linear fc2;

    StarMlp(int width) {
      this.fc1 = child("fc1", new Linear(width, 4L * width, false));
      this.act = child("act", new StarRelu());
      this.fc2 = child("fc2", new Linear(4L * width, width, false));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        return scope.keep(act.forward(fc1.forward(x), fc2));
      }
    }
  }

  /** The classifier: a perceptron with squared ReLU, a norm and dropout. */
  private static final class MlpHead extends Layer {
    private final Linear fc1;
    private final LayerNorm norm;
    private final Linear fc2;
    private final Dropout dropout;

    MlpHead(int width, int classes, double dropout) {
      this.fc1 = child("fc1", new Linear(width, 4L * width));
      this.norm = child("norm", new LayerNorm(4L * width, HEAD_EPS));
      this.fc2 = child("fc2", new Linear(4L * width, classes));
      this.dropout = child("head_dropout", new Dropout(dropout));
    }

    @Override
    public Tensor forward(Tensor features) {
      Tensor hidden = norm.forward(fc1.forward(features).relu().square());
      return fc2.forward(dropout.forward(hidden));
    }
  }
}
