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
  void everyKeyIsDeclared() {
    assertThat(Keys.COMPONENTS.values())
        .allSatisfy(c -> assertThat(c.getAnnotation(Key.class).value()).isNotBlank());
  }

  private static String table() {
    return "| key | values | default | meaning |\n|---|---|---|---|\n"
        + Keys.COMPONENTS.values().stream()
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
    if (type.isEnum()) {
      return "`" + String.join("`, `", Keys.words(type)) + "`";
    }
    if (type == String.class) {
      return "text";
    }
    if (type == boolean.class) {
      return "`true`, `false`";
    }
    return type == long.class ? "a whole number" : Keys.range(c);
  }
}
