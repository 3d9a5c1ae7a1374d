package org.efficienttrain.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Linux machines made of files. */
class MachineTest {
  private static final long GIGABYTE = 1L << 30;

  @TempDir Path root;

  private void file(String path, String text) {
    Path file = root.resolve(path);
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void aMachine() {
    file(
        "proc/cpuinfo",
        """
        processor\t: 0
        model name\t: Some Processor 9000
        cpu MHz\t\t: 2596.124
        flags\t\t: fpu sse2 fma avx avx2 avx512f avx512_bf16 avx512_vnni

        processor\t: 1
        model name\t: Another
        """);
    file(
        "proc/meminfo",
        "MemTotal:       16777216 kB\nMemFree:  1 kB\nMemAvailable:   8388608 kB\n");
    file("proc/stat", "cpu  100 10 20 1000 5 1 2 3 0 0\ncpu0 50 5 10 500 2 0 1 1 0 0\n");
  }

  @Test
  void isReadFromTheSystemsFiles() {
    Machine machine = Machine.linux(root, 2, () -> {});
    assertThat(machine.processor()).isEqualTo("Some Processor 9000");
    assertThat(machine.gigahertz()).isCloseTo(2.596, within(0.001));
    assertThat(machine.instructionsInOrder())
        .containsExactly("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16");
    assertThat(machine.bfloat16()).isTrue();
    assertThat(machine.quota()).isEqualTo(2);
    assertThat(machine.memory()).isEqualTo(16 * GIGABYTE);
    assertThat(machine.memoryLimit()).isEqualTo(16 * GIGABYTE);
    assertThat(machine.memoryAvailable()).isEqualTo(8 * GIGABYTE);
    assertThat(machine.load()).isZero();
  }

  @Test
  void itsLoadIsWhatOthersDoWhileItWaits() {
    Machine machine =
        Machine.linux(root, 2, () -> file("proc/stat", "cpu  130 20 30 1040 15 1 2 3 0 0\n"));
    assertThat(machine.load()).isEqualTo(2 * 50 / 100.0);
  }

  /** Version 2: the lowest limit between the process's group and the root counts. */
  @Test
  void aContainersLimitsCount() {
    file("proc/self/cgroup", "0::/pod/box\n");
    file("sys/fs/cgroup/pod/box/cpu.max", "max 100000\n");
    file("sys/fs/cgroup/pod/box/memory.max", "max\n");
    file("sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
    file("sys/fs/cgroup/pod/memory.max", String.valueOf(3 * GIGABYTE));
    Machine machine = Machine.linux(root, 4, () -> {});
    assertThat(machine.quota()).isEqualTo(1.5);
    assertThat(machine.memoryLimit()).isEqualTo(3 * GIGABYTE);
    assertThat(machine.memoryAvailable()).isEqualTo(3 * GIGABYTE);
    assertThat(machine.memory()).isEqualTo(16 * GIGABYTE);
  }

  @Test
  void aContainerThatIsItsOwnRootHasItsLimitsThere() {
    file("proc/self/cgroup", "0::/\n");
    file("sys/fs/cgroup/cpu.max", "50000 100000\n");
    file("sys/fs/cgroup/memory.max", String.valueOf(2 * GIGABYTE));
    Machine machine = Machine.linux(root, 4, () -> {});
    assertThat(machine.quota()).isEqualTo(0.5);
    assertThat(machine.memoryLimit()).isEqualTo(2 * GIGABYTE);
  }

  /** Version 1 has a tree for each kind, and a very large number for no limit. */
  @Test
  void theOlderControlGroupsCountToo() {
    file("proc/self/cgroup", "4:memory:/box\n3:cpu,cpuacct:/box\n");
    file("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "200000\n");
    file("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
    file("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
    Machine machine = Machine.linux(root, 8, () -> {});
    assertThat(machine.quota()).isEqualTo(2);
    assertThat(machine.memoryLimit()).isEqualTo(16 * GIGABYTE);
  }

  @Test
  void whatIsMissingOrBrokenIsZero() {
    Machine nothing = Machine.linux(root.resolve("nowhere"), 3, () -> {});
    assertThat(nothing.cores()).isEqualTo(3);
    assertThat(nothing.memory()).isZero();
    assertThat(nothing.processor()).isEmpty();
    file("proc/self/cgroup", "nonsense\n0::/../../../etc\n");
    file("sys/fs/cgroup/cpu.max", "-7 what\n");
    assertThat(Machine.linux(root, 2, () -> {}).quota()).isEqualTo(2);
  }

  @Test
  void thisMachineHasCoresAndMemory() {
    Machine here = Machine.here();
    assertThat(here.cores()).isPositive();
    assertThat(here.memory()).isGreaterThan(GIGABYTE / 2);
    assertThat(here.quota()).isPositive().isLessThanOrEqualTo(here.cores());
  }
}
