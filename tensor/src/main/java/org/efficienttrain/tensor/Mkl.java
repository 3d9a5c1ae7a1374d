package org.efficienttrain.tensor;

import java.io.File;
import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * Intel's MKL in OpenBLAS's place, where the build has it (Maven profile {@code mkl}, Linux): its
 * products run on the threads of libtorch, and OpenBLAS's on their own.
 */
final class Mkl {
  private static final String FOLDER = "/org/bytedeco/mkl/linux-x86_64/";

  /** The same library of threads as libtorch's. */
  private static final String THREADS = "/org/bytedeco/pytorch/linux-x86_64/libgomp.so.1";

  /** In the order in which one needs the other. */
  private static final List<String> LIBRARIES =
      List.of("libmkl_core.so.2", "libmkl_gnu_thread.so.2", "libmkl_intel_lp64.so.2");

  /** One for each kind of processor, which the others open from their folder. */
  private static final List<String> KERNELS =
      List.of("libmkl_avx512.so.2", "libmkl_avx2.so.2", "libmkl_def.so.2");

  private Mkl() {}

  /**
   * Loads it so that libtorch, which has to be loaded later, finds its products first.
   *
   * @return its version, or null where the build does not have it or it cannot be loaded
   */
  static String load() {
    if (Mkl.class.getResource(FOLDER + LIBRARIES.get(0)) == null) {
      return null;
    }
    try {
      Loader.load(Pointer.class);
      for (String kernel : KERNELS) {
        file(FOLDER + kernel);
      }
      Loader.loadGlobal(file(THREADS));
      for (String library : LIBRARIES) {
        Loader.loadGlobal(file(FOLDER + library));
      }
      return Loader.getVersion("org.bytedeco", "mkl");
    } catch (IOException | UnsatisfiedLinkError e) {
      return null; // OpenBLAS computes the same
    }
  }

  /** Path of a library that JavaCPP unpacks, once, into its cache. */
  private static String file(String resource) throws IOException {
    File file = Loader.cacheResource(resource);
    if (file == null) {
      throw new IOException("no " + resource + " in this build");
    }
    return file.getPath();
  }
}
