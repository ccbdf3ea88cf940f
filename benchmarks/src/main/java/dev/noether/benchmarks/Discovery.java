package dev.noether.benchmarks;

import dev.noether.Noether;
import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Subgroup;
import dev.noether.rep.Representation;
import dev.noether.stats.SymmetrySearch;
import dev.noether.stats.SymmetryTest;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/**
 * What the search for a symmetry in data finds: its level, the planted group, and its power.
 *
 * <p>{@code Discovery REPETITIONS [PICTURE.png]}: so many searches for the level, a tenth for each
 * planted group, a fifth for each cell of the power. A sample is (1 + g j) times a normal number
 * with mean 0.3 g for coordinates j = 0, 1, ..., odd ones plus g times the square of another, moved
 * by a random element of the planted subgroup: at g = 0 the whole group is a symmetry, and the
 * larger g, the further it is from one.
 */
public final class Discovery {
  private static final double LEVEL = 0.05;
  private static final int MOVES = 199;
  private static final SymmetryTest.Statistic STATISTIC = SymmetryTest.Statistic.MOMENTS;
  private static final int[] SAMPLES = {50, 100, 200, 400, 800};
  private static final double[] DEPARTURES = {0.02, 0.05, 0.1, 0.2};

  /** Planted groups in larger ones. */
  private static final List<String[]> KINDS =
      List.of(
          new String[] {"C4: regular", "C1", "C2", "C4"},
          new String[] {"C6: regular", "C2", "C3", "C6"},
          new String[] {"C2 x C2: regular", "C1", "C2", "C2 x C2"},
          new String[] {"D3: regular", "C2", "C3", "D3"},
          new String[] {"D4: regular", "C2", "C4", "D4"},
          new String[] {"Q8: regular", "C2", "C4", "Q8"},
          new String[] {"D4: 2 x irrep(1,1) + irrep(1,0)", "C2", "C4"});

  private Discovery() {}

  /**
   * Prints the tables.
   *
   * @param arguments the number of searches, and a picture to draw
   * @throws IOException if the picture cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    int repetitions = arguments.length == 0 ? 100 : Integer.parseInt(arguments[0]);
    Noether.seed(0);
    level(repetitions);
    planted(Math.max(1, repetitions / 10));
    List<double[]> power = power(Math.max(1, repetitions / 5));
    if (arguments.length > 1) {
      draw(power, Path.of(arguments[1]));
    }
  }

  private static void level(int repetitions) {
    print(
        "| data with the whole group's symmetry | rejected by its own test | by the search | of |%n"
            + "|---|---|---|---|%n");
    for (String text : List.of("C4: regular", "C2 x C2: regular", "D3: regular")) {
      Representation rho = Representation.parse(text);
      FiniteGroup group = rho.finiteGroup();
      Subgroup whole = group.subgroup(group.name());
      int alone = 0;
      int rejected = 0;
      for (int i = 0; i < repetitions; i++) {
        try (PointerScope scope = new PointerScope()) {
          Tensor x = sample(rho, whole, 100, 1, i);
          alone += SymmetryTest.of(x, rho, STATISTIC, MOVES, i).rejects(LEVEL) ? 1 : 0;
          rejected += search(x, rho, i).largest().equals(whole) ? 0 : 1;
        }
      }
      print("| `%s` | %d | %d | %d |%n", text, alone, rejected, repetitions);
    }
  }

  private static void planted(int repetitions) {
    int found = 0;
    int all = 0;
    for (String[] kind : KINDS) {
      Representation rho = Representation.parse(kind[0]);
      for (int k = 1; k < kind.length; k++) {
        Subgroup subgroup =
            kind[k].equals("C1")
                ? rho.finiteGroup().subgroupGeneratedBy()
                : rho.finiteGroup().subgroup(kind[k]);
        for (int i = 0; i < repetitions; i++) {
          found += finds(rho, subgroup, subgroup, 400, 1, 1000 + i) ? 1 : 0;
          all++;
        }
      }
    }
    int kinds = KINDS.stream().mapToInt(kind -> kind.length - 1).sum();
    print(
        "%nOf %d kinds, 400 samples: the planted group was found in %d of %d searches.%n%n",
        kinds, found, all);
  }

  private static List<double[]> power(int repetitions) {
    Representation rho = Representation.parse("D4: regular");
    Subgroup planted = rho.finiteGroup().subgroup("C4");
    Subgroup whole = rho.finiteGroup().subgroup("D4");
    print("| g |");
    for (int samples : SAMPLES) {
      print(" %d samples |", samples);
    }
    print("%n|---|%s%n", "---|".repeat(SAMPLES.length));
    List<double[]> rows = new ArrayList<>();
    for (double departure : DEPARTURES) {
      double[] row = new double[SAMPLES.length];
      print("| %s |", departure);
      for (int s = 0; s < SAMPLES.length; s++) {
        int rejected = 0;
        for (int i = 0; i < repetitions; i++) {
          rejected += finds(rho, planted, whole, SAMPLES[s], departure, 5000 + i) ? 0 : 1;
        }
        row[s] = rejected / (double) repetitions;
        print(" %.2f |", row[s]);
      }
      print("%n");
      rows.add(row);
    }
    return rows;
  }

  /** Whether the search ends with a subgroup. */
  private static boolean finds(
      Representation rho, Subgroup planted, Subgroup wanted, int samples, double g, long seed) {
    try (PointerScope scope = new PointerScope()) {
      return search(sample(rho, planted, samples, g, seed), rho, seed).largest().equals(wanted);
    }
  }

  private static SymmetrySearch.Found search(Tensor x, Representation rho, long seed) {
    return SymmetrySearch.of(x, rho, new SymmetrySearch.Options(STATISTIC, LEVEL, seed));
  }

  private static Tensor sample(
      Representation rho, Subgroup planted, int samples, double g, long seed) {
    Random random = new Random(seed);
    int size = rho.size();
    FiniteGroup group = rho.finiteGroup();
    double[] all = new double[samples * size];
    for (int i = 0; i < samples; i++) {
      double[] x = new double[size];
      for (int j = 0; j < size; j++) {
        x[j] =
            (1 + g * j) * (0.3 * g + random.nextGaussian())
                + g * (j % 2) * Math.pow(random.nextGaussian(), 2);
      }
      int element = planted.elements().get(random.nextInt(planted.order()));
      double[] moved = rho.at(group.element(element)).times(Matrix.of(size, 1, x)).toArray();
      System.arraycopy(moved, 0, all, i * size, size);
    }
    return Tensors.of(Dtype.FLOAT64, all, samples, size);
  }

  private static void draw(List<double[]> power, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(800)
            .height(500)
            .title("D4 is rejected where C4 was planted")
            .xAxisTitle("samples")
            .yAxisTitle("share of searches")
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setYAxisMin(0.0).setYAxisMax(1.0);
    double[] samples = new double[SAMPLES.length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = SAMPLES[i];
    }
    for (int i = 0; i < DEPARTURES.length; i++) {
      chart.addSeries("g = " + DEPARTURES[i], samples, power.get(i));
    }
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }

  private static void print(String format, Object... arguments) {
    System.out.printf(Locale.ROOT, format, arguments);
    System.out.flush();
  }
}
