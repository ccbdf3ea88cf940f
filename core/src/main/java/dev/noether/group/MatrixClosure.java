package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Multiplies matrices, which may be rounded, out to the elements of the finite group they stand
 * for.
 *
 * <p>Products of rounded matrices drift apart, so no single distance says which are equal. Every
 * distance is tried, the largest first: products closer than it become one element. What comes out
 * is the group sought where it is a group at all, and an exact representation of it, found by
 * averaging X(s h) X(h)^-1 over all h, has the given matrices within the tolerance. So the smallest
 * group that the matrices may stand for is found. Exact matrices need none of this: their products
 * agree to the tolerance, and others are far away.
 */
final class MatrixClosure {
  private static final double FAR = 1000;
  private static final double LARGEST_REACH = 0.7;
  private static final double NARROWER = 0.75;

  /** The average over the group of rounded matrices is not the nearest choice, but close. */
  private static final double SLACK = 2;

  private static final int ROUNDS = 12;
  private static final double EXACT = 1e-9;

  private final List<double[]> generators;
  private final int d;
  private final double reach;
  private final double far;
  private final int limit;
  private final double width;
  private final List<double[]> elements = new ArrayList<>();
  private final TreeMap<Double, List<Integer>> byProjection = new TreeMap<>();
  private final List<int[]> images = new ArrayList<>();
  private final List<Integer> parents = new ArrayList<>();
  private final List<Integer> steps = new ArrayList<>();
  private double nearest = Double.POSITIVE_INFINITY;

  private MatrixClosure(List<double[]> generators, int d, double reach, double far, int limit) {
    this.generators = generators;
    this.d = d;
    this.reach = reach;
    this.far = far;
    this.limit = limit;
    double sum = 0;
    for (int i = 0; i < d * d; i++) {
      sum += Math.abs(weight(i));
    }
    this.width = sum;
  }

  /**
   * For each element, the identity first, the numbers of its left products with the generators.
   *
   * @throws IllegalArgumentException if there is no such group; the message says what to change
   */
  static int[][] images(String name, List<Matrix> matrices, GroupOptions options) {
    int d = matrices.get(0).rows();
    double tolerance = options.tolerance();
    List<double[]> given = matrices.stream().map(Matrix::toArray).toList();
    MatrixClosure exact = new MatrixClosure(given, d, tolerance, FAR * tolerance, options.limit());
    boolean complete = exact.search();
    if (complete && exact.nearest > FAR * tolerance && exact.isGroup()) {
      return exact.images.toArray(int[][]::new);
    }
    Candidate rounded = null;
    MatrixClosure before = null;
    for (double reach = LARGEST_REACH; reach > tolerance; reach *= NARROWER) {
      MatrixClosure attempt = new MatrixClosure(given, d, reach, 0, options.limit());
      if (!attempt.search()) {
        break;
      }
      if (!attempt.isAs(before) && attempt.isGroup()) {
        double distance = attempt.distanceFromRepresentation();
        if (distance <= SLACK * tolerance) {
          return attempt.images.toArray(int[][]::new);
        }
        if (rounded == null && distance / SLACK <= GroupOptions.LARGEST_TOLERANCE) {
          rounded = new Candidate(attempt.elements.size(), distance / SLACK);
        }
      }
      before = attempt;
    }
    throw exact.refusal(name, options, complete, Optional.ofNullable(rounded));
  }

  /** A group that the matrices stand for at a larger tolerance. */
  private record Candidate(int order, double tolerance) {}

