package org.efficienttrain.app.dashboard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.efficienttrain.app.runs.Axis;
import org.efficienttrain.app.runs.RunFiles;
import org.efficienttrain.app.runs.RunView;
import org.efficienttrain.training.UserError;

/** The runs below some folders, as they are now. Safe for use by many threads at once. */
final class WatchedRuns {
  /** Looks for new runs once in so many readings. */
  private static final int LOOK_EVERY = 5;

  private static final long PUBLISH_NANOS = 1_000_000_000L;

  private final List<Path> folders;
  private final Map<String, RunView> runs = new LinkedHashMap<>();
  private final Map<String, Map<String, Object>> entries = new LinkedHashMap<>();
  private int readings;

  /**
   * @param folders of runs, or folders that hold some
   */
  WatchedRuns(List<Path> folders) {
    this.folders = folders;
  }

  /**
   * Reads what has changed since the last reading; for one thread.
   *
   * @param publish told the list and the ids of what changed, at least once, and about once a
   *     second while there is much to read
   */
  void read(BiConsumer<List<Map<String, Object>>, List<String>> publish) {
    if (readings++ % LOOK_EVERY == 0) {
      look();
    }
    List<String> changed = new ArrayList<>();
    Map<String, RunView> known = known();
    known.forEach(
        (id, run) -> {
          synchronized (run) {
            if (run.refreshFiles()) {
              changed.add(id);
              enter(id, run);
            }
          }
        });
    long published = System.nanoTime();
    publish.accept(list(), List.copyOf(changed));
    changed.clear();
    for (Map.Entry<String, RunView> entry : known.entrySet()) {
      RunView run = entry.getValue();
      synchronized (run) {
        if (run.refresh()) {
          changed.add(entry.getKey());
          enter(entry.getKey(), run);
        }
      }
      if (System.nanoTime() - published > PUBLISH_NANOS) {
        published = System.nanoTime();
        publish.accept(list(), List.copyOf(changed));
        changed.clear();
      }
    }
    if (!changed.isEmpty()) {
      publish.accept(list(), changed);
    }
  }

  private void look() {
    List<Path> found;
    try {
      found = RunFiles.find(folders);
    } catch (UserError e) {
      return; // a folder is gone for now; what was known stays
    }
    synchronized (runs) {
      runs.values().removeIf(run -> !found.contains(run.folder()));
      for (Path folder : found) {
        runs.computeIfAbsent(id(folder), i -> new RunView(folder));
      }
      entries.keySet().retainAll(runs.keySet());
    }
  }

  private Map<String, RunView> known() {
    synchronized (runs) {
      return new LinkedHashMap<>(runs);
    }
  }

  private void enter(String id, RunView run) {
    Map<String, Object> entry = RunJson.entry(id, run);
    synchronized (runs) {
      entries.put(id, entry);
    }
  }

  /** The list as of the last reading. */
  List<Map<String, Object>> list() {
    synchronized (runs) {
      List<Map<String, Object>> list = new ArrayList<>();
      runs.keySet().stream().filter(entries::containsKey).map(entries::get).forEach(list::add);
      return list;
    }
  }

  /** A run's curves and plan; null where there is no such run. */
  Map<String, Object> detail(String id, Axis axis, int buckets) {
    RunView run = known().get(id);
    if (run == null) {
      return null;
    }
    synchronized (run) {
      run.refresh();
      return RunJson.detail(run, axis, buckets);
    }
  }

  /** A picture of a run; null where there is none of that name. */
  byte[] picture(String id, String name) throws IOException {
    RunView run = known().get(id);
    return run == null ? null : RunFiles.picture(run.folder(), name);
  }

  /** A short name for a folder that tells nothing about it. */
  private static String id(Path folder) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(folder.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
