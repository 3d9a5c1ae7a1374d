package org.efficienttrain.images.dataset;

import java.net.URI;
import java.util.List;
import org.efficienttrain.images.ImageException;

/**
 * A dataset that can be fetched.
 *
 * @param name what to ask for
 * @param licence what its makers say about its use
 * @param files where its files are
 */
public record RemoteDataset(String name, String licence, List<RemoteFile> files) {
  /**
   * One file at its official address. Sizes and sums of CIFAR and Fashion-MNIST are those that
   * TensorFlow Datasets records ({@code url_checksums}). Imagenette was published anew after that
   * list was made: its sum is the one that FastAI.jl records for the present archive.
   *
   * @param sha256 64 hexadecimal digits
   */
  public record RemoteFile(URI address, long bytes, String sha256) {
    RemoteFile(String address, long bytes, String sha256) {
      this(URI.create(address), bytes, sha256);
    }

    /** The last part of the address. */
    String fileName() {
      String path = address.getPath();
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  private static final String FASHION =
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

  /** All that can be fetched by name. */
  public static final List<RemoteDataset> ALL =
      List.of(
          new RemoteDataset(
              "cifar10",
              "no licence stated; cite Krizhevsky, 2009",
              List.of(
                  new RemoteFile(
                      "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                      170_052_171,
                      "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"))),
          new RemoteDataset(
              "cifar100",
              "no licence stated; cite Krizhevsky, 2009",
              List.of(
                  new RemoteFile(
                      "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
                      168_513_733,
                      "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"))),
          new RemoteDataset(
              "imagenette",
              "images under ImageNet's terms of access",
              List.of(
                  new RemoteFile(
                      "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz",
                      341_663_724,
                      "569b4497c98db6dd29f335d1f109cf315fe127053cedf69010d047f0188e158c"))),
          new RemoteDataset(
              "fashion-mnist",
              "MIT",
              List.of(
                  new RemoteFile(
                      FASHION + "train-images-idx3-ubyte.gz",
                      26_421_880,
                      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                  new RemoteFile(
                      FASHION + "train-labels-idx1-ubyte.gz",
                      29_515,
                      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                  new RemoteFile(
                      FASHION + "t10k-images-idx3-ubyte.gz",
                      4_422_102,
                      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                  new RemoteFile(
                      FASHION + "t10k-labels-idx1-ubyte.gz",
                      5_148,
                      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"))));

  /** The dataset of this name. */
  public static RemoteDataset named(String name) {
    return ALL.stream()
        .filter(dataset -> dataset.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ImageException(
                    "there is no dataset %s to fetch: choose one of %s"
                        .formatted(name, String.join(", ", names()))));
  }

  /** What can be asked for. */
  public static List<String> names() {
    return ALL.stream().map(RemoteDataset::name).toList();
  }
}
