package org.efficienttrain.app;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.images.loader.BrokenFiles.BrokenFile;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.GradCam;
import org.efficienttrain.training.evaluation.Inference;
import org.efficienttrain.training.evaluation.TrainedModel;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what is on images. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Says what is on images.",
    footer = {
      "",
      "Example:  ./et predict runs/photos holiday/*.jpg --top 3",
      "          find . -name '*.jpg' | ./et predict runs/photos - --json",
    })
final class PredictCommand implements Callable<Integer> {
  /** The exit code when some images could not be used. */
  private static final int SOME_BROKEN = 1;

  @Parameters(
      index = "0",
      paramLabel = "RUN|WEIGHTS",
      description = "the folder of a run, or a weight file")
  Path source;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGES",
      description = "files, folders, patterns, or - for a list of files on standard input")
  List<String> images;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "5",
      description = "classes shown, most likely first (default: ${DEFAULT-VALUE})")
  int top;

  /** At most one form. */
  static final class Form {
    @Option(names = "--csv", description = "a comma-separated table")
    boolean csv;

    @Option(names = "--json", description = "a JSON object on each line")
    boolean json;
  }

  @ArgGroup Form form;

  @Option(names = "--out", paramLabel = "FILE", description = "write to this file")
  Path out;

  @Option(
      names = "--saliency",
      paramLabel = "DIR",
      description = "write pictures of where the network looked")
  Path saliency;

  @Mixin ModelOptions model;
  @Mixin MachineOptions machine;

  private long shown;
  private long broken;
  private long nanos;

  @Override
  public Integer call() throws IOException {
    if (top < 1) {
      throw new UserError("--top must be at least 1, not " + top);
    }
    machine.useThreads();
    try (TrainedModel trained = TrainedModel.open(source, model.wanted(false));
        OutputStream file = out == null ? null : Files.newOutputStream(out)) {
      trained.notes().forEach(note -> System.err.println("note: " + note));
      Inference how = model.inference(trained, machine).withMaxBroken(1);
      trained.network().to(how.device());
      PrintWriter writer =
          new PrintWriter(
              new OutputStreamWriter(file == null ? System.out : file, StandardCharsets.UTF_8));
      PredictionWriter lines = new PredictionWriter(writer, form(), trained.classes());
      int guesses = Math.min(top, trained.classes().size());
      lines.header(guesses);
      SaliencyPictures pictures = saliency == null ? null : new SaliencyPictures(saliency);
      Block block = new Block(trained.network(), how, lines, writer, guesses, pictures);
      ImageList.forEach(images, block::predict);
      writer.flush();
    }
    summarise();
    return broken > 0 ? SOME_BROKEN : 0;
  }

  private PredictionWriter.Form form() {
    if (form == null) {
      return PredictionWriter.Form.TABLE;
    }
    return form.csv ? PredictionWriter.Form.CSV : PredictionWriter.Form.JSON;
  }

  private void summarise() {
    double seconds = nanos / 1e9;
    System.err.printf(
        Locale.ROOT,
        "%d images in %.1f s (%.0f/s)%s%n",
        shown,
        seconds,
        shown / Math.max(seconds, 1e-9),
        broken == 0 ? "" : ", and " + broken + " broken");
  }

  /** Files that are known at once, through the network in batches. */
  private final class Block {
    private final Backbone network;
    private final Inference how;
    private final PredictionWriter lines;
    private final PrintWriter writer;
    private final int guesses;
    private final SaliencyPictures pictures;
    private final UnaryOperator<Tensor> forward;
    private Tensor maps;

    /** The next file to be written about. */
    private int next;

    Block(
        Backbone network,
        Inference how,
        PredictionWriter lines,
        PrintWriter writer,
        int guesses,
        SaliencyPictures pictures) {
      this.network = network;
      this.how = how;
      this.lines = lines;
      this.writer = writer;
      this.guesses = guesses;
      this.pictures = pictures;
      this.forward = pictures == null ? network::forward : this::look;
    }

    /** The forward pass that also finds where the network looks. */
    private Tensor look(Tensor batch) {
      GradCam.Result result = new GradCam(network).of(batch);
      maps = result.maps();
      return result.logits();
    }

    void predict(List<Path> files) {
      long start = System.nanoTime();
      next = 0;
      int width = PredictionWriter.width(files);
      Progress progress = out == null ? Progress.NONE : Console.progress();
      try (ImageDataset dataset = Datasets.files(files)) {
        BrokenFiles all =
            how.run(
                dataset,
                how.transform(),
                Collective.single(),
                forward,
                (batch, logits, soFar) -> write(files, batch, logits.toFloats(), soFar, width),
                progress);
        writeBroken(files, files.size(), reasons(all), width);
      }
      writer.flush();
      nanos += System.nanoTime() - start;
    }

    private void write(
        List<Path> files, Batch batch, float[] logits, BrokenFiles soFar, int width) {
      int classes = network.options().classes();
      Map<Integer, BrokenFile> reasons = soFar.count() == 0 ? Map.of() : reasons(soFar);
      for (int i = 0; i < batch.count(); i++) {
        int index = batch.indices()[i];
        writeBroken(files, index, reasons, width);
        Path file = files.get(index);
        lines.line(
            file.toString(),
            PredictionWriter.guesses(logits, i * classes, classes, guesses),
            width);
        if (pictures != null) {
          pictures.write(file, batch, i, maps);
        }
        shown++;
        next = index + 1;
      }
      if (writer.checkError()) { // also flushes
        throw new UserError("the predictions cannot be written: their reader is gone");
      }
    }

    private Map<Integer, BrokenFile> reasons(BrokenFiles files) {
      return files.list().stream()
          .collect(Collectors.toMap(BrokenFile::index, Function.identity()));
    }

    /** Lines of the files up to another one, which are all broken. */
    private void writeBroken(
        List<Path> files, int end, Map<Integer, BrokenFile> reasons, int width) {
      for (; next < end; next++) {
        BrokenFile reason = reasons.get(next);
        lines.broken(
            files.get(next).toString(),
            reason.reason().words() + ": " + reason.message(),
            guesses,
            width);
        broken++;
      }
    }
  }
}
