package org.efficienttrain.app.runs;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a file in a run's folder of samples shows, by its name. */
public final class SampleNames {
  private static final Pattern STAGE = Pattern.compile("stage-(\\d{1,6})-b(\\d+)-m([\\d.]+)\\.png");
  private static final Pattern BATCH = Pattern.compile("batch-b(\\d+)-m([\\d.]+)-step(\\d+)\\.png");

  private SampleNames() {}

  /** A caption. */
  public static String caption(String name) {
    Matcher stage = STAGE.matcher(name);
    if (stage.matches()) {
      return "stage %d: B = %s, m = %s"
          .formatted(Integer.parseInt(stage.group(1)), stage.group(2), stage.group(3));
    }
    Matcher batch = BATCH.matcher(name);
    if (batch.matches()) {
      return "a batch as the network saw it at step %s: B = %s, m = %s"
          .formatted(batch.group(3), batch.group(1), batch.group(2));
    }
    return name.equals(RunFiles.RECONSTRUCTION)
        ? "validation images, what was left to see of them, and what came back"
        : name;
  }

  /** The stage that the picture is of, from 1; 0 where it is of none. */
  public static int stage(String name) {
    Matcher stage = STAGE.matcher(name);
    return stage.matches() ? Integer.parseInt(stage.group(1)) : 0;
  }
}
