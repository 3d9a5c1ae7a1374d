package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlopsTest {
  /**
   * GFLOPs at 224 as the papers print them, with their number of digits: ours are within 2% or
   * round to the same (DeiT-T counts 1.25, printed as 1.3).
   */
  @ParameterizedTest
  @CsvSource({
    "resnet50, 4.1",
    "convnext_tiny, 4.5",
    "convnext_small, 8.7",
    "convnext_base, 15.4",
    "deit_tiny, 1.3",
    "deit_small, 4.6",
    "resnet18, 1.8",
    "resnet101, 7.8",
    "resnet152, 11.5",
    "convnext_large, 34.4",
    "pvt_tiny, 1.9",
    "pvt_small, 3.8",
    "pvt_medium, 6.7",
    "pvt_large, 9.8",
    "swin_tiny, 4.5",
    "swin_small, 8.7",
    "swin_base, 15.4",
    "cswin_tiny, 4.3",
    "cswin_small, 6.9",
    "cswin_base, 15.0",
    "caformer_s18, 4.1",
    "caformer_s36, 8.0",
    "caformer_m36, 13.2",
  })
  void agreesWithThePapers(String name, double printed) {
    double ours = official(name, 224) / 1e9;
    if (Math.abs(ours - printed) > 0.02 * printed) {
      assertThat(Math.round(ours * 10) / 10.0).isEqualTo(printed);
    }
  }

  /** Exact counts of the official implementations. */
  @ParameterizedTest
  @CsvSource({
    "resnet50, 224, 4089184256",
    "resnet50, 96, 752746496",
    "deit_tiny, 224, 1253683200",
    "deit_small, 160, 2268487680",
    "convnext_tiny, 224, 4455531264",
    "convnext_small, 128, 2836015104",
    "pvt_small, 96, 687586304",
    "pvt_large, 224, 9813765632",
    "swin_tiny, 160, 2256460800",
    "swin_large, 224, 34475759616",
    "cswin_tiny, 96, 758606336",
    "cswin_large, 224, 33130144512",
    "caformer_s18, 160, 2039755776",
    "caformer_b36, 224, 23160476160",
  })
  void agreesWithTheOfficialImplementations(String name, int size, long multiplyAdds) {
    assertThat(official(name, size)).isEqualTo(multiplyAdds);
  }

  /** With what the official last block does for tokens that no head reads, and ours leaves out. */
  private static long official(String name, int size) {
    return Flops.count(Backbones.options(name, 1000, size), size) + unread(name, size);
  }

  private static long unread(String name, int size) {
    boolean deit = name.startsWith("deit");
    if (!deit && !name.startsWith("pvt")) {
      return 0;
    }
    long width = name.equals("deit_tiny") ? 192 : deit ? 384 : 512;
    long side = size / (deit ? 16 : 32);
    long places = side * side;
    // The second linear layer of attention and the perceptron's two, and in PVT the queries'.
    long linear = (deit ? 9 : 10) * width * width;
    return places * (linear + 2 * (places + 1) * width);
  }

  /**
   * MAE-B by hand: of 196 patches the encoder sees 49 and the class token, the decoder all 197
   * tokens; a block of width C over L tokens takes 12 L C^2 + 2 L^2 C.
   */
  @Test
  void countsAMaskedAutoencoder() {
    Mae shapes = MaeVariant.find("mae_vit_base").orElseThrow().buildShapes();
    long encoder = 196 * 768 * 768 + 12 * block(50, 768);
    long decoder = 50 * 768 * 512 + 8 * block(197, 512) + 196 * 512 * 768;
    assertThat(Flops.count(shapes, 224)).isEqualTo(encoder + decoder);
    shapes.close();
  }

  private static long block(long tokens, long width) {
    return 12 * tokens * width * width + 2 * tokens * tokens * width;
  }

  /** A network of final size 224 costs at 96 what one of final size 96 does, and the table. */
  @Test
  void resizingTablesCostsNextToNothing() {
    double resized = Flops.count(Backbones.options("deit_tiny", 1000, 224), 96);
    double whole = Flops.count(Backbones.options("deit_tiny", 1000, 96), 96);
    assertThat(resized / whole).isCloseTo(1, within(0.005));
  }
}
