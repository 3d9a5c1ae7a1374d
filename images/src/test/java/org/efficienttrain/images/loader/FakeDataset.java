package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.SampleTransform;

/** A dataset whose samples are their own number, some of them broken. */
record FakeDataset(int size, Set<Integer> broken) implements ImageDataset {
  /** Writes the sample's number and then draws, so that every byte shows who made it. */
  static final SampleTransform TRANSFORM =
      (encoded, exposure, random, target) -> {
        byte[] pixels = new byte[exposure.bytes()];
        for (int i = 0; i < pixels.length; i++) {
          pixels[i] = (byte) random.nextLong();
        }
        pixels[0] = encoded[0];
        pixels[1] = encoded[1];
        pixels[2] = (byte) (10 * exposure.magnitude());
        target.put(pixels);
      };

  static FakeDataset of(int size, Integer... broken) {
    return new FakeDataset(size, Set.of(broken));
  }

  @Override
  public int label(int index) {
    return index % 3;
  }

  @Override
  public String name(int index) {
    return "image-" + index + ".jpg";
  }

  @Override
  public byte[] read(int index) {
    if (broken.contains(index)) {
      throw new BrokenImageException(Reason.TRUNCATED, "the data end early");
    }
    return ByteBuffer.allocate(2).putShort((short) index).array();
  }

  @Override
  public List<String> classes() {
    return List.of("a", "b", "c");
  }

  @Override
  public String fingerprint() {
    return "0".repeat(64);
  }
}
