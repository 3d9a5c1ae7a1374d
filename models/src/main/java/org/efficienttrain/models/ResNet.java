package org.efficienttrain.models;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.nn.BatchNorm2d;
import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.Conv2d.Window;
import org.efficienttrain.tensor.nn.DropPath;
import org.efficienttrain.tensor.nn.Init;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.Linear;

/**
 * ResNet: "Deep Residual Learning for Image Recognition" (He et al., CVPR 2016), in the form of
 * torchvision (BSD-3-Clause; the stride of a bottleneck is in its 3x3 convolution).
 *
 * <p>The forms for small images have a 3x3 stem of stride 1 without pooling; {@code resnet20_cifar}
 * is the paper's own (section 4.2) with 1x1 shortcuts. Shapes: N images, C channels, H x W pixels.
 */
public final class ResNet extends Backbone {
  /** Two 3x3 convolutions, or a 3x3 one between two 1x1 ones that narrow and widen by 4. */
  private enum Block {
    BASIC(1),
    BOTTLENECK(4);

    private final int expansion;

    Block(int expansion) {
      this.expansion = expansion;
    }
  }

  /** What tells the variants apart; {@code widths} are those of the 3x3 convolutions. */
  private record Config(
      boolean smallStem, Block block, List<Integer> depths, List<Integer> widths) {}

  private static final Variant.Usual SGD = new Variant.Usual(true, 1, 5e-4);

  private static final List<Integer> WIDTHS = List.of(64, 128, 256, 512);

  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final boolean pooled;
  private final List<Residual> blocks = new ArrayList<>();
  private final List<Integer> depths;
  private final Linear fc;

  private ResNet(BackboneOptions options, Config config) {
    super(options);
    int in = config.widths.get(0);
    this.conv1 =
        child(
            "conv1",
            config.smallStem
                ? new Conv2d(3, in, new Window(3, 1, 1), 1, false)
                : new Conv2d(3, in, new Window(7, 2, 3), 1, false));
    this.bn1 = child("bn1", new BatchNorm2d(in));
    this.pooled = !config.smallStem;
    this.depths = config.depths;
    double[] rates = DropPath.linear(options.dropPath(), depths.stream().mapToInt(d -> d).sum());
    for (int s = 0; s < depths.size(); s++) {
      List<Residual> stage = new ArrayList<>();
      for (int b = 0; b < depths.get(s); b++) {
        int stride = s > 0 && b == 0 ? 2 : 1;
        stage.add(
            new Residual(config.block, in, config.widths.get(s), stride, rates[blocks.size() + b]));
        in = config.widths.get(s) * config.block.expansion;
      }
      blocks.addAll(children("layer" + (s + 1), stage));
    }
    this.fc = child("fc", new Linear(in, options.classes()));
    apply(
        m -> {
          if (m instanceof Conv2d conv) {
            Init.kaimingNormalFanOut(conv.weight, 1);
          }
        });
  }

  /** The named variants. */
  static List<Variant> variants() {
    return List.of(
        imagenet("resnet18", Block.BASIC, 2, 2, 2, 2),
        imagenet("resnet34", Block.BASIC, 3, 4, 6, 3),
        imagenet("resnet50", Block.BOTTLENECK, 3, 4, 6, 3),
        imagenet("resnet101", Block.BOTTLENECK, 3, 4, 23, 3),
        imagenet("resnet152", Block.BOTTLENECK, 3, 8, 36, 3),
        small("resnet8", 48, List.of(1, 1, 1), List.of(16, 32, 96)), // the quickstart's
        small("resnet20_cifar", 32, List.of(3, 3, 3), List.of(16, 32, 64)),
        small("resnet18_cifar", 32, List.of(2, 2, 2, 2), WIDTHS));
  }

  private static Variant imagenet(String name, Block block, Integer... depths) {
    Config config = new Config(false, block, List.of(depths), WIDTHS);
    return new Variant(
        name,
        "ResNet",
        List.of(),
        new Variant.Published(224, 0).with(SGD),
        new ImageSizes(1, 32),
        o -> new ResNet(o, config));
  }

  private static Variant small(String name, int side, List<Integer> depths, List<Integer> widths) {
    Config config = new Config(true, Block.BASIC, depths, widths);
    return new Variant(
        name,
        "ResNet",
        List.of(),
        new Variant.Published(side, 0).with(SGD),
        new ImageSizes(1, 8),
        o -> new ResNet(o, config));
  }

  @Override
  public Tensor forwardMap(Tensor images) {
    return Layer.chain(stem(images.channelsLast()), blocks);
  }

  @Override
  public Tensor forwardGather(Tensor map) {
    return Functional.globalAvgPool(map);
  }

  private Tensor stem(Tensor images) {
    try (Scope scope = Scope.open()) {
      Tensor x = Functional.reluInPlace(bn1.forward(conv1.forward(images)));
      return scope.keep(pooled ? Functional.maxPool2d(x, 3, 2, 1) : x);
    }
  }

  @Override
  public Tensor forwardHead(Tensor features) {
    return fc.forward(features);
  }

  @Override
  protected String classifierName() {
    return "fc";
  }

  @Override
  protected boolean isDerived(String name) {
    return name.endsWith("num_batches_tracked");
  }

  @Override
  protected List<List<String>> layers() {
    List<List<String>> layers = new ArrayList<>();
    layers.add(List.of("conv1", "bn1"));
    for (int s = 0; s < depths.size(); s++) {
      for (int b = 0; b < depths.get(s); b++) {
        layers.add(List.of("layer" + (s + 1) + "." + b));
      }
    }
    return layers;
  }

  /** A block: its branch plus its input, brought to the branch's shape where that differs. */
  private static final class Residual extends Layer {
    private final List<Conv2d> convs = new ArrayList<>();
    private final List<BatchNorm2d> norms = new ArrayList<>();
    private final List<Layer> downsample;
    private final DropPath dropPath;

    Residual(Block block, int in, int width, int stride, double dropPath) {
      int out = width * block.expansion;
      if (block == Block.BASIC) {
        add(new Conv2d(in, width, new Window(3, stride, 1), 1, false), width);
        add(new Conv2d(width, width, new Window(3, 1, 1), 1, false), width);
      } else {
        add(new Conv2d(in, width, new Window(1, 1, 0), 1, false), width);
        add(new Conv2d(width, width, new Window(3, stride, 1), 1, false), width);
        add(new Conv2d(width, out, new Window(1, 1, 0), 1, false), out);
      }
      this.downsample =
          stride == 1 && in == out
              ? List.of()
              : children(
                  "downsample",
                  List.of(
                      new Conv2d(in, out, new Window(1, stride, 0), 1, false),
                      new BatchNorm2d(out)));
      this.dropPath = new DropPath(dropPath);
      child("drop_path", this.dropPath);
    }

    private void add(Conv2d conv, int channels) {
      convs.add(child("conv" + (convs.size() + 1), conv));
      norms.add(child("bn" + convs.size(), new BatchNorm2d(channels)));
    }

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor y = x;
        for (int i = 0; i < convs.size(); i++) {
          y = norms.get(i).forward(convs.get(i).forward(y));
          if (i < convs.size() - 1) {
            y = Functional.reluInPlace(y);
          }
        }
        Tensor sum = Functional.addInPlace(dropPath.forward(y), Layer.chain(x, downsample));
        return scope.keep(Functional.reluInPlace(sum));
      }
    }
  }
}
