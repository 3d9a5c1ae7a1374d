package org.efficienttrain.images.pixel;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.Image;

/** The one place that calls OpenCV. */
final class OpenCv {
  static {
    // JavaCPP reads these when Pointer is first loaded. With its limits on, every native object
    // takes a global lock and asks the system for the process's memory: 6 to 8 times slower.
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
    // Parallelism is the loader's affair: one thread per worker.
    opencv_core.setNumThreads(1);
  }

  // The colour order and the reduction are separate bits: REDUCED_GRAYSCALE_n is the bare
  // reduction.
  private static final int COLOUR =
      opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;

  private OpenCv() {}

  /**
   * Decodes to RGB, and copies some of the rows.
   *
   * @param reduction 1, or 2, 4, 8 to decode at a fraction of each side, rounded up
   * @param width of the decoded image, reduced
   * @param height of the decoded image, reduced
   * @param top first row to copy
   * @param rows how many to copy
   */
  static Image decode(byte[] file, int reduction, int width, int height, int top, int rows) {
    int flags =
        switch (reduction) {
          case 1 -> COLOUR;
          case 2 -> COLOUR | opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
          case 4 -> COLOUR | opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4;
          case 8 -> COLOUR | opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8;
          default -> throw new IllegalArgumentException("no reduction by " + reduction);
        };
    byte[] pixels = new byte[width * rows * Image.CHANNELS];
    decode(file, flags, width, height, (long) top * width * Image.CHANNELS, pixels);
    return new Image(pixels, width, rows);
  }

  /**
   * Decodes 16-bit gray the way Pillow converts it to RGB: values above 255 become 255, they are
   * not scaled.
   */
  static Image decodeSixteenBitGray(byte[] file, int width, int height) {
    byte[] wide = new byte[Math.multiplyExact(width * 2, height)];
    int flags = opencv_imgcodecs.IMREAD_ANYDEPTH | opencv_imgcodecs.IMREAD_GRAYSCALE;
    decode(file, flags, width, height, 0, wide);
    Image image = Image.black(width, height);
    byte[] pixels = image.pixels();
    for (int i = 0; i < wide.length / 2; i++) {
      byte value = wide[2 * i + 1] == 0 ? wide[2 * i] : (byte) 255; // little-endian
      pixels[3 * i] = value;
      pixels[3 * i + 1] = value;
      pixels[3 * i + 2] = value;
    }
    return image;
  }

  private static void decode(
      byte[] file, int flags, int width, int height, long from, byte[] target) {
    try (BytePointer bytes = new BytePointer(file);
        Mat encoded = new Mat(1, file.length, opencv_core.CV_8UC1, bytes);
        Mat decoded = DecoderLines.hear(() -> opencv_imgcodecs.imdecode(encoded, flags))) {
      if (decoded.cols() != width || decoded.rows() != height) { // also when it is empty
        throw damaged(null);
      }
      decoded.data().position(from).get(target);
    } catch (BrokenImageException e) {
      throw e;
    } catch (RuntimeException e) { // what JavaCPP makes of a C++ exception
      if (String.valueOf(e.getMessage()).contains("Insufficient memory")) {
        throw new OutOfMemoryError(e.getMessage());
      }
      throw damaged(e);
    }
  }

  static byte[] encodeJpeg(Image image, int quality) {
    return encode(image, ".jpg", opencv_imgcodecs.IMWRITE_JPEG_QUALITY, quality);
  }

  static byte[] encodePng(Image image) {
    return encode(image, ".png");
  }

  /**
   * Encodes RGB.
   *
   * @param extension says the format, for example {@code ".jpg"}
   * @param settings pairs of one of OpenCV's IMWRITE constants and its value
   */
  static byte[] encode(Image image, String extension, int... settings) {
    byte[] bgr = image.pixels().clone();
    for (int i = 0; i < bgr.length; i += Image.CHANNELS) {
      byte red = bgr[i];
      bgr[i] = bgr[i + 2];
      bgr[i + 2] = red;
    }
    try (BytePointer bytes = new BytePointer(bgr);
        Mat mat = new Mat(image.height(), image.width(), opencv_core.CV_8UC3, bytes);
        IntPointer parameters = new IntPointer(settings);
        BytePointer file = new BytePointer()) {
      if (!opencv_imgcodecs.imencode(extension, mat, file, parameters)) {
        throw new IllegalStateException("OpenCV cannot write " + extension);
      }
      byte[] result = new byte[Math.toIntExact(file.limit())];
      file.get(result);
      return result;
    }
  }

  private static BrokenImageException damaged(Throwable cause) {
    return new BrokenImageException(Reason.CORRUPT, "the image data are damaged", cause);
  }
}
