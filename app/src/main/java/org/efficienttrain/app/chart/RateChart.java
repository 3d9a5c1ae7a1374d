package org.efficienttrain.app.chart;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.run.RateFinder;
import org.efficienttrain.training.run.RateFinder.Point;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws a learning-rate range test. */
public final class RateChart {
  private RateChart() {}

  /**
   * Writes a PNG file.
   *
   * @throws UserError if it cannot be written, or the machine has no fonts to write with
   */
  public static void write(RateFinder found, String model, Path file) {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(520)
            .title("Learning-rate range test of " + model)
            .xAxisTitle("learning rate")
            .yAxisTitle("training loss")
            .build();
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotGridLinesColor(new Color(0xd1d9e0));
    List<Double> rates = found.points().stream().map(Point::rate).toList();
    line(chart, "loss of a batch", rates, found.points().stream().map(Point::loss).toList(), 0xb9c4d0);
    line(chart, "smoothed", rates, found.points().stream().map(Point::smoothed).toList(), 0x0072b2);
    if (!Double.isNaN(found.suggestion())) {
      double low = found.points().stream().mapToDouble(Point::loss).min().orElseThrow();
      double high = found.points().stream().mapToDouble(Point::loss).max().orElseThrow();
      line(
          chart,
          "suggestion: %.2g".formatted(found.suggestion()),
          List.of(found.suggestion(), found.suggestion()),
          List.of(low, high),
          0xd55e00);
    }
    try {
      ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e.getMessage(), e);
    } catch (LinkageError | InternalError e) { // no fontconfig
      throw new UserError(
          "cannot draw " + file + ", because this machine has no fonts: install fontconfig and"
              + " fonts-dejavu-core",
          e);
    }
  }

  private static void line(
      XYChart chart, String name, List<Double> x, List<Double> y, int colour) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(new Color(colour));
    series.setLineWidth(2);
  }
}