  private IllegalArgumentException refusal(
      String name, GroupOptions options, boolean complete, Optional<Candidate> rounded) {
    String advice =
        rounded
            .map(
                candidate ->
                    String.format(
                        Locale.ROOT,
                        "; rounded matrices need more digits or a larger tolerance: "
                            + "GroupOptions.defaults().withTolerance(%.1e) gives a group of order %d",
                        Math.min(GroupOptions.LARGEST_TOLERANCE, 1.1 * candidate.tolerance),
                        candidate.order))
            .orElse("");
    if (nearest <= far) {
      return new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "two elements of %s differ by %.3g, too much for the tolerance %.0e and too little to "
                  + "be told apart%s",
              name,
              nearest,
              options.tolerance(),
              advice.isEmpty() ? "; give the matrices more digits" : advice));
    }
    if (complete) {
      return new IllegalArgumentException(
          "the products of the matrices of " + name + " are no group to the tolerance" + advice);
    }
    try {
      GroupOptions.requireWithin(name, options.limit() + 1L, options.limit());
    } catch (IllegalArgumentException e) {
      return new IllegalArgumentException(e.getMessage() + advice, e);
    }
    throw new IllegalStateException("a limit was passed and held");
  }

  /** Whether everything was found within the limit, and no two elements were nearly one. */
  private boolean search() {
    add(Matrix.identity(d).toArray(), -1, -1);
    for (int next = 0; next < elements.size(); next++) {
      int[] row = new int[generators.size()];
      for (int s = 0; s < row.length; s++) {
        double[] image = product(generators.get(s), elements.get(next));
        int found = find(image);
        if (found < 0 && (elements.size() >= limit || nearest <= far)) {
          return false;
        }
        row[s] = found < 0 ? add(image, next, s) : found;
      }
      images.add(row);
    }
    return true;
  }

  /** The nearest element within reach, or -1; notes how near others are. */
  private int find(double[] image) {
    double at = projection(image);
    double window = width * Math.max(reach, far);
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    for (List<Integer> numbers :
        byProjection.subMap(at - window, true, at + window, true).values()) {
      for (int number : numbers) {
        double distance = distance(image, elements.get(number), Math.max(reach, far));
        if (distance < least) {
          least = distance;
          best = number;
        }
      }
    }
    if (least <= reach) {
      return best;
    }
    nearest = Math.min(nearest, least);
    return -1;
  }

  /** The largest difference; stops where it is more than matters. */
  private static double distance(double[] a, double[] b, double enough) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
      if (largest > enough) {
        return Double.POSITIVE_INFINITY;
      }
    }
    return largest;
  }

  private int add(double[] element, int parent, int step) {
    byProjection.computeIfAbsent(projection(element), at -> new ArrayList<>()).add(elements.size());
    elements.add(element);
    parents.add(parent);
    steps.add(step);
    return elements.size() - 1;
  }

  private double projection(double[] element) {
    double sum = 0;
    for (int i = 0; i < element.length; i++) {
      sum += weight(i) * element[i];
    }
    return sum;
  }

  private static double weight(int i) {
    return Scramble.uniform(1, i);
  }

  private double[] product(double[] a, double[] b) {
    double[] product = new double[d * d];
    for (int i = 0; i < d; i++) {
      for (int k = 0; k < d; k++) {
        double factor = a[i * d + k];
        for (int j = 0; factor != 0 && j < d; j++) {
          product[i * d + j] += factor * b[k * d + j];
        }
      }
    }
    return product;
  }

  private boolean isAs(@Nullable MatrixClosure other) {
    return other != null
        && other.elements.size() == elements.size()
        && Arrays.deepEquals(images.toArray(), other.images.toArray());
  }

  /** Whether the generators move the elements as left products of a group do. */
  private boolean isGroup() {
    int n = images.size();
    List<int[]> rows = new ArrayList<>();
    for (int s = 0; s < generators.size(); s++) {
      int[] row = new int[n];
      boolean[] hit = new boolean[n];
      for (int g = 0; g < n; g++) {
        row[g] = images.get(g)[s];
        if (hit[row[g]]) {
          return false;
        }
        hit[row[g]] = true;
      }
      rows.add(row);
    }
    return PermutationClosure.regular("", n, rows).isPresent();
  }

  /** How far the given matrices are from a faithful representation near them; infinite if none. */
  private double distanceFromRepresentation() {
    List<double[]> refined = generators;
    double defect = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS && defect > EXACT; round++) {
      Optional<List<double[]>> next = averaged(refined);
      if (next.isEmpty()) {
        return Double.POSITIVE_INFINITY;
      }
      refined = next.get();
      defect = defect(spread(refined), refined);
    }
    if (!(defect <= EXACT)) {
      return Double.POSITIVE_INFINITY;
    }
    double distance = 0;
    for (int s = 0; s < refined.size(); s++) {
      distance = Math.max(distance, distance(refined.get(s), generators.get(s), 1e300));
    }
    double[] identity = Matrix.identity(d).toArray();
    List<double[]> all = spread(refined);
    for (int g = 1; g < all.size(); g++) {
      if (distance(all.get(g), identity, 1e300) <= SLACK * distance) {
        return Double.POSITIVE_INFINITY;
      }
    }
    return distance;
  }

  /** X(g) along words. */
  private List<double[]> spread(List<double[]> letters) {
    List<double[]> all = new ArrayList<>(List.of(Matrix.identity(d).toArray()));
    for (int g = 1; g < images.size(); g++) {
      all.add(product(letters.get(steps.get(g)), all.get(parents.get(g))));
    }
    return all;
  }

  /** The largest entry of X(s) X(g) - X(s g). */
  private double defect(List<double[]> all, List<double[]> letters) {
    double largest = 0;
    for (int g = 0; g < all.size(); g++) {
      for (int s = 0; s < letters.size(); s++) {
        double[] product = product(letters.get(s), all.get(g));
        largest = Math.max(largest, distance(product, all.get(images.get(g)[s]), 1e300));
      }
    }
    return largest;
  }

  /** The means of X(s h) X(h)^-1 over all h; empty where a letter is singular. */
  private Optional<List<double[]>> averaged(List<double[]> letters) {
    List<double[]> inverses = new ArrayList<>();
    for (double[] letter : letters) {
      Optional<Matrix> inverse = Matrix.of(d, d, letter).inverse();
      if (inverse.isEmpty()) {
        return Optional.empty();
      }
      inverses.add(inverse.get().toArray());
    }
    List<double[]> all = spread(letters);
    List<double[]> back = new ArrayList<>(List.of(Matrix.identity(d).toArray()));
    for (int g = 1; g < all.size(); g++) {
      back.add(product(back.get(parents.get(g)), inverses.get(steps.get(g))));
    }
    List<double[]> means = new ArrayList<>();
    for (int s = 0; s < letters.size(); s++) {
      double[] mean = new double[d * d];
      for (int h = 0; h < all.size(); h++) {
        double[] term = product(all.get(images.get(h)[s]), back.get(h));
        for (int i = 0; i < mean.length; i++) {
          mean[i] += term[i] / all.size();
        }
      }
      means.add(mean);
    }
    return Optional.of(means);
  }
}
