package org.efficienttrain.models;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.Init;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.LayerNorm;
import org.efficienttrain.tensor.nn.Linear;

/**
 * MAE: "Masked Autoencoders Are Scalable Vision Learners" (He et al., CVPR 2022); repository
 * facebookresearch/mae (CC BY-NC 4.0), from which names and numbers are taken, not code.
 *
 * <p>Most patches of an image are hidden; a ViT encodes the others, and a small decoder predicts
 * the pixels of the hidden ones. The encoder's parameters have the names of {@link
 * VisionTransformer}, so {@link PretrainedWeights} loads them into the one of the same shape.
 *
 * <p>The two sine-cosine tables of positions are not trained but belong to the state. As everywhere
 * in this module they live at the final image size; for others the waves are sampled at the places
 * that the patches have in the scene: the low-frequency crop of a smaller bandwidth shows the same
 * scene, so a patch keeps its place in the scene when the bandwidth changes. A network built for a
 * size has the official table of that size.
 *
 * <p>Shapes: N images, L = G*G patches of side P, K of them visible, C channels of the encoder, D
 * of the decoder.
 */
public final class Mae extends Network {
  /** The share of patches that the paper hides. */
  public static final double MASK_RATIO = 0.75;

  private static final double EPS = 1e-6;

  /** Keeps the normalisation of a patch of one colour finite. */
  private static final double VARIANCE_EPS = 1e-6;

  /** What the decoder predicts of a hidden patch. */
  public enum Target {
    /** Its pixels, of mean 0 and deviation 1 in each patch: the better ones in the paper. */
    PIXELS,
    /** Its pixels as the network gets them. */
    RAW,
    /** How much gradient lies in which direction, cell by cell: {@link Hog}. */
    HOG
  }

  /** A row of blocks. */
  record Trunk(int width, int depth, int heads) {}

  /**
   * What tells the variants apart.
   *
   * @param patch side of a patch, in pixels
   */
  record Config(int patch, Trunk encoder, Trunk decoder) {

    /** Cells of 8 pixels for patches of 16, as MaskFeat has them; a small patch is one cell. */
    Hog hog() {
      return new Hog(patch, patch % 2 == 0 && patch >= 8 ? patch / 2 : patch);
    }

    /** Values predicted per patch. */
    int targetSize(Target target) {
      return target == Target.HOG ? hog().size() : 3 * patch * patch;
    }
  }

  /**
   * What a forward pass gives.
   *
   * @param loss mean squared error over the hidden patches, a scalar
   * @param prediction (N, L, P*P*3): of each patch the pixels row by row, the colours of a pixel
   *     together; normalised by patch where the targets are. (N, L, {@link Hog#size}) of histograms
   * @param mask (N, L): 1 for hidden patches, 0 for visible ones
   */
  public record Output(Tensor loss, Tensor prediction, Tensor mask) {}

  private final MaeVariant variant;
  private final Target target;
  private final Tensor classToken;
  private final Tensor positions;
  private final Tensor maskToken;
  private final Tensor decoderPositions;
  private final VisionTransformer.PatchEmbedding patchEmbed;
  private final List<VisionTransformer.Block> blocks;
  private final LayerNorm norm;
  private final Linear decoderEmbed;
  private final List<VisionTransformer.Block> decoderBlocks;
  private final LayerNorm decoderNorm;
  private final Linear decoderPred;

  Mae(MaeVariant variant, int imageSize, Target target) {
    variant.sizes().check(variant.name(), imageSize);
    this.variant = variant;
    this.target = target;
    Config c = variant.config();
    int grid = imageSize / c.patch;
    this.classToken = parameter("cls_token", Tensors.zeros(1, 1, c.encoder.width));
    this.positions = buffer("pos_embed", table(grid, c.encoder.width));
    this.maskToken = parameter("mask_token", Tensors.zeros(1, 1, c.decoder.width));
    this.decoderPositions = buffer("decoder_pos_embed", table(grid, c.decoder.width));
    this.patchEmbed =
        child("patch_embed", new VisionTransformer.PatchEmbedding(c.patch, c.encoder.width));
    this.blocks = children("blocks", blocks(c.encoder));
    this.norm = child("norm", new LayerNorm(c.encoder.width, EPS));
    this.decoderEmbed = child("decoder_embed", new Linear(c.encoder.width, c.decoder.width));
    this.decoderBlocks = children("decoder_blocks", blocks(c.decoder));
    this.decoderNorm = child("decoder_norm", new LayerNorm(c.decoder.width, EPS));
    this.decoderPred = child("decoder_pred", new Linear(c.decoder.width, c.targetSize(target)));
    initialise();
  }

