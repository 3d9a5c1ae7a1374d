package org.efficienttrain.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.dataset.DataFetcher;
import org.efficienttrain.images.dataset.DataInspector;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.dataset.Inspection;
import org.efficienttrain.images.dataset.PackRecoder;
import org.efficienttrain.images.dataset.PackWriter;
import org.efficienttrain.images.dataset.RemoteDataset;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.images.pixel.ImageDecoder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Datasets on disk: looks at them, packs them, fetches them. */
@Command(
    name = "data",
    mixinStandardHelpOptions = true,
    description = "Looks at, packs, and fetches datasets.",
    subcommands = {DataCommand.Inspect.class, DataCommand.Pack.class, DataCommand.Fetch.class})
final class DataCommand implements Runnable {
  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Images need no labels to be looked at or packed. */
  private static List<Datasets.Part> open(String where) {
    return Datasets.open(where, Datasets.Labels.OPTIONAL, Console.progress());
  }

  private static String titled(Datasets.Part part, String where) {
    return part.name().isEmpty() ? where : where + ", " + part.name();
  }

  /** Reports classes, sizes and broken files, and draws a contact sheet. */
  @Command(
      name = "inspect",
      mixinStandardHelpOptions = true,
      description = "Reports classes, sizes and broken files, and draws a contact sheet.")
  static final class Inspect implements Callable<Integer> {
    private static final int MOST_CLASSES_SHOWN = 30;
    private static final int MOST_BROKEN_SHOWN = 10;

    @Parameters(paramLabel = "DIR", description = "a dataset of any form, or quickstart:")
    String where;

    @Option(
        names = "--sample",
        paramLabel = "N",
        description = "decode only N images of each part, evenly spread (default: all)")
    int sample = Integer.MAX_VALUE;

    @Option(
        names = "--out",
        paramLabel = "DIR",
        defaultValue = "runs/inspect",
        description =
            "folder for the contact sheets and the lists of broken and damaged files (default: ${DEFAULT-VALUE})")
    Path out;

    @Option(
        names = "--max-pixels",
        paramLabel = "N",
        description = "images of more pixels count as broken (default: 178,956,970, as Pillow)")
    long maxPixels = ImageDecoder.DEFAULT_MAX_PIXELS;

    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      if (sample < 1) {
        throw new ImageException("--sample must be at least 1, not " + sample);
      }
      Files.createDirectories(out);
      PrintWriter writer = spec.commandLine().getOut();
      for (Datasets.Part part : open(where)) {
        DataInspector inspector = new DataInspector(part.dataset(), new ImageDecoder(maxPixels));
        Inspection inspection = inspector.inspect(sample, Console.progress());
        print(writer, titled(part, where), inspection);
        String prefix = part.name().isEmpty() ? "" : part.name() + "-";
        Path sheet = out.resolve(prefix + "contact-sheet.png");
        Files.write(sheet, inspector.contactSheet());
        writer.println("contact sheet: " + sheet);
        if (inspection.broken().count() > 0) {
          Path list = out.resolve(prefix + "broken.tsv");
          inspection.broken().writeTo(list);
          writer.println("broken files:  " + list);
        }
        if (!inspection.damaged().isEmpty()) {
          Path list = out.resolve(prefix + "damaged.txt");
          Files.write(list, inspection.damaged());
          writer.println("damaged files: " + list);
        }
        writer.println();
        part.dataset().close();
      }
      writer.flush();
      return 0;
    }

