package org.efficienttrain.models;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.efficienttrain.models.Mae.Trunk;
import org.efficienttrain.tensor.DefaultDevice;
import org.efficienttrain.tensor.Device;

/**
 * One size of {@link Mae}. They are not among the {@link Backbones}: they have no classes, and take
 * and give other things.
 *
 * @param name the name by which {@link #find} finds it, such as {@code mae_vit_base}
 * @param aliases other names, the official repository's among them
 * @param imageSize the side of the training image, in pixels
 * @param backbone the registered backbone that its encoder's weights fit as they are, the class
 *     token read: to measure what it learned; empty if none
 * @param pooled the registered backbone to fine-tune it as, which reads the mean of the patches;
 *     empty if none
 * @param config widths and depths
 */
public record MaeVariant(
    String name,
    List<String> aliases,
    int imageSize,
    Optional<String> backbone,
    Optional<String> pooled,
    Mae.Config config) {

  private static final List<MaeVariant> ALL =
      List.of(
          imagenet(
              "tiny", "deit_tiny", new Mae.Config(16, new Trunk(192, 12, 3), new Trunk(128, 2, 4))),
          imagenet(
              "base",
              "deit_base",
              new Mae.Config(16, new Trunk(768, 12, 12), new Trunk(512, 8, 16))),
          imagenet(
              "large",
              "deit_large",
              new Mae.Config(16, new Trunk(1024, 24, 16), new Trunk(512, 8, 16))),
          imagenet(
              "huge", null, new Mae.Config(14, new Trunk(1280, 32, 16), new Trunk(512, 8, 16))),
          cifar("tiny", new Mae.Config(4, new Trunk(192, 12, 3), new Trunk(128, 2, 4))),
          cifar("mini", new Mae.Config(4, new Trunk(96, 4, 3), new Trunk(64, 1, 2))));

  private static MaeVariant imagenet(String size, String backbone, Mae.Config config) {
    String name = "mae_vit_" + size;
    String patch = name + "_patch" + config.patch();
    return new MaeVariant(
        name,
        List.of(
            patch,
            patch + "_dec" + config.decoder().width() + "d" + config.decoder().depth() + "b"),
        224,
        Optional.ofNullable(backbone),
        Optional.ofNullable(backbone).map(b -> "vit_" + size + "_gap"),
        config);
  }

  private static MaeVariant cifar(String size, Mae.Config config) {
    return new MaeVariant(
        "mae_vit_" + size + "_cifar",
        List.of(),
        32,
        Optional.of("deit_" + size + "_cifar"),
        Optional.of("vit_" + size + "_gap_cifar"),
        config);
  }

  /** The sides it runs at: from two patches on, so that one in four can be visible. */
  public ImageSizes sizes() {
    return new ImageSizes(config.patch(), 2 * config.patch());
  }

  /** The histograms of gradients that it can predict. */
  public Hog hog() {
    return config.hog();
  }

  /** All sizes, the smallest first, those for small images last. */
  public static List<MaeVariant> all() {
    return ALL;
  }

  /** Finds a size by its name or an alias. */
  public static Optional<MaeVariant> find(String name) {
    String plain = name.strip().toLowerCase(Locale.ROOT);
    return ALL.stream().filter(v -> v.name.equals(plain) || v.aliases.contains(plain)).findFirst();
  }

  /**
   * Builds the network with freshly initialised weights, outside any scope.
   *
   * @param imageSize the final side of the images, in pixels: the size at which tables of positions
   *     live; the network runs at every other size that fits, too
   * @param target what it predicts; {@link Mae.Target#PIXELS} is the official {@code norm_pix_loss}
   * @throws org.efficienttrain.tensor.TensorException if the size does not fit, with those that do
   */
  public Mae build(int imageSize, Mae.Target target) {
    return new Mae(this, imageSize, target);
  }

  /** Builds the network for its own size from shapes without data. Close it after use. */
  public Mae buildShapes() {
    try (DefaultDevice meta = DefaultDevice.open(Device.META)) {
      return build(imageSize, Mae.Target.PIXELS);
    }
  }

  /** One sentence for who asks for it where a backbone is wanted. */
  String noBackbone() {
    return String.format(
        "%s is a masked autoencoder without classes: 'et pretrain' trains it%s",
        name,
        pooled
            .map(
                b ->
                    ", 'et evaluate --knn 20' measures its encoder, and 'et finetune' goes on from"
                        + " it as "
                        + b)
            .orElse(""));
  }
}
