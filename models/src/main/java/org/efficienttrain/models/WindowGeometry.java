package org.efficienttrain.models;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * The constants of {@link Swin}'s windows: which table entry belongs to which pair of tokens, and
 * which tokens of a shifted window were neighbours before the shift. Computed once per size and
 * kept, across steps, for the last few sizes.
 */
final class WindowGeometry {
  /** The five sizes of a curriculum take at most four masks and one index each. */
  private static final int CAPACITY = 32;

  private record Key(long side, long window, long shift, Device device) {}

  private final Map<Key, Tensor> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Tensor> eldest) {
          return size() > CAPACITY;
        }
      };

  /** For each pair of tokens of a window, their entry of the table: (w^4). */
  Tensor relativePositions(long window, Device device) {
    return cached(new Key(0, window, 0, device), () -> Tensors.of(relativePositions(window)));
  }

  /** 0 within a region of the map, -100 between regions: (windows, 1, w*w, w*w). */
  Tensor mask(long side, long window, long shift, Device device) {
    long across = side / window;
    long tokens = window * window;
    return cached(
        new Key(side, window, shift, device),
        () ->
            Tensors.of(
                mask((int) side, (int) window, (int) shift), across * across, 1, tokens, tokens));
  }

  private synchronized Tensor cached(Key key, Supplier<Tensor> maker) {
    Tensor found = cache.get(key);
    if (found == null) {
      found = Scope.outlive(maker.get().to(key.device()));
      cache.put(key, found);
    }
    return found;
  }

  private static long[] relativePositions(long window) {
    int tokens = (int) (window * window);
    long[] index = new long[tokens * tokens];
    for (int i = 0; i < tokens; i++) {
      for (int j = 0; j < tokens; j++) {
        long dy = i / window - j / window + window - 1;
        long dx = i % window - j % window + window - 1;
        index[i * tokens + j] = dy * (2 * window - 1) + dx;
      }
    }
    return index;
  }

  private static float[] mask(int side, int window, int shift) {
    int across = side / window;
    int tokens = window * window;
    float[] mask = new float[across * across * tokens * tokens];
    int at = 0;
    for (int w = 0; w < across * across; w++) {
      int[] regions = new int[tokens];
      for (int i = 0; i < tokens; i++) {
        int y = region(w / across * window + i / window, side, window, shift);
        int x = region(w % across * window + i % window, side, window, shift);
        regions[i] = 3 * y + x;
      }
      for (int i = 0; i < tokens; i++) {
        for (int j = 0; j < tokens; j++) {
          mask[at++] = regions[i] == regions[j] ? 0 : -100;
        }
      }
    }
    return mask;
  }

  /** After the shift, the last {@code shift} rows come from the opposite edge of the map. */
  private static int region(int at, int side, int window, int shift) {
    return at < side - window ? 0 : at < side - shift ? 1 : 2;
  }
}