    private static void print(PrintWriter out, String title, Inspection inspection) {
      out.printf(
          "%s%n%d images %s, %d checked, %s%n",
          title,
          inspection.images(),
          inspection.classes().isEmpty()
              ? "without labels"
              : "in " + inspection.classes().size() + " classes",
          inspection.checked(),
          inspection.broken().summary());
      out.println(
          inspection.formats().entrySet().stream()
              .map(format -> format.getKey() + " " + format.getValue())
              .collect(Collectors.joining(", ", "formats  ", "")));
      out.println("         smallest    median   largest");
      row(out, "width", inspection.widths());
      row(out, "height", inspection.heights());
      row(out, "bytes", inspection.bytes());
      int shown = Math.min(MOST_CLASSES_SHOWN, inspection.classes().size());
      for (int label = 0; label < shown; label++) {
        out.printf("%9d %s%n", inspection.counts().get(label), inspection.classes().get(label));
      }
      if (shown < inspection.classes().size()) {
        out.printf("          and %d more classes%n", inspection.classes().size() - shown);
      }
      inspection.broken().list().stream()
          .limit(MOST_BROKEN_SHOWN)
          .forEach(file -> out.printf("broken: %s: %s%n", file.name(), file.message()));
      inspection.damaged().stream()
          .limit(MOST_BROKEN_SHOWN)
          .forEach(
              name ->
                  out.printf(
                      "damaged: %s: its data are in error; it is used as decoders read it%n",
                      name));
    }

    private static void row(PrintWriter out, String name, Inspection.Spread spread) {
      out.printf(
          Locale.ROOT,
          "%-6s %10d%10d%10d%n",
          name,
          spread.smallest(),
          spread.median(),
          spread.largest());
    }
  }

  /** Packs a dataset into one file per part. */
  @Command(
      name = "pack",
      mixinStandardHelpOptions = true,
      description = {
        "Packs a dataset into one file, for fast random access on slow disks.",
        "One with training and validation images becomes a folder of two files."
      })
  static final class Pack implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "a dataset of any form")
    String where;

    @Option(
        names = "--out",
        paramLabel = "PATH",
        description = "what to write (default: the name of DIR, in this folder)")
    Path out;

    @Option(
        names = "--side",
        paramLabel = "N",
        description = "make the smaller side of larger images N pixels (default: keep the files)")
    int side;

    @Option(
        names = "--quality",
        paramLabel = "N",
        defaultValue = "" + PackRecoder.DEFAULT_QUALITY,
        description = "of JPEGs that are made smaller, 1 to 100 (default: ${DEFAULT-VALUE})")
    int quality;

    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      UnaryOperator<byte[]> recode =
          side == 0 ? UnaryOperator.identity() : new PackRecoder(side, quality);
      List<Datasets.Part> parts = DataCommand.open(where);
      for (Datasets.Part part : parts) {
        Path target = target(part);
        BrokenFiles broken = PackWriter.write(part.dataset(), target, recode, Console.progress());
        spec.commandLine()
            .getOut()
            .printf(
                "%s: %d images, %.1f MB, %s left out%n",
                target,
                part.dataset().size() - broken.count(),
                Files.size(target) / 1e6,
                broken.summary());
        part.dataset().close();
      }
      spec.commandLine().getOut().flush();
      return 0;
    }

    private Path target(Datasets.Part part) {
      Path base = out == null ? Path.of(name()) : out;
      if (!part.name().isEmpty()) {
        return base.resolve(part.name() + ".etpack");
      }
      return base.toString().endsWith(".etpack") ? base : Path.of(base + ".etpack");
    }

    private String name() {
      Path file = Path.of(where).toAbsolutePath().normalize().getFileName();
      String name = file == null ? "data" : file.toString();
      return name.replaceFirst("(:|\\.tar|\\.tar\\.gz|\\.tgz)$", "") + "-packed";
    }
  }

  /** Fetches a dataset from its official address. */
  @Command(
      name = "fetch",
      mixinStandardHelpOptions = true,
      description = "Fetches a dataset from its official address, and checks its SHA-256.")
  static final class Fetch implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "cifar10, cifar100, imagenette or fashion-mnist")
    String name;

    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "folder to make (default: data/NAME)")
    Path out;

    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
      RemoteDataset dataset = RemoteDataset.named(name);
      Path target = out == null ? Path.of("data", name) : out;
      new DataFetcher().fetch(dataset, target, Console.progress());
      String parts =
          Datasets.open(target.toString(), Console.progress()).stream()
              .map(part -> part.dataset().size() + " " + part.name())
              .collect(Collectors.joining(", "));
      spec.commandLine().getOut().printf("%s: %s images (%s)%n", target, parts, dataset.licence());
      spec.commandLine().getOut().flush();
      return 0;
    }
  }
}
