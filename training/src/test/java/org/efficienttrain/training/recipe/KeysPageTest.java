package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of docs/recipes.md is what the keys declare. */
class KeysPageTest {
  private static final Path PAGE = Path.of("../docs/recipes.md");

  @Test
  void thePageHasEveryKeyAsItIsDeclared() throws IOException {
    assertThat(Files.readString(PAGE)).contains(table());
  }

  @Test
  void everyKeySaysWhatItMeansAndEveryNumberHasARange() {
    Keys.components()
        .values()
        .forEach(
            c -> {
              Key key = c.getAnnotation(Key.class);
              assertThat(key).as(c.getName()).isNotNull();
              assertThat(key.value()).as(c.getName()).isNotBlank();
              if (c.getType() == double.class || c.getType() == int.class) {
                assertThat(key.min()).as(c.getName()).isFinite();
                assertThat(key.max()).as(c.getName()).isFinite();
              }
            });
  }

  private static String table() {
    return "| key | values | default | meaning |\n|---|---|---|---|\n"
        + Keys.components().values().stream()
            .map(KeysPageTest::row)
            .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String row(RecordComponent c) {
    Key key = c.getAnnotation(Key.class);
    String standard = key.byDefault().isEmpty() ? "by rule" : "`" + key.byDefault() + "`";
    return "| `%s` | %s | %s | %s |".formatted(c.getName(), values(c), standard, key.value());
  }

  private static String values(RecordComponent c) {
    Class<?> type = c.getType();
    Key key = c.getAnnotation(Key.class);
    if (type.isEnum()) {
      return "`" + String.join("`, `", Keys.words(type)) + "`";
    }
    if (type == String.class) {
      return "text";
    }
    if (type == boolean.class) {
      return "`true`, `false`";
    }
    return key.max() == Double.POSITIVE_INFINITY
        ? "a whole number"
        : Keys.plain(key.min()) + " to " + Keys.plain(key.max());
  }
}
