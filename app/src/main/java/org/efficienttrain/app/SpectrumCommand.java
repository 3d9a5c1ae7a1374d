package org.efficienttrain.app;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.efficienttrain.app.spectrum.GifWriter;
import org.efficienttrain.app.spectrum.SpectralImage;
import org.efficienttrain.app.spectrum.SpectrumPicture;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.Spectrum;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.pixel.DecoderLines;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.ImageHeader;
import org.efficienttrain.images.pixel.Interpolation;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.CurriculumFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws what a curriculum shows of an image. */
@Command(
    name = "spectrum",
    mixinStandardHelpOptions = true,
    description = {
      "Draws images as a curriculum shows them.",
      "For each the image, its spectrum with the square that every bandwidth keeps, and what the"
          + " network sees then."
    },
    footer = {"", "Example:  ./et spectrum photo.jpg --out spectrum.png --gif spectrum.gif"})
final class SpectrumCommand implements Callable<Integer> {
  private static final int MAX_IMAGES = 16;

  @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "image files, 16 at most")
  List<Path> files;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "a PNG file")
  Path out;

  @Option(
      names = "--gif",
      paramLabel = "FILE",
      description = "also an animation of the first image, as the curriculum goes on")
  Path gif;

  @Option(
      names = "--curriculum",
      paramLabel = "NAME",
      defaultValue = "efficienttrain++",
      description = "whose bandwidths (default: ${DEFAULT-VALUE}); as in './et curriculum'")
  String curriculum;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      defaultValue = "224",
      description = "side in pixels at full bandwidth (default: ${DEFAULT-VALUE})")
  int imageSize;

  @Option(
      names = "--seconds",
      paramLabel = "X",
      defaultValue = "6",
      description = "length of the animation (default: ${DEFAULT-VALUE})")
  double seconds;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    Curriculum scaled =
        CurriculumFile.named(curriculum).scaledTo(imageSize, Curricula.defaultMultiple(imageSize));
    SpectrumPicture picture = new SpectrumPicture(scaled);
    List<SpectralImage> images = new ArrayList<>();
    for (Path file : files) {
      images.add(read(file));
    }
    write(picture.still(images));
    PrintWriter console = spec.commandLine().getOut();
    console.println(out);
    if (gif != null) {
      GifWriter.write(picture.frames(images.get(0), seconds), gif);
      console.println(gif);
    }
    console.flush();
    return 0;
  }

  private void check() {
    Pictures.requirePng("--out", out);
    if (gif != null && !gif.toString().toLowerCase(Locale.ROOT).endsWith(".gif")) {
      throw new UserError("--gif must name a .gif file, not " + gif);
    }
    if (files.size() > MAX_IMAGES) {
      throw new UserError(
          "a picture shows at most %d images, not %d".formatted(MAX_IMAGES, files.size()));
    }
    if (imageSize < 16 || imageSize > Spectrum.MAX_SIDE) {
      throw new UserError(
          "--image-size must be 16 to %d, not %d".formatted(Spectrum.MAX_SIDE, imageSize));
    }
    if (!(seconds >= 0.5 && seconds <= 60)) {
      throw new UserError(
          String.format(Locale.ROOT, "--seconds must be 0.5 to 60, not %s", seconds));
    }
  }

  /** The middle square of an image, at the image size. */
  private SpectralImage read(Path file) throws IOException {
    ImageDecoder decoder = new ImageDecoder();
    try {
      if (Files.isDirectory(file)) {
        throw new UserError(file + " is a folder: give image files");
      }
      if (Files.size(file) > Integer.MAX_VALUE - 8) {
        throw new UserError(file + " is too large to be an image");
      }
      byte[] bytes = Files.readAllBytes(file);
      ImageHeader header = decoder.header(bytes);
      int side = Math.min(header.width(), header.height());
      Region middle =
          new Region((header.width() - side) / 2, (header.height() - side) / 2, side, side);
      String name = file.getFileName().toString();
      return new SpectralImage(
          name.length() > 30 ? "image" : name,
          DecoderLines.get(
              file.toString(),
              () ->
                  decoder.decodeResized(
                      bytes, header, middle, imageSize, Interpolation.BICUBIC, false)));
    } catch (BrokenImageException e) {
      throw new UserError(
          file + " cannot be drawn: " + e.getMessage() + "; give a JPEG, PNG or WebP file", e);
    }
  }

  private void write(BufferedImage picture) throws IOException {
    ImageIO.write(picture, "png", out.toFile());
  }
}
