package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every recipe, after defaults, against the values of the official scripts and repositories. Where
 * one differs on purpose, the head of its file, or of one that it extends, says so in a line {@code
 * # Not official: KEY is OURS, there THEIRS: REASON}.
 */
class OfficialValuesTest {
  private static final RecipeFolder RECIPES = new RecipeFolder(RecipesTest.FOLDER);
  private static final int IMAGENET_IMAGES = 1_281_167;
  private static final Pattern EXTENDS = Pattern.compile("(?m)^extends: (\\S+)");
  private static final Pattern REASON =
      Pattern.compile("(?m)^# Not official: (\\w+) is (.+?), there (.+?): .{10,}$");

  /** A value of ours that stands for any: it depends on the user's machine. */
  private static final String ANY = "what fits";

  private record Deviation(String file, String key, String ours, String theirs) {}

  @Test
  void everyRecipeHasTheOfficialValueOrAReason() {
    List<String> defects = new ArrayList<>();
    Set<Deviation> used = new LinkedHashSet<>();
    JsonNode official = official();
    assertThat(official).hasSize(48);
    official
        .properties()
        .forEach(
            recipe -> {
              List<Deviation> reasons = deviations(fileOf(recipe.getKey()));
              Map<String, Object> values =
                  RECIPES.read(recipe.getKey()).resolve(IMAGENET_IMAGES).toMap();
              recipe.getValue().properties().stream()
                  .filter(e -> e.getValue().has("source"))
                  .filter(e -> !same(values.get(e.getKey()), e.getValue().get("value")))
                  .forEach(
                      e -> {
                        String ours = String.valueOf(values.get(e.getKey()));
                        String theirs = e.getValue().get("value").asText();
                        reasons.stream()
                            .filter(d -> d.key.equals(e.getKey()) && d.theirs.equals(theirs))
                            .filter(d -> d.ours.equals(ours) || d.ours.equals(ANY))
                            .findFirst()
                            .ifPresentOrElse(
                                used::add,
                                () ->
                                    defects.add(
                                        "%s: %s is %s, officially %s"
                                            .formatted(recipe.getKey(), e.getKey(), ours, theirs)));
                      });
            });
    assertThat(defects).isEmpty();
    assertThat(used)
        .as("no reason without a difference")
        .containsExactlyInAnyOrderElementsOf(all());
  }

  /** The rate that the scripts give to other budgets: in proportion to 200 equivalent epochs. */
  @Test
  void dropPathOfEfficientTrainPlusPlusGrowsWithTheBudget() {
    RecipeSettings swin = RECIPES.read("imagenet/swin_base_efficienttrainpp");
    assertThat(swin.with("epochs", 100).resolve(IMAGENET_IMAGES).dropPath()).isEqualTo(0.25);
    assertThat(swin.with("epochs", 300).resolve(IMAGENET_IMAGES).dropPath()).isEqualTo(0.75);
    assertThat(swin.with("epochs", 1000).resolve(IMAGENET_IMAGES).dropPath()).isEqualTo(0.75);
    assertThat(swin.with("epochs", 100).with("dropPath", 0.4).resolve(IMAGENET_IMAGES).dropPath())
        .isEqualTo(0.4);
    assertThat(
            RECIPES
                .read("imagenet/swin_base_efficienttrain")
                .with("epochs", 100)
                .resolve(IMAGENET_IMAGES)
                .dropPath())
        .isEqualTo(0.5);
  }

  private static boolean same(Object ours, JsonNode official) {
    if (ours instanceof Number n && official.isNumber()) {
      return n.doubleValue() == official.asDouble();
    }
    return String.valueOf(ours).equals(official.asText());
  }

  /** imagenet_deit_small_efficienttrain is a variant of imagenet/deit_small. */
  private static String fileOf(String recipe) {
    return recipe
        .replaceFirst("_", "/")
        .replaceFirst("_(baseline|efficienttrain|efficienttrainpp|224|384)$", "");
  }

  /** The deviations of a file and of all that it extends. */
  private static List<Deviation> deviations(String file) {
    String text = text(file);
    List<Deviation> out = new ArrayList<>();
    Matcher reason = REASON.matcher(text);
    while (reason.find()) {
      out.add(new Deviation(file, reason.group(1), reason.group(2), reason.group(3)));
    }
    Matcher parent = EXTENDS.matcher(text);
    if (parent.find()) {
      out.addAll(deviations(parent.group(1)));
    }
    return out;
  }

  private static Set<Deviation> all() {
    Set<Deviation> all = new LinkedHashSet<>();
    try (Stream<Path> files = Files.walk(RecipesTest.FOLDER)) {
      for (Path file : new TreeSet<>(files.filter(f -> f.toString().endsWith(".yaml")).toList())) {
        String name = RecipesTest.FOLDER.relativize(file).toString().replace(".yaml", "");
        all.addAll(deviations(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static String text(String file) {
    try {
      return Files.readString(RecipesTest.FOLDER.resolve(file + ".yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode official() {
    try (InputStream in = OfficialValuesTest.class.getResourceAsStream("recipes.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
