package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The one-line form of a curriculum: {@code [epochs|compute] B:SHARE[@M],... [magnitude
 * FROM-TO[/SLICES]]}.
 */
final class CurriculumText {
  private static final double DEFAULT_MAGNITUDE = 9;
  private static final int DEFAULT_SLICES = 10;

  private static final String NUMBER = "\\d{1,9}(?:\\.\\d{1,30})?";
  private static final Pattern WHOLE =
      Pattern.compile(
          "(?:(?<clock>epochs|compute)\\s+)?(?<stages>[\\d.:/%@,\\s]+?)"
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
              + "))?");

  private CurriculumText() {}

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
    Clock clock = "compute".equals(whole.group("clock")) ? Clock.COMPUTE : Clock.EPOCHS;
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
                        : Double.parseDouble(stage.group("magnitude"))))
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
            + "\" is not a curriculum: write stages as bandwidth:share[@magnitude], for example"
            + " \"epochs 160:3/5,192:1/5,224:1/5\".");
  }

  static String print(Curriculum curriculum) {
    return curriculum.clock().name().toLowerCase(Locale.ROOT)
        + " "
        + curriculum.stages().stream()
            .map(s -> s.bandwidth() + ":" + decimal(s.share()) + "@" + decimal(s.magnitude()))
            .collect(Collectors.joining(","));
  }

  /** Shortest decimal that reads back to the same double, without exponent or trailing zero. */
  private static String decimal(double value) {
    return new java.math.BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
