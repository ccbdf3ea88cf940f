package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import dev.noether.io.AtomicFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves in a picture, drawn by XChart. */
final class Curves {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;

  private final XYChart chart;
  private final boolean marked;

  /** A picture without curves; a logarithmic axis of x is for numbers of samples. */
  Curves(String title, String xTitle, String yTitle, boolean logarithmicX) {
    // Neither a screen nor a window is needed.
    System.setProperty("java.awt.headless", "true");
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setXAxisLogarithmic(logarithmicX);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    chart.getStyler().setPlotGridLinesVisible(false);
    marked = logarithmicX;
  }

  void add(String name, List<Double> x, List<Double> y) {
    add(name, x, y, List.of());
  }

  /** A curve has a gap where a number is not finite. */
  void add(String name, List<Double> x, List<Double> all, List<Double> deviations) {
    List<Double> y = all.stream().map(each -> Double.isFinite(each) ? each : Double.NaN).toList();
    XYSeries series =
        deviations.isEmpty()
            ? chart.addSeries(name, x, y)
            : chart.addSeries(name, x, y, deviations);
    series.setMarker(marked ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
  }

  static void requireWritable(Path file) {
    require(
        List.of("svg", "png").contains(ending(file)),
        "%s: pictures are written to .svg or .png",
        file);
  }

  private static String ending(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.substring(name.lastIndexOf('.') + 1);
  }

  void write(Path file) throws IOException {
    scaleY();
    byte[] bytes =
        ending(file).equals("svg")
            ? svg()
            : BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    AtomicFiles.write(file, channel -> channel.write(ByteBuffer.wrap(bytes)));
  }

  /**
   * Logarithmic where all is positive, from one power of ten to another: only those get a label.
   */
  private void scaleY() {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (XYSeries series : chart.getSeriesMap().values()) {
      double[] y = series.getYData();
      double[] deviations = series.getExtraValues();
      for (int i = 0; i < y.length; i++) {
        double deviation = deviations == null ? 0 : deviations[i];
        if (!Double.isNaN(y[i])) {
          least = Math.min(least, y[i] - deviation);
          most = Math.max(most, y[i] + deviation);
        }
      }
    }
    boolean logarithmic = least > 0 && most > 0;
    chart.getStyler().setYAxisLogarithmic(logarithmic);
    if (logarithmic) {
      double from = Math.floor(Math.log10(least));
      chart.getStyler().setYAxisMin(Math.pow(10, from));
      chart.getStyler().setYAxisMax(Math.pow(10, Math.max(from + 1, Math.ceil(Math.log10(most)))));
    }
  }

  private byte[] svg() throws IOException {
    VectorGraphics2D graphics = new VectorGraphics2D();
    chart.paint(graphics, WIDTH, HEIGHT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new SVGProcessor()
        .getDocument(graphics.getCommands(), new PageSize(0, 0, WIDTH, HEIGHT))
        .writeTo(out);
    return out.toByteArray();
  }
}
