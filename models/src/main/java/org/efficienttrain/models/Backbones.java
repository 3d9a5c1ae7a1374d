package org.efficienttrain.models;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.efficienttrain.curriculum.Nearest;
import org.efficienttrain.tensor.TensorException;

/** The registry: every network by its name. */
public final class Backbones {
  /** Every variant by its name; a new family adds one line here. */
  private static final Map<String, Variant> VARIANTS =
      index(
          List.of(
              ResNet.variants(),
              VisionTransformer.variants(),
              ConvNeXt.variants(),
              Pvt.variants(),
              Swin.variants(),
              CSwin.variants(),
              CaFormer.variants()));

  private static final Map<String, Variant> ALIASES = aliases();

  private Backbones() {}

  /**
   * Builds a network with freshly initialised weights and the drop-path and head-dropout rates of
   * its published recipe.
   *
   * @param name a registered name or one of timm's, such as {@code vit_small_patch16_224}
   * @param classes number of outputs
   * @param imageSize the final side of the images, in pixels
   * @throws TensorException if the name is unknown, with the nearest one, or the size does not fit,
   *     with the ones that do
   */
  public static Backbone create(String name, int classes, int imageSize) {
    return options(name, classes, imageSize).build();
  }

  /** The options that {@link #create} builds with, to be changed first. */
  public static BackboneOptions options(String name, int classes, int imageSize) {
    return variant(name).options(classes, imageSize);
  }

  /** All registered names, family by family. */
  public static Set<String> names() {
    return VARIANTS.keySet();
  }

  /** All variants, family by family. */
  public static Collection<Variant> variants() {
    return VARIANTS.values();
  }

  /**
   * Finds a variant by its name or an alias. A pre-training tag ({@code .fb_in1k}) and, for
   * aliases, a trailing image size are ignored.
   *
   * @throws TensorException if there is none, with the nearest name, or the name is one of {@link
   *     MaeVariant}
   */
  public static Variant variant(String name) {
    String plain = name.strip().toLowerCase(Locale.ROOT).replaceFirst("\\..*", "");
    Variant found = lookUp(plain);
    if (found == null) {
      found = lookUp(plain.replaceFirst("_\\d+$", ""));
    }
    if (found == null) {
      throw unknown(name, plain);
    }
    return found;
  }

  private static TensorException unknown(String name, String plain) {
    return new TensorException(
        MaeVariant.find(plain)
            .map(MaeVariant::noBackbone)
            .orElseGet(
                () ->
                    "there is no model '"
                        + name
                        + "'; the nearest name is '"
                        + Nearest.of(plain, known())
                        + "' ('et models' lists all)"));
  }

  private static Variant lookUp(String name) {
    Variant found = VARIANTS.get(name);
    return found != null ? found : ALIASES.get(name);
  }

  private static List<String> known() {
    Stream<String> maes = MaeVariant.all().stream().map(MaeVariant::name);
    return Stream.concat(Stream.concat(VARIANTS.keySet().stream(), ALIASES.keySet().stream()), maes)
        .toList();
  }

  private static Map<String, Variant> index(List<List<Variant>> families) {
    Map<String, Variant> out = new LinkedHashMap<>();
    families.forEach(family -> family.forEach(v -> add(out, v.name(), v)));
    return Collections.unmodifiableMap(out);
  }

  private static Map<String, Variant> aliases() {
    Map<String, Variant> out = new LinkedHashMap<>();
    VARIANTS.values().forEach(v -> v.aliases().forEach(alias -> add(out, alias, v)));
    return Collections.unmodifiableMap(out);
  }

  private static void add(Map<String, Variant> map, String name, Variant variant) {
    if (map.put(name, variant) != null) {
      throw new IllegalStateException("two models are named '" + name + "'");
    }
  }
}
