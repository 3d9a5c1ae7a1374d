package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The curricula known by name, all written for images of 224 pixels. */
public final class Curricula {
  /** Image size the presets are written for: that of the papers. */
  public static final int IMAGE_SIZE = 224;

  private static final double FULL_MAGNITUDE = 9;

  /** Ordinary training: full bandwidth, magnitude 9 throughout. The baseline of both papers. */
  public static final Curriculum NONE =
      new Curriculum("none", Clock.EPOCHS, List.of(Stage.of(IMAGE_SIZE, 1, FULL_MAGNITUDE)));

  /**
   * EfficientTrain (ICCV 2023): five stages of equally many epochs, found by greedy search on
   * Swin-Tiny. The magnitudes 1, 3, 5, 7, 9 are those of the official launch script; the paper's
   * text has them grow linearly, which {@link Curriculum#withLinearMagnitude} gives.
   */
  public static final Curriculum EFFICIENTTRAIN =
      new Curriculum(
          "efficienttrain",
          Clock.EPOCHS,
          List.of(
              Stage.of(160, 0.2, 1),
              Stage.of(160, 0.2, 3),
              Stage.of(160, 0.2, 5),
              Stage.of(192, 0.2, 7),
              Stage.of(224, 0.2, 9)));

  /** EfficientTrain++ (TPAMI 2024): ten slices of equal compute; Swin, CSWin, ResNet, PVT. */
  public static final Curriculum EFFICIENTTRAIN_PLUS_PLUS =
      slices("efficienttrain++", 96, 96, 160, 160, 160, 160, 224, 224, 224, 224);

  /** EfficientTrain++ as the official script tailors it for DeiT: 192 before 224. */
  public static final Curriculum EFFICIENTTRAIN_PLUS_PLUS_DEIT =
      slices("efficienttrain++:deit", 96, 96, 160, 160, 160, 160, 192, 192, 224, 224);

  /** EfficientTrain++ as the official scripts run it for ConvNeXt: never below 160. */
  public static final Curriculum EFFICIENTTRAIN_PLUS_PLUS_CONVNEXT =
      slices("efficienttrain++:convnext", 160, 160, 160, 160, 160, 160, 224, 224, 224, 224);

  private static final List<Curriculum> PRESETS =
      List.of(
          NONE,
          EFFICIENTTRAIN,
          EFFICIENTTRAIN_PLUS_PLUS,
          EFFICIENTTRAIN_PLUS_PLUS_DEIT,
          EFFICIENTTRAIN_PLUS_PLUS_CONVNEXT);

  private Curricula() {}

  /** Every preset, the baseline first. */
  public static List<Curriculum> presets() {
    return PRESETS;
  }

  /** Names of the presets, in the order of {@link #presets}. */
  public static List<String> names() {
    return PRESETS.stream().map(Curriculum::name).toList();
  }

  /**
   * The preset of that name, or the curriculum that the text spells out.
   *
   * <p>A text reads {@code [epochs|compute] B:SHARE[@M][xK],... [magnitude FROM-TO[/SLICES]]}.
   * {@code epochs} (the default) or {@code compute} is the clock. A share is a fraction ({@code
   * 3/5}), a decimal ({@code 0.6}) or a percentage ({@code 60%}), which must sum to 1; whole
   * numbers ({@code 160:3,192:1,224:1}) are parts of their sum. The magnitude M of a stage is 9
   * when left out; {@code magnitude 0-9} instead lets it grow linearly in 10 slices, {@code
   * 0-9/300} in 300. The last bandwidth is the image size that the others refer to. K, 1 when left
   * out, is the replay of a stage. Either form may end in {@code replay K,K,...}, one for each
   * different bandwidth, such as {@code efficienttrain++ replay 4,2,1}.
   *
   * @throws CurriculumException when the text is neither, naming the nearest preset
   */
  public static Curriculum of(String text) {
    String whole = text.strip();
    Curriculum curriculum = withoutReplay(CurriculumText.withoutReplay(whole));
    List<Integer> replays = CurriculumText.replays(whole);
    return replays.isEmpty()
        ? curriculum
        : new Curriculum(whole, curriculum.clock(), curriculum.stages()).withReplay(replays);
  }

  private static Curriculum withoutReplay(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    for (Curriculum preset : PRESETS) {
      if (preset.name().equals(name)) {
        return preset;
      }
    }
    if (CurriculumText.looksLikeOne(name)) {
      return CurriculumText.parse(text);
    }
    throw new CurriculumException(
        ("Unknown curriculum \"%s\", did you mean \"%s\"? Known: %s;"
                + " or write one out, such as \"epochs 160:3/5,192:1/5,224:1/5\".")
            .formatted(text, Nearest.of(name, names()), String.join(", ", names())));
  }

  /**
   * A multiple for bandwidths when no model says which it needs: about an eighth of the image size,
   * a power of two between 1 and 32 that divides it. 4 at 32 pixels, 16 at 128, 32 at 224.
   */
  public static int defaultMultiple(int imageSize) {
    int multiple = 32;
    while (multiple > 1 && (multiple * 7 > imageSize || imageSize % multiple != 0)) {
      multiple /= 2;
    }
    return multiple;
  }

  private static Curriculum slices(String name, int... bandwidths) {
    List<Stage> stages = new ArrayList<>(bandwidths.length);
    for (int i = 0; i < bandwidths.length; i++) {
      stages.add(Stage.of(bandwidths[i], 1.0 / bandwidths.length, i));
    }
    return new Curriculum(name, Clock.COMPUTE, stages);
  }
}
