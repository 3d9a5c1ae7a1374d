package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The one-line form of a curriculum: {@code [epochs|compute] B:SHARE[@M][xK],... [magnitude
 * FROM-TO[/SLICES]] [replay K,K,...]}.
 */
final class CurriculumText {
  private static final double DEFAULT_MAGNITUDE = 9;
  private static final int DEFAULT_SLICES = 10;

  private static final String NUMBER = "\\d{1,9}(?:\\.\\d{1,30})?";
  private static final Pattern WHOLE =
      Pattern.compile(
          "(?:(?<clock>epochs|compute)\\s+)?(?<stages>[\\d.:/%@x,\\s]+?)"
              + "(?:\\s+magnitude\\s+(?<from>"
              + NUMBER
              + ")-(?<to>"
              + NUMBER
              + ")(?:/(?<slices>\\d{1,4}))?)?");
  private static final Pattern STAGE =
      Pattern.compile(
          "(?<bandwidth>\\d{1,6}):(?<share>"
              + NUMBER
              + ")(?:(?<percent>%)|/(?<parts>\\d{1,9}))?(?:@(?<magnitude>"
              + NUMBER
              + "))?(?:x(?<replay>\\d{1,2}))?");
  private static final String REPLAY = " replay ";

  private CurriculumText() {}

  /** The text before a closing {@code replay K,K,...}; all of it where there is none. */
  static String withoutReplay(String text) {
    int end = text.toLowerCase(Locale.ROOT).lastIndexOf(REPLAY);
    return end < 0 ? text : text.substring(0, end).strip();
  }

  /** The numbers of a closing {@code replay K,K,...}; empty where there is none. */
  static List<Integer> replays(String text) {
    int end = text.toLowerCase(Locale.ROOT).lastIndexOf(REPLAY);
    if (end < 0) {
      return List.of();
    }
    String[] numbers = text.substring(end + REPLAY.length()).split(",", -1);
    if (!Arrays.stream(numbers).allMatch(number -> number.strip().matches("\\d{1,2}"))) {
      throw new CurriculumException(
          "\""
              + text
              + "\" does not say how often images are replayed: write a number for each bandwidth,"
              + " for example \"efficienttrain++ replay 4,2,1\".");
    }
    return Arrays.stream(numbers).map(number -> Integer.valueOf(number.strip())).toList();
  }

  /** Whether a text looks like a written-out curriculum rather than the name of a preset. */
  static boolean looksLikeOne(String text) {
    return text.strip().matches("(?s)(\\d|epochs\\s|compute\\s).*");
  }

  static Curriculum parse(String text) {
    String name = text.strip();
    Matcher whole = WHOLE.matcher(name.toLowerCase(Locale.ROOT));
    if (!whole.matches()) {
      throw malformed(name);
    }
    List<Stage> stages = stages(name, whole.group("stages"));
    Clock clock = Clock.COMPUTE.word().equals(whole.group("clock")) ? Clock.COMPUTE : Clock.EPOCHS;
    Curriculum curriculum = new Curriculum(name, clock, stages);
    if (whole.group("from") == null) {
      return curriculum;
    }
    String slices = whole.group("slices");
    return curriculum.withLinearMagnitude(
        Double.parseDouble(whole.group("from")),
        Double.parseDouble(whole.group("to")),
        slices == null ? DEFAULT_SLICES : Integer.parseInt(slices));
  }

  private static List<Stage> stages(String name, String list) {
    List<Matcher> parts = new ArrayList<>();
    boolean allWhole = true;
    double sum = 0;
    for (String part : list.split(",", -1)) {
      Matcher stage = STAGE.matcher(part.strip());
      if (!stage.matches()) {
        throw malformed(name);
      }
      parts.add(stage);
      allWhole &= stage.group("share").indexOf('.') < 0 && !stage.group().matches(".*[%/].*");
      sum += share(stage);
    }
    // Whole numbers are parts: 3, 1, 1 means 3/5, 1/5, 1/5. Anything else is a share as it stands.
    double unit = allWhole && sum > 0 ? sum : 1;
    return parts.stream()
        .map(
            stage ->
                Stage.of(
                        Integer.parseInt(stage.group("bandwidth")),
                        share(stage) / unit,
                        stage.group("magnitude") == null
                            ? DEFAULT_MAGNITUDE
                            : Double.parseDouble(stage.group("magnitude")))
                    .withReplay(
                        stage.group("replay") == null
                            ? 1
                            : Integer.parseInt(stage.group("replay"))))
        .toList();
  }

  private static double share(Matcher stage) {
    double number = Double.parseDouble(stage.group("share"));
    if (stage.group("percent") != null) {
      return number / 100;
    }
    return stage.group("parts") == null
        ? number
        : number / Double.parseDouble(stage.group("parts"));
  }

  private static CurriculumException malformed(String text) {
    return new CurriculumException(
        "\""
            + text
            + "\" is not a curriculum: write stages as bandwidth:share[@magnitude][xreplay], for"
            + " example \"epochs 160:3/5,192:1/5,224:1/5\".");
  }

  static String print(Curriculum curriculum) {
    return curriculum.clock().word()
        + " "
        + curriculum.stages().stream().map(CurriculumText::print).collect(Collectors.joining(","));
  }

  private static String print(Stage stage) {
    return stage.bandwidth()
        + ":"
        + decimal(stage.share())
        + "@"
        + decimal(stage.magnitude())
        + (stage.replay() == 1 ? "" : "x" + stage.replay());
  }

  /** Shortest decimal that reads back to the same double, without exponent or trailing zero. */
  private static String decimal(double value) {
    return new java.math.BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
