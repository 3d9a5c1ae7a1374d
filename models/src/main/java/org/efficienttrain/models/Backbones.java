package org.efficienttrain.models;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.efficienttrain.curriculum.Nearest;
import org.efficienttrain.tensor.TensorException;

/** The registry: every network by its name, ours and those of each {@link BackboneFamily}. */
public final class Backbones {
  /** A new family adds one line here. */
  private static final List<BackboneFamily> OURS =
      List.of(
          ResNet::variants,
          VisionTransformer::variants,
          ConvNeXt::variants,
          Pvt::variants,
          Swin::variants,
          CSwin::variants,
          CaFormer::variants);

  private static Registry registry;

  /** Every variant by its name, and by its aliases. */
  private record Registry(Map<String, Variant> variants, Map<String, Variant> aliases) {
    static Registry of(Iterable<BackboneFamily> families) {
      Registry out = new Registry(new LinkedHashMap<>(), new LinkedHashMap<>());
      families.forEach(
          family ->
              family
                  .variants()
                  .forEach(
                      v -> {
                        add(out.variants, v.name(), v);
                        v.aliases().forEach(alias -> add(out.aliases, alias, v));
                      }));
      return out;
    }

    private static void add(Map<String, Variant> map, String name, Variant variant) {
      if (!name.matches("[a-z0-9_]+")) {
        throw new TensorException(
            "a model cannot be named '"
                + name
                + "': names have small letters, digits and underscores");
      }
      if (map.put(name, variant) != null || MaeVariant.find(name).isPresent()) {
        throw new TensorException("two models are named '" + name + "': rename one");
      }
    }

    Variant find(String name) {
      Variant found = variants.get(name);
      return found != null ? found : aliases.get(name);
    }
  }

  private Backbones() {}

  private static synchronized Registry registry() {
    if (registry == null) {
      registry = Registry.of(families());
    }
    return registry;
  }

  /** Our families, then those that the class path names. */
  private static List<BackboneFamily> families() {
    List<BackboneFamily> out = new ArrayList<>(OURS);
    try {
      ServiceLoader.load(BackboneFamily.class).forEach(out::add);
    } catch (ServiceConfigurationError e) {
      throw new TensorException("a family of networks cannot be loaded: " + e.getMessage(), e);
    }
    return out;
  }

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
    return Collections.unmodifiableSet(registry().variants.keySet());
  }

  /** All variants, family by family. */
  public static Collection<Variant> variants() {
    return Collections.unmodifiableCollection(registry().variants.values());
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
    Variant found = registry().find(plain);
    if (found == null) {
      found = registry().find(plain.replaceFirst("_\\d+$", ""));
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

  private static List<String> known() {
    return Stream.of(
            registry().variants.keySet().stream(),
            registry().aliases.keySet().stream(),
            MaeVariant.all().stream().map(MaeVariant::name))
        .flatMap(names -> names)
        .toList();
  }
}
