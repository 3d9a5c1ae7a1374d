package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/**
 * Every line of docs/your-own.md: the files are compiled, the commands run, in a folder with a few
 * images.
 */
class YourOwnPageTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
  private static final Pattern NAMED = Pattern.compile("\\A(?://|#|<!--) (own/\\S+)(?: -->)?\\n");

  /** What only Maven can do, and what the test does in its stead. */
  private static final String INSTALL = "./mvnw -q install -DskipTests";

  private static final String EXPORT = "export ET_CLASSPATH=own/target/classes";
  private static final Pattern PROGRAM =
      Pattern.compile(
          "\\./mvnw -q -f own/pom.xml compile exec:java -Dexec.mainClass=(\\S+) -Dexec.args=(\\S+)");

  @TempDir static Path folder;

  private static final Map<String, String> FILES = new LinkedHashMap<>();
  private static final List<String> COMMANDS = new ArrayList<>();

  @BeforeAll
  static void readThePage() throws IOException {
    Matcher blocks = BLOCK.matcher(Files.readString(project().resolve("docs/your-own.md")));
    while (blocks.find()) {
      Matcher name = NAMED.matcher(blocks.group(2));
      if (blocks.group(1).equals("sh")) {
        blocks.group(2).lines().forEach(COMMANDS::add);
      } else {
        assertThat(name.find()).as(blocks.group(2)).isTrue();
        FILES.put(name.group(1), blocks.group(2));
      }
    }
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Path photos = Files.createDirectories(folder.resolve("photos"));
    for (String name : List.of("blue", "red")) {
      Path images = Files.createDirectories(photos.resolve(name));
      for (int i = 0; i < 12; i++) {
        Files.copy(TinyRun.image(name, i % (TinyRun.VALIDATION / 2)), images.resolve(i + ".png"));
      }
    }
  }

  private static Path project() {
    Path path = Path.of("").toAbsolutePath();
    while (!Files.exists(path.resolve("environment.sh"))) {
      path = path.getParent();
    }
    return path;
  }

  @Test
  void networkAndTaskAreShortAndTheProgramHasTenLines() {
    for (String name : List.of("SmallNet", "FocalLoss")) {
      assertThat(FILES.get("own/src/main/java/example/" + name + ".java").lines().count() - 1)
          .as(name)
          .isLessThan(60);
    }
    for (String name : List.of("Train", "Search")) {
      Stream<String> program = FILES.get("own/src/main/java/example/" + name + ".java").lines();
      assertThat(program.dropWhile(line -> !line.startsWith("public")).count())
          .as(name)
          .isLessThanOrEqualTo(10);
    }
  }

  @Test
  void theProjectDependsOnWhatIsBuiltHere() throws Exception {
    Document own = parse(folder.resolve("own/pom.xml"));
    Document bom = parse(project().resolve("bom/pom.xml"));
    Document training = parse(project().resolve("training/pom.xml"));
    String version = texts(bom, "version").get(0);
    assertThat(texts(own, "artifactId"))
        .contains(texts(bom, "artifactId").get(1), texts(training, "artifactId").get(1));
    assertThat(texts(own, "version")).contains(version);
  }

  private static Document parse(Path pom) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
  }

  private static List<String> texts(Document pom, String tag) {
    NodeList nodes = pom.getElementsByTagName(tag);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      out.add(nodes.item(i).getTextContent());
    }
    return out;
  }

  @Test
  void everyLineCompilesAndRuns() throws Exception {
    compile();
    List<String> lines = new ArrayList<>();
    for (String command : COMMANDS) {
      if (command.startsWith("./et ")) {
        lines.add(command);
        continue;
      }
      Matcher program = PROGRAM.matcher(command);
      if (program.matches()) {
        lines.add("java " + program.group(1) + " " + program.group(2));
      } else {
        assertThat(command).isIn(INSTALL, EXPORT);
      }
    }
    Path list = Files.write(folder.resolve("commands.txt"), lines);
    Path log = folder.resolve("log.txt");
    assertThat(start(list, log).waitFor()).as(Files.readString(log)).isZero();

    String said = Files.readString(log);
    assertThat(said).contains("accuracy ", "small_net, epochs 64:");
    for (String run : List.of("program", "own")) {
      String summary = Files.readString(folder.resolve("runs/" + run + "/summary.json"));
      assertThat(summary).contains("\"small_net\"").containsPattern("\"bandwidth\" : 64");
    }
    assertThat(folder.resolve("runs/own/evaluation/results.json")).exists();
    assertThat(folder.resolve("runs/own/model.onnx")).exists();
    for (String file : List.of("found", "runs/search")) {
      assertThat(Files.readString(folder.resolve(file).resolve("curriculum.yaml")))
          .contains("imageSize: 96", "task: \"example.FocalLoss\"", "model: \"small_net\"");
    }
    // The program and the command line do the same. A guess among two classes has a cross-entropy
    // of 0.69, and a focal loss of a quarter of that.
    assertThat(loss("program")).isEqualTo(loss("own"));
    assertThat(Double.parseDouble(loss("own"))).isLessThan(0.5);
  }

  /** The training loss of the first step that the metrics tell of. */
  private static String loss(String run) throws IOException {
    Matcher loss =
        Pattern.compile("\"kind\":\"step\".*?\"loss\":([-0-9.eE]+)")
            .matcher(Files.readString(folder.resolve("runs/" + run + "/metrics.jsonl")));
    assertThat(loss.find()).isTrue();
    return loss.group(1);
  }

  private static void compile() throws IOException {
    Path classes = Files.createDirectories(folder.resolve("own/target/classes"));
    List<String> arguments =
        new ArrayList<>(
            List.of("-Xlint:all,-processing,-classfile,-path", "-Werror", "--release", "17"));
    arguments.addAll(List.of("-proc:none", "-cp", System.getProperty("java.class.path")));
    arguments.addAll(List.of("-d", classes.toString()));
    for (String file : FILES.keySet()) {
      if (file.endsWith(".java")) {
        arguments.add(folder.resolve(file).toString());
      } else if (file.contains("/resources/")) {
        Path target = classes.resolve(file.substring(file.indexOf("META-INF")));
        Files.createDirectories(target.getParent());
        Files.copy(folder.resolve(file), target);
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assertThat(compiler.run(null, null, null, arguments.toArray(String[]::new))).isZero();
  }

  private static Process start(Path commands, Path log) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-javaagent"))
        .forEach(line::add);
    line.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path") + ":" + folder.resolve("own/target/classes"),
            PageCommands.class.getName(),
            commands.toString()));
    return new ProcessBuilder(line)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** Runs the commands of a file in one process: {@code ./et ...}, or {@code java CLASS ARGS}. */
  static final class PageCommands {
    private PageCommands() {}

    public static void main(String[] args) throws Exception {
      for (String line : Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8)) {
        System.out.println("$ " + line);
        List<String> words = words(line);
        List<String> rest = words.subList(1, words.size());
        if (words.get(0).equals("java")) {
          Class.forName(rest.get(0))
              .getMethod("main", String[].class)
              .invoke(null, (Object) rest.subList(1, rest.size()).toArray(String[]::new));
        } else if (Main.execute(rest.toArray(String[]::new)) != 0) {
          System.exit(1);
        }
      }
      System.exit(0);
    }

    /** As a shell cuts a line without quotes inside words. */
    private static List<String> words(String line) {
      List<String> out = new ArrayList<>();
      Matcher word = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line);
      while (word.find()) {
        out.add(word.group(1) != null ? word.group(1) : word.group(2));
      }
      return out;
    }
  }
}
