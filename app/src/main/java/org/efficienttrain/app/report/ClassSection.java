package org.efficienttrain.app.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.efficienttrain.app.chart.Markup;
import org.efficienttrain.app.runs.CsvFile;

/** Which classes were taken for which, as {@code ./et evaluate} left it beside a run. */
final class ClassSection {
  private static final int MAX_CLASSES = 1000;

  /** A larger matrix is not legible; the tables of classes say what matters. */
  private static final int MOST_IN_MATRIX = 40;

  private static final int MOST_LISTED = 5;
  private static final long MAX_PICTURE = 16 << 20;

  /** Where an evaluation may lie in a run's folder. */
  private static final List<String> FOLDERS = List.of("evaluation", ".");

  private record OfClass(String name, long images, double recall, String takenFor) {}

  private final Path run;
  private final Html html;

  ClassSection(Path run, Html html) {
    this.run = run;
    this.html = html;
  }

  void write() {
    for (String folder : FOLDERS) {
      Path file = run.resolve(folder).resolve("confusion.csv");
      if (Files.isRegularFile(file)) {
        try {
          matrix(CsvFile.read(file, MAX_CLASSES + 1));
        } catch (IOException | IllegalArgumentException e) {
          html.text("p", "note", "The confusion matrix cannot be read: " + e.getMessage());
        }
        worst(run.resolve(folder));
        return;
      }
    }
  }

  private void matrix(List<List<String>> rows) {
    List<String> names = rows.get(0).subList(1, rows.get(0).size());
    long[][] counts = new long[names.size()][names.size()];
    if (rows.size() != names.size() + 1) {
      throw new IllegalArgumentException("it is not square");
    }
    for (int row = 0; row < counts.length; row++) {
      List<String> cells = rows.get(row + 1);
      if (cells.size() != names.size() + 1) {
        throw new IllegalArgumentException("row " + (row + 1) + " is not as long as the first");
      }
      for (int column = 0; column < counts.length; column++) {
        counts[row][column] = Long.parseLong(cells.get(column + 1).strip());
      }
    }
    html.text("h3", "Classes");
    List<OfClass> classes = classes(names, counts);
    int listed = Math.min(MOST_LISTED, classes.size());
    table("Best", classes.subList(0, listed));
    if (classes.size() > listed) {
      List<OfClass> last = classes.subList(classes.size() - listed, classes.size());
      List<OfClass> worst = new ArrayList<>(last);
      worst.sort(Comparator.comparingDouble(OfClass::recall));
      table("Worst", worst);
    }
    if (names.size() <= MOST_IN_MATRIX) {
      draw(names, counts);
    }
  }

  /** By falling recall; classes without images are left out. */
  private static List<OfClass> classes(List<String> names, long[][] counts) {
    List<OfClass> classes = new ArrayList<>();
    for (int row = 0; row < counts.length; row++) {
      long images = 0;
      int confused = -1;
      for (int column = 0; column < counts.length; column++) {
        images += counts[row][column];
        boolean more = confused < 0 || counts[row][column] > counts[row][confused];
        confused = column != row && counts[row][column] > 0 && more ? column : confused;
      }
      if (images > 0) {
        double recall = (double) counts[row][row] / images;
        classes.add(
            new OfClass(names.get(row), images, recall, confused < 0 ? "-" : names.get(confused)));
      }
    }
    classes.sort(Comparator.comparingDouble(OfClass::recall).reversed());
    return classes;
  }

  private void table(String title, List<OfClass> classes) {
    html.open("table");
    html.row("th", List.of(title, "images", "right", "most often taken for"));
    for (OfClass c : classes) {
      html.row(
          "td",
          List.of(
              c.name(),
              String.valueOf(c.images()),
              String.format(Locale.ROOT, "%.1f%%", 100 * c.recall()),
              c.takenFor()));
    }
    html.close("table");
  }

  private void draw(List<String> names, long[][] counts) {
    html.text("p", "note", "Rows: the class of the images. Columns: what they were taken for.");
    html.open("table", "confusion");
    List<String> header = new ArrayList<>(List.of(""));
    names.forEach(n -> header.add(n.length() > 10 ? n.substring(0, 9) + "…" : n));
    html.row("th", header);
    for (int row = 0; row < counts.length; row++) {
      long images = Math.max(1, java.util.Arrays.stream(counts[row]).sum());
      html.raw("<tr><th>" + Markup.escape(names.get(row)) + "</th>");
      for (int column = 0; column < counts.length; column++) {
        double share = (double) counts[row][column] / images;
        html.raw(
            String.format(
                Locale.ROOT,
                "<td style=\"background:rgba(%s,%.2f)\">%s</td>",
                row == column ? "0,114,178" : "213,94,0",
                Math.min(0.8, row == column ? 0.7 * share : 2 * share),
                counts[row][column] == 0 ? "" : String.valueOf(counts[row][column])));
      }
      html.raw("</tr>\n");
    }
    html.close("table");
  }

  /** The grid of the worst mistakes, where the evaluation drew one. */
  private void worst(Path folder) {
    for (String name : List.of("misclassified.png", "worst.png")) {
      Path file = folder.resolve(name);
      try {
        if (Files.isRegularFile(file)
            && Files.size(file) < MAX_PICTURE
            && file.toRealPath().startsWith(run.toRealPath())) {
          html.text("h3", "Worst mistakes");
          html.picture(
              Files.readAllBytes(file), "png", "wrong with the highest confidence", "worst");
          return;
        }
      } catch (IOException e) {
        html.text("p", "note", name + " cannot be read: " + e.getMessage());
      }
    }
  }
}
