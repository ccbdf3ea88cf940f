package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Groups from permutations and from matrices. */
final class Generated {
  private static final double NEAR_MISS = 1000;

  private Generated() {}

  static FiniteGroup fromPermutations(String name, List<int[]> generators, GroupOptions options) {
    int points = generators.isEmpty() ? 0 : generators.get(0).length;
    List<IntBuffer> copies = new ArrayList<>();
    for (int i = 0; i < generators.size(); i++) {
      requirePermutation(name, i, generators.get(i), points);
      copies.add(IntBuffer.wrap(generators.get(i).clone()));
    }
    IntBuffer identity = IntBuffer.wrap(java.util.stream.IntStream.range(0, points).toArray());
    Map<IntBuffer, Integer> numbers = new HashMap<>();
    Closure.Index<IntBuffer> index =
        new Closure.Index<>() {
          @Override
          public int find(IntBuffer element) {
            return numbers.getOrDefault(element, -1);
          }

          @Override
          public void add(IntBuffer element, int number) {
            numbers.put(element, number);
          }
        };
    Closure<IntBuffer> closure =
        Closure.of(name, identity, copies, Generated::compose, index, options.limit());
    List<String> labels =
        closure.elements().stream().map(element -> cycles(element.array())).toList();
    return new FiniteGroup(name, closure.table(), labels, closure.generators(), RealIrreps::of);
  }

  private static void requirePermutation(String name, int number, int[] images, int points) {
    require(
        images.length == points,
        "generators of %s must permute the same points, got %d and %d points",
        name,
        points,
        images.length);
    boolean[] hit = new boolean[points];
    for (int image : images) {
      require(
          image >= 0 && image < points && !hit[image],
          "generator %d of %s must hold each of 0 to %d once, got %s",
          number,
          name,
          points - 1,
          Arrays.toString(images));
      hit[image] = true;
    }
  }

  private static IntBuffer compose(IntBuffer left, IntBuffer right) {
    int[] images = new int[right.limit()];
    for (int x = 0; x < images.length; x++) {
      images[x] = left.get(right.get(x));
    }
    return IntBuffer.wrap(images);
  }

  /** Cycles of the points moved, numbered from 0: {@code (0 1)(2 3)}; the identity is (). */
  static String cycles(int[] images) {
    StringBuilder text = new StringBuilder();
    boolean[] seen = new boolean[images.length];
    for (int x = 0; x < images.length; x++) {
      if (!seen[x] && images[x] != x) {
        text.append('(').append(x);
        for (int y = images[x]; y != x; y = images[y]) {
          text.append(' ').append(y);
          seen[y] = true;
        }
        text.append(')');
      }
    }
    return text.isEmpty() ? "()" : text.toString();
  }

  static FiniteGroup fromMatrices(String name, List<Matrix> generators, GroupOptions options) {
    require(!generators.isEmpty(), "%s needs at least one matrix", name);
    int size = generators.get(0).rows();
    for (int i = 0; i < generators.size(); i++) {
      requireInvertible(name, i, generators.get(i), size, options.tolerance());
    }
    MatrixIndex index = new MatrixIndex(name, options.tolerance());
    Closure<Matrix> closure =
        Closure.of(name, Matrix.identity(size), generators, Matrix::times, index, options.limit());
    return new FiniteGroup(
        name, closure.table(), closure.words(), closure.generators(), RealIrreps::of);
  }

  private static void requireInvertible(
      String name, int number, Matrix matrix, int size, double tolerance) {
    require(
        matrix.rows() == size && matrix.columns() == size,
        "generators of %s must be square of one size, got [%d, %d] after [%d, %d]",
        name,
        matrix.rows(),
        matrix.columns(),
        size,
        size);
    for (double entry : matrix.toArray()) {
      require(
          Double.isFinite(entry),
          "generator %d of %s must have finite entries, got %s",
          number,
          name,
          entry);
    }
    double determinant = determinant(matrix);
    require(
        Math.abs(determinant) > 1e-10,
        "generator %d of %s must be invertible, but its determinant is %.3g",
        number,
        name,
        determinant);
    require(
        Math.abs(Math.abs(determinant) - 1) <= Math.max(1e-6, NEAR_MISS * size * tolerance),
        "generator %d of %s has determinant %s and so no finite order; a finite group needs 1 or -1",
        number,
        name,
        determinant);
  }

  private static double determinant(Matrix matrix) {
    return org.ejml.dense.row.CommonOps_DDRM.det(
        org.ejml.data.DMatrixRMaj.wrap(matrix.rows(), matrix.columns(), matrix.toArray()));
  }

  /** Finds matrices up to the tolerance, and refuses pairs that are almost but not quite equal. */
  private static final class MatrixIndex implements Closure.Index<Matrix> {
    private final String name;
    private final double tolerance;
    private final List<double[]> known = new ArrayList<>();

    MatrixIndex(String name, double tolerance) {
      this.name = name;
      this.tolerance = tolerance;
    }

    @Override
    public int find(Matrix element) {
      double[] entries = element.toArray();
      for (int i = 0; i < known.size(); i++) {
        double distance = distance(entries, known.get(i));
        if (distance <= tolerance) {
          return i;
        }
        require(
            distance > NEAR_MISS * tolerance,
            "two elements of %s differ by %.3g, too much for the tolerance %.0e and too little to "
                + "be told apart; give the matrices more digits or raise the tolerance with "
                + "GroupOptions.defaults().withTolerance(...)",
            name,
            distance,
            tolerance);
      }
      return -1;
    }

    /** The largest difference; stops where it is large enough to decide. */
    private double distance(double[] a, double[] b) {
      double largest = 0;
      for (int i = 0; i < a.length && largest <= NEAR_MISS * tolerance; i++) {
        largest = Math.max(largest, Math.abs(a[i] - b[i]));
      }
      return largest;
    }

    @Override
    public void add(Matrix element, int number) {
      known.add(element.toArray());
    }
  }
}
