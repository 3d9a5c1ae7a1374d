package org.efficienttrain.app.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class SvgChartTest {
  private static Document parse(SvgChart chart) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(chart.toSvg().getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void drawsLinesWhereTheyBelong() throws Exception {
    SvgChart chart =
        new SvgChart("a < b & \"c\"", "steps")
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
    assertThat(new SvgChart("t", "x").isEmpty()).isTrue();
    parse(new SvgChart("t", "x"));
    parse(new SvgChart("t", "x").line("one", new double[] {3, 3}, 0).inPercent());
    parse(
        new SvgChart("t", "x").dotted("log", new double[] {0, 1, 1e-5, 2, 1, 3}, 0).logarithmic());
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
