#!/usr/bin/env bash
# What a batch costs on its way to the network, in another revision and in this tree:
#   benchmarks/batch.sh REVISION
# The samples of CIFAR's binary files; bytes to normalised numbers on the device; and the sums that two ranks make in a step. Both are
# built (REVISION in a temporary folder, or where THEN names a folder with it), and take turns. Medians of 9 rounds.
set -euo pipefail
cd "$(dirname "$0")/.."
revision=${1:?usage: benchmarks/batch.sh REVISION}
work=$(mktemp -d)
trap 'git worktree remove --force "$work/then" 2>/dev/null; rm -rf "$work"' EXIT
then=${THEN:-$work/then}
[ -n "${THEN:-}" ] || git worktree add -q --detach "$then" "$revision"
"$then/et" models >/dev/null
./et models >/dev/null
cat >"$work/BatchWay.java" <<'JAVA'
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Torch;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.tensor.distributed.Ranks;

class BatchWay {
  private static final int ROUNDS = 9;

  public static void main(String[] args) throws Exception {
    Torch.setThreads(1);
    if (System.getenv("RANK") != null) {
      sums();
      return;
    }
    samples(Path.of(args[0]));
    numbers(32, 128);
    numbers(224, 32);
  }

  private static void samples(Path folder) throws Exception {
    ImageDataset images = Datasets.open(folder.toString(), Progress.NONE).get(0).dataset();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(1));
    ImageDecoder decoder = new ImageDecoder();
    long[] sink = new long[1];
    double read = median(() -> order.forEach(i -> sink[0] += images.read(i).length)) / order.size();
    double both =
        median(() -> order.forEach(i -> sink[0] += decoder.decode(images.read(i)).width())) / order.size();
    print("a sample of CIFAR, read", 1e6 * read, "us");
    print("a sample of CIFAR, read and decoded", 1e6 * both, "us");
  }

  private static void numbers(int side, int count) throws Exception {
    ByteBuffer pixels = ByteBuffer.allocateDirect(count * side * side * 3);
    Supplier<Tensor> way;
    try {
      Class<?> then = Class.forName("org.efficienttrain.training.BatchPreparation");
      Method upload = open(then.getDeclaredMethod("upload", ByteBuffer.class, int.class, int.class, Device.class));
      Method normalise = open(then.getDeclaredMethod("normalise", Tensor.class));
      way = () -> call(normalise, null, call(upload, null, pixels, count, side, Device.CPU));
    } catch (ClassNotFoundException e) {
      Class<?> now = Class.forName("org.efficienttrain.training.batch.Preparation");
      Object preparation = now.getConstructor(int.class, int.class, Device.class).newInstance(side, side, Device.CPU);
      Method apply = now.getMethod("apply", ByteBuffer.class, int.class);
      way = () -> call(apply, preparation, pixels, count);
    }
    Supplier<Tensor> made = way;
    double seconds =
        median(
            () -> {
              for (int i = 0; i < 20; i++) {
                try (Scope scope = Scope.open()) {
                  made.get();
                }
              }
            });
    print(count + " images of " + side + " pixels, bytes to numbers", 1e3 * seconds / 20, "ms");
  }

  /** As many sums as a step makes: then one for the loss and one for the order to stop. */
  private static void sums() {
    boolean once = Boolean.getBoolean("once");
    try (Collective ranks = Collective.join(Ranks.of(System.getenv()), Device.CPU, e -> System.exit(3))) {
      double seconds =
          median(
              () -> {
                for (int i = 0; i < 500; i++) {
                  if (once) {
                    ranks.sum(1, 0);
                  } else {
                    ranks.sum(1);
                    ranks.sum(0);
                  }
                }
              });
      if (ranks.isFirst()) {
        print("sums of a step, two ranks", 1e6 * seconds / 500, "us");
      }
      ranks.finish();
    }
  }

  private static Method open(Method method) {
    method.setAccessible(true);
    return method;
  }

  private static Tensor call(Method method, Object on, Object... arguments) {
    try {
      return (Tensor) method.invoke(on, arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double median(Runnable body) {
    double[] seconds = new double[ROUNDS];
    for (int round = -3; round < ROUNDS; round++) {
      long start = System.nanoTime();
      body.run();
      if (round >= 0) {
        seconds[round] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds[ROUNDS / 2];
  }

  private static void print(String what, double value, String unit) {
    System.out.printf(Locale.ROOT, "%-5s %-48s %8.2f %s%n", System.getProperty("side"), what, value, unit);
  }
}
JAVA
mkdir "$work/cifar"
for file in data_batch_{1..5} test_batch; do
  head -c 30730000 /dev/zero | tr '\0' '\5' >"$work/cifar/$file.bin"
done
run() {
  local home=$1 side=$2
  shift 2
  java -XX:+UseParallelGC -Djava.awt.headless=true -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.maxBytes=0 \
    -Dside="$side" -Donce="$([ "$side" = now ] && echo true || echo false)" \
    -cp "$home/app/target/classes:$home/app/target/lib/*" "$work/BatchWay.java" "$@"
}
for round in 1 2; do
  for side in then now; do
    home=.
    [ "$side" = now ] || home=$then
    run "$home" "$side" "$work/cifar"
    export WORLD_SIZE=2 MASTER_PORT=$((29600 + RANDOM % 1000))
    RANK=1 run "$home" "$side" &
    RANK=0 run "$home" "$side"
    wait
    unset WORLD_SIZE MASTER_PORT
  done
done
