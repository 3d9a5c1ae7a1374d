package org.efficienttrain.training.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.pixel.ImageEncoder;

/**
 * Keeps the newest pictures of what the network sees in a run's folder {@code samples}: {@code
 * batch-bB-mM-stepN.png}, and {@code stage-K-bB-mM.png} of every stage.
 */
public final class SampleFiles implements TrainingListener {
  private final Path folder;
  private Path batch;

  /**
   * @param run folder of the run
   */
  public SampleFiles(Path run) {
    this.folder = run.resolve("samples");
  }

  @Override
  public void samples(SampleReport report) {
    String name =
        "batch-b%d-m%s-step%d.png"
            .formatted(report.bandwidth(), number(report.magnitude()), report.step());
    try {
      if (batch == null) {
        deleteOlder();
      }
      Path file = write(name, report.sheet());
      if (batch != null && !batch.equals(file)) {
        Files.deleteIfExists(batch);
      }
      batch = file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes the same images as one stage shows them.
   *
   * @param stage its number, from 1
   */
  public void stage(int stage, SampleReport report) {
    try {
      write(
          "stage-%03d-b%d-m%s.png".formatted(stage, report.bandwidth(), number(report.magnitude())),
          SampleReport.sheet(report.images(), 4));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes the batch that an earlier process of this run left. */
  private void deleteOlder() throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (var files = Files.newDirectoryStream(folder, "batch-*.png")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Path write(String name, Image sheet) throws IOException {
    Files.createDirectories(folder);
    Path aside = folder.resolve("." + name);
    Files.write(aside, ImageEncoder.png(sheet));
    Path file = folder.resolve(name);
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return file;
  }

  private static String number(double magnitude) {
    return magnitude == Math.rint(magnitude)
        ? String.valueOf((long) magnitude)
        : String.format(Locale.ROOT, "%.1f", magnitude);
  }
}
