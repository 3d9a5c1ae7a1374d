package org.efficienttrain.app.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class LineChartTest {
  private static Document parse(LineChart chart) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(chart.toSvg().getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void drawsLinesWhereTheyBelong() throws Exception {
    LineChart chart =
        new LineChart("a < b & \"c\"", "steps")
            .line("up", new double[] {0, 0, 10, 1}, 0)
            .steps("held", new double[] {0, 0.5, 5, Double.NaN, 10, 0.7}, 1);
    Document svg = parse(chart);
    String up =
        svg.getElementsByTagName("path").item(0).getAttributes().getNamedItem("d").getNodeValue();
    String[] numbers = up.split("[ML ]", -1);
    assertThat(Double.parseDouble(numbers[1])).isLessThan(Double.parseDouble(numbers[3]));
    assertThat(Double.parseDouble(numbers[2])).isGreaterThan(Double.parseDouble(numbers[4]));
    String held =
        svg.getElementsByTagName("path").item(1).getAttributes().getNamedItem("d").getNodeValue();
    assertThat(held.chars().filter(c -> c == 'L').count()).isEqualTo(2); // across, then up
  }

  @Test
  void nothingAndOnePointAreChartsToo() throws Exception {
    assertThat(new LineChart("t", "x").isEmpty()).isTrue();
    parse(new LineChart("t", "x"));
    parse(new LineChart("t", "x").line("one", new double[] {3, 3}, 0).inPercent());
    parse(
        new LineChart("t", "x").dotted("log", new double[] {0, 1, 1e-5, 2, 1, 3}, 0).logarithmic());
  }

  @Test
  void theSamePlacesInAPicture() throws Exception {
    byte[] png =
        new LineChart("t", "x")
            .line("flat", new double[] {0, 1, 10, 1}, 0)
            .line("far above", new double[] {0, 3, 10, 3}, 1)
            .mark(5, "here")
            .toPng();
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(picture.getWidth()).isEqualTo(1240);
    int blue = row(picture, 0x0072b2, 900);
    int orange = row(picture, 0xd55e00, 900);
    assertThat(orange).isLessThan(blue);
    // The range of 1 to 3 has a margin of 4 % on each side, in a plot of 216 units of 2 pixels.
    assertThat((double) blue - orange).isCloseTo(432 / 1.08, within(2.0));
  }

  /** The first row of a colour in a column. */
  private static int row(BufferedImage picture, int colour, int column) {
    for (int y = 110; y < picture.getHeight(); y++) {
      if ((picture.getRGB(column, y) & 0xFFFFFF) == colour) {
        return y;
      }
    }
    throw new AssertionError("no such colour");
  }

  @Test
  void manyNamesTakeMoreRows() throws Exception {
    LineChart chart = new LineChart("t", "x");
    for (int i = 0; i < 12; i++) {
      chart.line("a run with a name " + i, new double[] {0, i, 1, i}, i);
    }
    String box = parse(chart).getDocumentElement().getAttribute("viewBox");
    // Three names in each of four rows; a chart with one row is 309 high.
    assertThat(box).isEqualTo("0 0 620 " + (309 + 3 * 15));
  }

  @Test
  void ticksAreRound() {
    assertThat(Ticks.of(0, 1, 5)).hasSize(6);
    assertThat(Ticks.of(0.013, 0.087, 4)).containsExactly(0.02, 0.04, 0.06, 0.08);
    assertThat(Ticks.of(2, 2, 5)).containsExactly(2.0);
    assertThat(Ticks.text(0.30000000000000004)).isEqualTo("0.3");
    assertThat(Ticks.text(12_000)).isEqualTo("12k");
    assertThat(Ticks.text(1_281_167)).isEqualTo("1.281M");
    assertThat(Ticks.text(0.00001)).isEqualTo("1e-05");
    assertThat(Ticks.text(0)).isEqualTo("0");
  }
}
