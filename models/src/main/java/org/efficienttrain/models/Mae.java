package org.efficienttrain.models;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Resize;
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
 * in this module they live at the final image size and are resized in the forward pass: the
 * low-frequency crop of a smaller bandwidth shows the same scene, so a patch keeps its place in the
 * scene when the bandwidth changes. A network built for a size has the official table of that size.
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

  /**
   * What tells the variants apart.
   *
   * @param patch side of a patch, in pixels
   */
  record Config(
      int patch,
      int width,
      int depth,
      int heads,
      int decoderWidth,
      int decoderDepth,
      int decoderHeads) {}

  /**
   * What a forward pass gives.
   *
   * @param loss mean squared error over the hidden patches, a scalar
   * @param prediction (N, L, P*P*3): of each patch the pixels row by row, the colours of a pixel
   *     together; normalised by patch where the targets are
   * @param mask (N, L): 1 for hidden patches, 0 for visible ones
   */
  public record Output(Tensor loss, Tensor prediction, Tensor mask) {}

  private final MaeVariant variant;
  private final boolean normalisedTargets;
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

  Mae(MaeVariant variant, int imageSize, boolean normalisedTargets) {
    variant.sizes().check(variant.name(), imageSize);
    this.variant = variant;
    this.normalisedTargets = normalisedTargets;
    Config c = variant.config();
    int grid = imageSize / c.patch;
    this.classToken = parameter("cls_token", Tensors.zeros(1, 1, c.width));
    this.positions = buffer("pos_embed", sinCosTable(grid, c.width));
    this.maskToken = parameter("mask_token", Tensors.zeros(1, 1, c.decoderWidth));
    this.decoderPositions = buffer("decoder_pos_embed", sinCosTable(grid, c.decoderWidth));
    this.patchEmbed = child("patch_embed", new VisionTransformer.PatchEmbedding(c.patch, c.width));
    this.blocks = children("blocks", blocks(c.width, c.heads, c.depth));
    this.norm = child("norm", new LayerNorm(c.width, EPS));
    this.decoderEmbed = child("decoder_embed", new Linear(c.width, c.decoderWidth));
    this.decoderBlocks =
        children("decoder_blocks", blocks(c.decoderWidth, c.decoderHeads, c.decoderDepth));
    this.decoderNorm = child("decoder_norm", new LayerNorm(c.decoderWidth, EPS));
    this.decoderPred = child("decoder_pred", new Linear(c.decoderWidth, 3L * c.patch * c.patch));
    initialise();
  }

  private static List<VisionTransformer.Block> blocks(int width, int heads, int depth) {
    return Collections.nCopies(depth, 0.0).stream()
        .map(rate -> new VisionTransformer.Block(width, heads, rate))
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
   * The fixed table of positions: zeros for the class token, then for the patch in line y and
   * column x sin(x w), cos(x w), sin(y w), cos(y w), each for the frequencies w =
   * 10000^(-4k/width).
   *
   * @param grid patches a side
   * @param width channels, a multiple of 4
   * @return (1, 1 + grid*grid, width)
   */
  private static Tensor sinCosTable(int grid, int width) {
    int quarter = width / 4;
    float[] table = new float[(1 + grid * grid) * width];
    for (int patch = 0; patch < grid * grid; patch++) {
      int line = patch / grid;
      int column = patch % grid;
      int row = (1 + patch) * width;
      for (int k = 0; k < quarter; k++) {
        double frequency = Math.pow(10_000, -(double) k / quarter);
        double x = column * frequency;
        double y = line * frequency;
        table[row + k] = (float) Math.sin(x);
        table[row + quarter + k] = (float) Math.cos(x);
        table[row + 2 * quarter + k] = (float) Math.sin(y);
        table[row + 3 * quarter + k] = (float) Math.cos(y);
      }
    }
    Tensor out = Tensors.zeros(1, 1 + grid * grid, width);
    try (Tensor values = Tensors.of(table, out.shape())) {
      return out.copy_(values); // on the device where networks are being built
    }
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
      Tensor loss = loss(images, prediction, mask);
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

  /** Images and the (N, K) indices of visible patches to their tokens (N, 1 + K, C). */
  private Tensor encode(Tensor images, Tensor visible) {
    try (Scope scope = Scope.open()) {
      long grid = images.size(2) / variant.config().patch;
      Tensor table = PositionTables.resize(positions, 1, grid, Resize.Kernel.BICUBIC);
      Tensor patches = patchEmbed.forward(images).add(table.narrow(1, 1, grid * grid));
      Tensor token = classToken.add(table.narrow(1, 0, 1)).expand(images.size(0), -1, -1);
      Tensor tokens = Tensors.cat(List.of(token, rows(patches, visible)), 1);
      return scope.keep(norm.forward(Layer.chain(tokens, blocks)));
    }
  }

  /**
   * Predicts every patch from the visible ones.
   *
   * @param tokens (N, 1 + K, C)
   * @param rank (N, L): where each patch comes in the order, visible ones first
   * @return (N, L, P*P*3)
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
      Tensor table = PositionTables.resize(decoderPositions, 1, grid, Resize.Kernel.BICUBIC);
      Tensor x = Tensors.cat(List.of(seen.narrow(1, 0, 1), all), 1).add(table);
      Tensor decoded = decoderNorm.forward(Layer.chain(x, decoderBlocks));
      return scope.keep(decoderPred.forward(decoded.narrow(1, 1, patches)));
    }
  }

  /** Of (N, L, C) the rows that the (N, K) indices name: (N, K, C). */
  private static Tensor rows(Tensor tokens, Tensor indices) {
    return tokens.gather(1, indices.unsqueeze(-1).expand(-1, -1, tokens.size(2)));
  }

  private Tensor loss(Tensor images, Tensor prediction, Tensor mask) {
    try (Scope scope = Scope.open()) {
      Tensor target = targets(images);
      Tensor errors = prediction.sub(target).square().mean(new long[] {2}, false);
      return scope.keep(errors.mul(mask).sum().div(mask.sum()));
    }
  }

  /** What is to be predicted: (N, 3, S, S) to (N, L, P*P*3). */
  private Tensor targets(Tensor images) {
    long patch = variant.config().patch;
    long grid = images.size(2) / patch;
    Tensor pixels =
        images
            .reshape(images.size(0), 3, grid, patch, grid, patch)
            .permute(0, 2, 4, 3, 5, 1)
            .reshape(images.size(0), grid * grid, patch * patch * 3);
    if (!normalisedTargets) {
      return pixels;
    }
    long[] last = {2};
    Tensor centred = pixels.sub(pixels.mean(last, true));
    Tensor variance = centred.square().sum(last, true).div(pixels.size(2) - 1.0);
    return centred.div(variance.add(VARIANCE_EPS).sqrt());
  }
}
