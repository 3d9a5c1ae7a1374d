package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The launcher in a folder of its own, with a JDK and a Maven that only say what they are asked,
 * and with the tools of the system that it is told to be on: macOS has no {@code readlink -f}, no
 * {@code find -quit} and no {@code flock}.
 */
class LauncherTest {
  private static final List<String> TOOLS =
      List.of(
          "bash", "cat", "dirname", "env", "grep", "id", "mkdir", "mv", "rm", "sed", "sleep",
          "tail", "touch", "true");

  private record Outcome(int code, String out) {}

  @TempDir Path folder;
  private Path home;
  private Path bin;
  private final Map<String, String> more = new HashMap<>();

  @BeforeEach
  void prepare() throws IOException {
    home = Files.createDirectories(folder.resolve("clone of it"));
    bin = Files.createDirectories(folder.resolve("bin"));
    Path project = projectFolder();
    for (String file : List.of("et", "environment.sh", "profile.sh")) {
      Files.copy(project.resolve(file), home.resolve(file));
    }
    Files.createDirectories(home.resolve("app/src/main"));
    old(home.resolve("pom.xml"));
    old(home.resolve("app/pom.xml"));
    old(home.resolve("app/src/main/Main.java"));
    script(home.resolve("mvnw"), "echo \"$@\" >> maven.txt");
    Path jdk = folder.resolve("jdk");
    script(jdk.resolve("bin/java"), "for word; do echo \"$word\"; done");
    script(jdk.resolve("bin/javac"), "true");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"21.0.1\"\n");
    processor("AuthenticAMD", "avx2 avx512f avx512bw");
  }

  private void processor(String vendor, String flags) throws IOException {
    Path cpuinfo = folder.resolve("cpuinfo");
    Files.writeString(
        cpuinfo,
        "processor\t: 0\nvendor_id\t: " + vendor + "\nflags\t\t: fpu sse4_2 " + flags + " rdpid\n");
    more.put("ET_CPUINFO", cpuinfo.toString());
  }

  private static Path projectFolder() {
    Path path = Path.of("").toAbsolutePath();
    while (!Files.exists(path.resolve("environment.sh"))) {
      path = path.getParent();
    }
    return path;
  }

  private static void old(Path file) throws IOException {
    Files.writeString(file, "");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
  }

  private static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void system(String name, String machine) throws IOException {
    script(bin.resolve("uname"), "[ \"$1\" = -s ] && echo '" + name + "' || echo " + machine);
    for (String tool : TOOLS) {
      pass(tool);
    }
    if (name.equals("Linux")) {
      for (String tool : List.of("flock", "readlink", "find")) {
        pass(tool);
      }
      return;
    }
    // As BSD's tools: an option they do not have is an error.
    script(
        bin.resolve("readlink"),
        "[ \"${1#-}\" = \"$1\" ] || exit 64; " + real("readlink") + " \"$@\"");
    script(
        bin.resolve("find"),
        "for word; do case $word in -quit | -printf) exit 64 ;; esac; done; "
            + real("find")
            + " \"$@\"");
  }

  private void pass(String tool) throws IOException {
    script(bin.resolve(tool), "exec " + real(tool) + " \"$@\"");
  }

  private static String real(String tool) {
    return Stream.of("/usr/bin/", "/bin/")
        .map(at -> at + tool)
        .filter(file -> Files.exists(Path.of(file)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("this machine has no " + tool));
  }

  private Process start(Path et, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/bash", et.toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(more);
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    return builder.start();
  }

  private static Outcome end(Process process) throws IOException, InterruptedException {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), out);
  }

  private Outcome run(String... words) throws IOException, InterruptedException {
    return end(start(home.resolve("et"), words));
  }

  private List<String> builds() throws IOException {
    return Files.readAllLines(home.resolve("maven.txt"));
  }

  @Test
  void anotherProfilesLibrariesAreNotLoadedToo() throws Exception {
    system("Linux", "x86_64");
    more.put("ET_PROFILE", "mkl");
    run("doctor");
    Path library = home.resolve("app/target/lib/mkl.jar");
    Files.createDirectories(library.getParent());
    Files.writeString(library, "");
    run("doctor");
    assertThat(library).exists();
    more.remove("ET_PROFILE");
    run("doctor");
    assertThat(library).doesNotExist();
    assertThat(builds()).hasSize(2);
    assertThat(builds().get(0)).contains("-Pmkl");
    assertThat(builds().get(1)).doesNotContain("mkl");
  }

  /** A profile that is named counts, if it is none too. */
  @ParameterizedTest
  @CsvSource({
    "Linux, GenuineIntel, avx2 avx512f, , true",
    "Linux, GenuineIntel, avx2, , true",
    "Linux, GenuineIntel, avx2, '', false",
    "Linux, GenuineIntel, avx2, cuda, false",
    "Linux, AuthenticAMD, avx2, , true",
    "Linux, AuthenticAMD, avx2, '', false",
    "Linux, AuthenticAMD, avx, , false",
    "Linux, AuthenticAMD, avx2 avx512f, , false",
    "Linux, AuthenticAMD, avx2 avx512f, mkl, true",
    "Darwin, GenuineIntel, avx2, , false"
  })
  void processorsForWhichItIsFasterGetMkl(
      String name, String vendor, String flags, String profile, boolean mkl) throws Exception {
    system(name, "x86_64");
    processor(vendor, flags);
    if (profile != null) {
      more.put("ET_PROFILE", profile);
    }
    Outcome outcome = run("doctor");
    assertThat(outcome.code()).as(outcome.out()).isZero();
    assertThat(builds().get(0).contains("-Pmkl")).isEqualTo(mkl);
  }

  @Test
  void anUnknownProfileIsNotTakenForNone() throws Exception {
    system("Linux", "x86_64");
    more.put("ET_PROFILE", "cdua");
    Outcome outcome = run("doctor");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).contains("ET_PROFILE says 'cdua': it can be cuda, mkl, or empty");
    assertThat(home.resolve("maven.txt")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"Linux, x86_64", "Darwin, arm64", "Darwin, x86_64"})
  void buildsOnceThenRuns(String name, String machine) throws Exception {
    system(name, machine);
    Outcome first = run("train", "--data", "my photos", "");
    assertThat(first.code()).as(first.out()).isZero();
    assertThat(first.out()).contains("Building").contains("\ntrain\n--data\nmy photos\n\n");
    assertThat(first.out()).contains("\n-Det.home=" + home.toRealPath() + "\n");
    assertThat(builds()).hasSize(1).first().asString().contains("-pl app -am").endsWith("package");

    Outcome second = run();
    assertThat(second.code()).as(second.out()).isZero();
    assertThat(second.out()).doesNotContain("Building").endsWith("org.efficienttrain.app.Main\n");
    assertThat(builds()).hasSize(1);

    Files.writeString(home.resolve("app/src/main/New.java"), "");
    Files.setLastModifiedTime(
        home.resolve("app/src/main/New.java"), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run("--help").out()).contains("Building");
    assertThat(builds()).hasSize(2);
    assertThat(home.resolve("app/target/build.locked")).doesNotExist();
  }

  @Test
  void classesOfOnesOwnComeAfterTheProgram() throws Exception {
    system("Linux", "x86_64");
    assertThat(run("models").out()).contains("/app/target/lib/*\n");
    more.put("ET_CLASSPATH", "own/classes:own/lib/*");
    assertThat(run("models").out()).contains("/app/target/lib/*:own/classes:own/lib/*\n");
  }

  @ParameterizedTest
  @CsvSource({"Linux, x86_64", "Darwin, arm64"})
  void twoLaunchesBuildOnce(String name, String machine) throws Exception {
    system(name, machine);
    script(home.resolve("mvnw"), "sleep 1; echo build >> maven.txt");
    Process first = start(home.resolve("et"), "one");
    Process second = start(home.resolve("et"), "two");
    assertThat(end(first).out()).endsWith("one\n");
    assertThat(end(second).out()).endsWith("two\n");
    assertThat(builds()).containsExactly("build");
  }

  @Test
  void theLockOfADeadBuilderIsBroken() throws Exception {
    system("Darwin", "arm64");
    Path lock = Files.createDirectories(home.resolve("app/target/build.locked"));
    Files.writeString(lock.resolve("owner"), "99999999");
    assertThat(run("--help").code()).isZero();
    assertThat(builds()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"Linux, x86_64", "Darwin, arm64"})
  void isStartedThroughLinks(String name, String machine) throws Exception {
    system(name, machine);
    Path links = Files.createDirectories(folder.resolve("links"));
    Files.createSymbolicLink(links.resolve("first"), Path.of("../clone of it/et"));
    Files.createSymbolicLink(links.resolve("second"), links.resolve("first"));
    Outcome outcome = end(start(links.resolve("second"), "models"));
    assertThat(outcome.code()).as(outcome.out()).isZero();
    assertThat(outcome.out()).contains("-Det.home=" + home.toRealPath());
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, aarch64, no libtorch for Java on Linux aarch64: use Linux on x86-64",
    "FreeBSD, amd64, no libtorch for Java on FreeBSD amd64: use Linux on x86-64",
    "MINGW64_NT-10.0, x86_64, 'on Windows, start et.cmd'"
  })
  void elsewhereOneSentenceSaysWhatIsSupported(String name, String machine, String sentence)
      throws Exception {
    system(name, machine);
    Outcome outcome = run("--help");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).startsWith("et: " + sentence);
    assertThat(outcome.out().lines()).hasSize(1);
  }

  @Test
  void anOldJdkIsNotTaken() throws Exception {
    system("Darwin", "arm64");
    for (String version : List.of("1.8.0_402", "11.0.2", "")) {
      Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"" + version + "\"\n");
      Outcome outcome = run("--help");
      // Another JDK of the machine may be found; the old one never runs.
      assertThat(outcome.out()).doesNotContain("-Det.home").doesNotContain("syntax");
    }
  }

  @Test
  void aFailedBuildShowsItsErrors() throws Exception {
    system("Darwin", "arm64");
    script(home.resolve("mvnw"), "echo '[ERROR] a semicolon is missing'; exit 1");
    Outcome outcome = run("--help");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.out()).contains("a semicolon is missing").contains("app/target/build.log");
    assertThat(home.resolve("app/target/build.locked")).doesNotExist();
  }
}