  private static List<VisionTransformer.Block> blocks(Trunk trunk) {
    return Collections.nCopies(trunk.depth, 0.0).stream()
        .map(rate -> new VisionTransformer.Block(trunk.width, trunk.heads, rate))
        .toList();
  }

  /** As the official code: its convolution counts as a linear layer, but keeps its bias. */
  private void initialise() {
    Init.normal(classToken, Initialisation.STD);
    Init.normal(maskToken, Initialisation.STD);
    try (Scope scope = Scope.open()) {
      apply(
          m -> {
            if (m instanceof Conv2d conv) {
              Init.xavierUniform(conv.weight.detach().flatten(1, 3));
            } else if (m instanceof Linear linear) {
              Init.xavierUniform(linear.weight);
              Init.constant(linear.bias, 0);
            }
          });
    }
  }

  /**
   * The fixed table of positions: zeros for the class token, then the waves of {@link
   * PositionTables#sinCos}.
   *
   * @return (1, 1 + grid*grid, width)
   */
  private static Tensor table(int grid, int width) {
    Tensor out = Tensors.zeros(1, 1 + (long) grid * grid, width);
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      // On the device where networks are being built.
      out.narrow(1, 1, (long) grid * grid).copy_(PositionTables.sinCos(width, grid, grid));
    }
    return out;
  }

  /** The rows of a table's patches for a grid of this side: (1, grid*grid, width). */
  private static Tensor places(Tensor table, long grid) {
    long patches = table.size(1) - 1;
    if (patches == grid * grid) {
      return table.narrow(1, 1, patches);
    }
    long finalGrid = Math.round(Math.sqrt((double) patches));
    return PositionTables.sinCos(table.size(2), finalGrid, grid)
        .to(table.device(), table.dtype(), false);
  }

  /** The size that it is. */
  public MaeVariant variant() {
    return variant;
  }

  @Override
  public String name() {
    return variant.name();
  }

  @Override
  public ImageSizes sizes() {
    return variant.sizes();
  }

  @Override
  protected List<List<String>> layers() {
    return List.of(); // pre-training has one learning rate
  }

  /** What it predicts. */
  public Target target() {
    return target;
  }

  /**
   * Hides patches that the seeded {@link org.efficienttrain.tensor.Generator} chooses, and predicts
   * them.
   *
   * @param images (N, 3, S, S), normalised; S any size that the patch divides
   * @param maskRatio share of the patches to hide, {@link #MASK_RATIO} in the paper
   * @throws TensorException if the images or the ratio do not fit
   */
  public Output forward(Tensor images, double maskRatio) {
    variant.sizes().checkImages(name(), images);
    long grid = images.size(2) / variant.config().patch;
    try (Tensor noise = Tensors.rand(images.size(0), grid * grid)) {
      return forward(images, maskRatio, noise);
    }
  }

  /**
   * The same with the patches of smallest noise visible.
   *
   * @param noise (N, L); of equal numbers the first is the smaller
   */
  public Output forward(Tensor images, double maskRatio, Tensor noise) {
    variant.sizes().checkImages(name(), images);
    long grid = images.size(2) / variant.config().patch;
    long visible = visible(grid * grid, maskRatio);
    if (!Arrays.equals(noise.shape(), new long[] {images.size(0), grid * grid})) {
      throw new TensorException(
          String.format(
              "the noise that orders the patches has to be (%d, %d), not %s",
              images.size(0), grid * grid, Arrays.toString(noise.shape())));
    }
    try (Scope scope = Scope.open()) {
      Tensor order = noise.to(images.device()).argsort(1, false);
      Tensor rank = order.argsort(1, false);
      Tensor tokens = encode(images, order.narrow(1, 0, visible));
      Tensor prediction = decode(tokens, rank);
      Tensor mask =
          rank.ge((double) visible).to(DType.FLOAT32); // counts exactly under autocast, too
      Tensor loss = loss(prediction, targets(images), mask);
      return new Output(scope.keep(loss), scope.keep(prediction), scope.keep(mask));
    }
  }

  /** Number of visible patches, rounded down as in the official code. */
  private static long visible(long patches, double maskRatio) {
    long visible = (long) ((double) patches * (1 - maskRatio));
    if (!(maskRatio > 0 && visible > 0 && visible < patches)) {
      throw new TensorException(
          String.format(
              "a mask ratio of %s of %d patches does not leave some hidden and some visible",
              maskRatio, patches));
    }
    return visible;
  }

  /**
   * What the encoder makes of whole images: its class token, with every patch visible.
   *
   * @param images (N, 3, S, S), normalised
   * @return (N, C)
   */
  public Tensor features(Tensor images) {
    variant.sizes().checkImages(name(), images);
    try (Scope scope = Scope.open()) {
      return scope.keep(encode(images, null).select(1, 0));
    }
  }

  /**
   * Images and the (N, K) indices of visible patches to their tokens (N, 1 + K, C).
   *
   * @param visible null for all in their order
   */
  private Tensor encode(Tensor images, Tensor visible) {
    try (Scope scope = Scope.open()) {
      long grid = images.size(2) / variant.config().patch;
      Tensor patches = patchEmbed.forward(images).add(places(positions, grid));
      Tensor seen = visible == null ? patches : rows(patches, visible);
      Tensor token = classToken.add(positions.narrow(1, 0, 1)).expand(images.size(0), -1, -1);
      Tensor tokens = Tensors.cat(List.of(token, seen), 1);
      return scope.keep(norm.forward(Layer.chain(tokens, blocks)));
    }
  }

  /**
   * Predicts every patch from the visible ones.
   *
   * @param tokens (N, 1 + K, C)
   * @param rank (N, L): where each patch comes in the order, visible ones first
   * @return (N, L, values per patch)
   */
  private Tensor decode(Tensor tokens, Tensor rank) {
    try (Scope scope = Scope.open()) {
      long images = tokens.size(0);
      long patches = rank.size(1);
      Tensor seen = decoderEmbed.forward(tokens);
      long visible = seen.size(1) - 1;
      Tensor hidden = maskToken.expand(images, patches - visible, -1);
      Tensor all = rows(Tensors.cat(List.of(seen.narrow(1, 1, visible), hidden), 1), rank);
      long grid = Math.round(Math.sqrt((double) patches));
      Tensor token = seen.narrow(1, 0, 1).add(decoderPositions.narrow(1, 0, 1));
      Tensor x = Tensors.cat(List.of(token, all.add(places(decoderPositions, grid))), 1);
      Tensor decoded = decoderNorm.forward(Layer.chain(x, decoderBlocks));
      return scope.keep(decoderPred.forward(decoded.narrow(1, 1, patches)));
    }
  }

  /** Of (N, L, C) the rows that the (N, K) indices name: (N, K, C). */
  private static Tensor rows(Tensor tokens, Tensor indices) {
    return tokens.gather(1, indices.unsqueeze(-1).expand(-1, -1, tokens.size(2)));
  }

  /** The mean squared error over the hidden patches; targets are in the type of the images. */
  static Tensor loss(Tensor prediction, Tensor targets, Tensor mask) {
    try (Scope scope = Scope.open()) {
      // Squares of short types would lose what a small error has.
      Tensor errors = prediction.to(targets.dtype()).sub(targets).square();
      Tensor perPatch = errors.mean(new long[] {2}, false);
      return scope.keep(perPatch.mul(mask).sum().div(mask.sum()));
    }
  }

  /** What is to be predicted, without a gradient: (N, 3, S, S) to (N, L, values per patch). */
  public Tensor targets(Tensor images) {
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      if (target == Target.HOG) {
        return scope.keep(variant.config().hog().targets(images));
      }
      Tensor pixels = patches(images);
      return scope.keep(
          target == Target.RAW ? pixels : pixels.sub(mean(pixels)).div(deviation(pixels)));
    }
  }

  /**
   * A prediction of pixels as images; one of normalised pixels takes mean and deviation from the
   * image itself, patch by patch, as the official demonstration does.
   *
   * @param images (N, 3, S, S), normalised
   * @param prediction (N, L, P*P*3)
   * @return (N, 3, S, S)
   * @throws TensorException if it predicts histograms
   */
  public Tensor picture(Tensor images, Tensor prediction) {
    if (target == Target.HOG) {
      throw new TensorException(name() + " predicts histograms of gradients, not pixels");
    }
    long patch = variant.config().patch;
    long side = images.size(2);
    long grid = side / patch;
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      Tensor pixels = patches(images);
      Tensor restored =
          target == Target.RAW ? prediction : prediction.mul(deviation(pixels)).add(mean(pixels));
      return scope.keep(
          restored
              .reshape(images.size(0), grid, grid, patch, patch, 3)
              .permute(0, 5, 1, 3, 2, 4)
              .reshape(images.size(0), 3, side, side));
    }
  }

  /** (N, 3, S, S) to (N, L, P*P*3). */
  private Tensor patches(Tensor images) {
    long patch = variant.config().patch;
    long grid = images.size(2) / patch;
    return images
        .reshape(images.size(0), 3, grid, patch, grid, patch)
        .permute(0, 2, 4, 3, 5, 1)
        .reshape(images.size(0), grid * grid, patch * patch * 3);
  }

  private static Tensor mean(Tensor patches) {
    return patches.mean(new long[] {2}, true);
  }

  private static Tensor deviation(Tensor patches) {
    Tensor squares = patches.sub(mean(patches)).square().sum(new long[] {2}, true);
    return squares.div(patches.size(2) - 1.0).add(VARIANCE_EPS).sqrt();
  }
}
