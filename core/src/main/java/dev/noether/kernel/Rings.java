package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The radial part of kernels: rings around the origin, each with a width and a highest frequency.
 *
 * @param rings the rings in the order of the basis, at least one, no two alike
 */
public record Rings(List<Ring> rings) {
  private static final double CENTRE_WIDTH = 0.005;
  private static final double LAST_WIDTH = 0.4;
  private static final double WIDTH = 0.6;

  /**
   * Checks and copies the list.
   *
   * @param rings the rings in the order of the basis
   * @throws IllegalArgumentException if there is none, or two have one radius and one width
   */
  public Rings {
    rings = List.copyOf(rings);
    require(!rings.isEmpty(), "a kernel needs at least one ring, got none");
    for (int i = 0; i < rings.size(); i++) {
      for (int j = 0; j < i; j++) {
        require(
            rings.get(i).radius() != rings.get(j).radius()
                || rings.get(i).width() != rings.get(j).width(),
            "no two rings may be alike, got radius %s and width %s twice",
            rings.get(i).radius(),
            rings.get(i).width());
      }
    }
  }

  /**
   * The usual rings of a kernel on a grid: one for each step from the centre, widths 0.005 in the
   * centre, 0.4 on the last ring and 0.6 between, and the usual cutoffs.
   *
   * @param dimension 2 or 3
   * @param kernelSize the number of cells of a side, at least 1
   * @param dilation the distance between cells, at least 1
   * @return the rings
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static Rings standard(int dimension, int kernelSize, int dilation) {
    Points.requireGrid(dimension, kernelSize, dilation);
    int count = (kernelSize + 1) / 2;
    int last = (kernelSize - 1) / 2;
    double[] radii =
        IntStream.range(0, count)
            .mapToDouble(i -> count == 1 ? 0 : (double) dilation * last * i / (count - 1))
            .toArray();
    return of(FrequencyCutoff.standard(dimension, kernelSize), radii);
  }

  /**
   * Rings on which harmonics tell every cell of a grid from every other: a narrow one at each
   * distance that a cell has from the centre, with as many frequencies as it has cells to tell
   * apart.
   *
   * @param dimension 2 or 3
   * @param kernelSize the number of cells of a side, at least 1
   * @param dilation the distance between cells, at least 1
   * @return the rings, from the centre outwards
   * @throws IllegalArgumentException if a number is out of its range, or the cells at one distance
   *     need frequencies that are too high
   */
  public static Rings ofPixels(int dimension, int kernelSize, int dilation) {
    Points grid = Points.grid(dimension, kernelSize, 1);
    TreeMap<Long, List<double[]>> shells = new TreeMap<>();
    for (int p = 0; p < grid.count(); p++) {
      double[] cell = grid.point(p);
      long square = Math.round(4 * Arrays.stream(cell).map(x -> x * x).sum());
      shells.computeIfAbsent(square, key -> new ArrayList<>()).add(cell);
    }
    List<Ring> rings = new ArrayList<>();
    for (List<double[]> cells : shells.values()) {
      double radius = Points.radius(cells.get(0));
      rings.add(
          new Ring(dilation * radius, dilation * CENTRE_WIDTH, frequencies(dimension, cells)));
    }
    return new Rings(rings);
  }

  /** The lowest frequency up to which harmonics span all functions of some cells of one radius. */
  private static int frequencies(int dimension, List<double[]> cells) {
    Harmonics harmonics =
        new Harmonics(
            dimension == 3 ? Space.trivialSpace() : Space.trivialPlane(),
            Math.min(cells.size(), Ring.HIGHEST_FREQUENCY / (dimension - 1)));
    double[][] values = new double[cells.size()][harmonics.size()];
    for (int c = 0; c < values.length; c++) {
      harmonics.at(cells.get(c), Points.radius(cells.get(c)), values[c]);
    }
    Independent functions =
        new Independent(
            (i, j) -> Arrays.stream(values).mapToDouble(cell -> cell[i] * cell[j]).sum());
    int frequency = 0;
    for (int f = 0; f < harmonics.size() && functions.count() < cells.size(); f++) {
      frequency += f == Harmonics.start(dimension, frequency + 1) ? 1 : 0;
      functions.add(f);
    }
    require(
        functions.count() == cells.size(),
        "harmonics do not tell apart the %d cells at distance %.4g; take a smaller kernel",
        cells.size(),
        Points.radius(cells.get(0)));
    return frequency;
  }

  /**
   * Rings of the usual widths.
   *
   * @param cutoff the highest frequency on each ring
   * @param radii the radii, at least one, each at least 0
   * @return the rings
   * @throws IllegalArgumentException if there is no radius, one is negative, or a cutoff is
   *     negative or not a number
   */
  public static Rings of(FrequencyCutoff cutoff, double... radii) {
    List<Ring> rings = new ArrayList<>();
    for (int i = 0; i < radii.length; i++) {
      double width = radii[i] == 0 ? CENTRE_WIDTH : i == radii.length - 1 ? LAST_WIDTH : WIDTH;
      rings.add(new Ring(radii[i], width, frequency(cutoff, radii[i])));
    }
    return new Rings(rings);
  }

  private static int frequency(FrequencyCutoff cutoff, double radius) {
    double highest = cutoff.at(radius);
    require(
        highest >= 0 && highest < Ring.HIGHEST_FREQUENCY + 1,
        "a frequency cutoff must be a number from 0 to %d, got %s at radius %s; leave out the ring"
            + " that shall be empty",
        Ring.HIGHEST_FREQUENCY,
        highest,
        radius);
    return (int) highest;
  }

  /**
   * The same rings with one width, or with one for each.
   *
   * @param widths one width, or as many as there are rings, each above 0
   * @return the rings
   * @throws IllegalArgumentException if the number of widths is another one, or one is not positive
   */
  public Rings withWidths(double... widths) {
    require(
        widths.length == 1 || widths.length == rings.size(),
        "%d rings need one width, or %d of them, got %d",
        rings.size(),
        rings.size(),
        widths.length);
    List<Ring> changed = new ArrayList<>();
    for (int i = 0; i < rings.size(); i++) {
      Ring ring = rings.get(i);
      double width = widths[widths.length == 1 ? 0 : i];
      changed.add(new Ring(ring.radius(), width, ring.highestFrequency()));
    }
    return new Rings(changed);
  }

  /**
   * The same rings with other cutoffs.
   *
   * @param cutoff the highest frequency on each ring
   * @return the rings
   * @throws IllegalArgumentException if a cutoff is negative or not a number
   */
  public Rings withCutoff(FrequencyCutoff cutoff) {
    return new Rings(
        rings.stream()
            .map(r -> new Ring(r.radius(), r.width(), frequency(cutoff, r.radius())))
            .toList());
  }

  /**
   * The highest frequency of all.
   *
   * @return the highest cutoff
   */
  public int highestFrequency() {
    return rings.stream().mapToInt(Ring::highestFrequency).max().orElseThrow();
  }

  /** Refuses rings of which no cell is near. */
  void requireWithin(double radius, String what) {
    for (Ring ring : rings) {
      require(
          ring.radius() <= radius * (1 + 1e-9),
          "rings must lie inside %s, whose corners are at %.4g, got radius %s",
          what,
          radius,
          ring.radius());
    }
  }

  /** Radii and cutoffs, to read. */
  @Override
  public String toString() {
    return rings.stream()
        .map(ring -> ring.radius() + " (frequencies to " + ring.highestFrequency() + ")")
        .collect(Collectors.joining(", ", "rings at ", ""));
  }
}
