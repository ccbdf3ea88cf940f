package dev.noether.group;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Limits;
import dev.noether.algebra.Matrix;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Groups from permutations and from matrices. */
final class Generated {
  private static final double LOOSE = 1000;

  private Generated() {}

  static FiniteGroup fromPermutations(String name, List<int[]> generators, GroupOptions options) {
    int points = generators.isEmpty() ? 0 : generators.get(0).length;
    for (int i = 0; i < generators.size(); i++) {
      requirePermutation(name, i, generators.get(i), points);
    }
    PermutationClosure closure = PermutationClosure.of(name, points, generators, options.limit());
    return group(name, closure, generators, false);
  }

  /** The labels are cycles, or words in the generators. */
  private static FiniteGroup group(
      String name, PermutationClosure closure, List<int[]> generators, boolean words) {
    return new FiniteGroup(
        name,
        closure.multiplication(),
        labels(closure.order(), g -> words ? closure.word(g) : cycles(closure.permutation(g))),
        closure.generators(),
        new Origin.Generators(generators.stream().map(int[]::clone).toArray(int[][]::new), words),
        RealIrreps::of);
  }

  /** The group of regular permutations, labelled by words. */
  static FiniteGroup fromRegular(String name, int order, List<int[]> generators) {
    for (int i = 0; i < generators.size(); i++) {
      requirePermutation(name, i, generators.get(i), order);
    }
    PermutationClosure closure =
        requirePresent(
            PermutationClosure.regular(name, order, generators).orElse(null),
            "the generators of %s must act on %d elements as left products do",
            name,
            order);
    return group(name, closure, generators, true);
  }

  /** The group in which generators move the elements, numbered in any way, as left products do. */
  static FiniteGroup fromLeftProducts(
      String name, int order, int identity, List<int[]> generators) {
    require(identity < order, "%s has no element %d, the identity", name, identity);
    for (int i = 0; i < generators.size(); i++) {
      requirePermutation(name, i, generators.get(i), order);
    }
    // The same permutations with the identity and 0 exchanged; their words number the elements.
    List<int[]> moved = new ArrayList<>();
    for (int[] generator : generators) {
      moved.add(
          IntStream.range(0, order)
              .map(x -> exchanged(generator[exchanged(x, identity)], identity))
              .toArray());
    }
    PermutationClosure closure =
        requirePresent(
            PermutationClosure.regular(name, order, moved).orElse(null),
            "the generators of %s must act on %d elements as left products do",
            name,
            order);
    int[] numbers = new int[order];
    int[] places = new int[order];
    for (int place = 0; place < order; place++) {
      numbers[place] = exchanged(closure.imageOfZero(place), identity);
      places[numbers[place]] = place;
    }
    Multiplication byPlaces = closure.multiplication();
    return new FiniteGroup(
        name,
        Multiplication.of(order, (g, h) -> numbers[byPlaces.product(places[g], places[h])]),
        IntStream.range(0, order).mapToObj(String::valueOf).toList(),
        generators.stream().map(generator -> generator[identity]).toList(),
        new Origin.Table(),
        RealIrreps::of);
  }

  private static int exchanged(int x, int identity) {
    return x == 0 ? identity : x == identity ? 0 : x;
  }

  private static List<String> labels(int order, IntFunction<String> label) {
    return new AbstractList<>() {
      @Override
      public String get(int g) {
        return label.apply(java.util.Objects.checkIndex(g, order));
      }

      @Override
      public int size() {
        return order;
      }
    };
  }

  private static void requirePermutation(String name, int number, int[] images, int points) {
    require(
        images.length == points,
        "generators of %s must permute the same points, got %d and %d points",
        name,
        points,
        images.length);
    require(
        isPermutation(images),
        "generator %d of %s must hold each of 0 to %d once, got %s",
        number,
        name,
        points - 1,
        Limits.shown(Arrays.toString(images)));
  }

  private static boolean isPermutation(int[] images) {
    boolean[] hit = new boolean[images.length];
    for (int image : images) {
      if (image < 0 || image >= hit.length || hit[image]) {
        return false;
      }
      hit[image] = true;
    }
    return true;
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
    int[][] images = MatrixClosure.images(name, generators, options);
    List<int[]> rows = new ArrayList<>();
    for (int s = 0; s < generators.size(); s++) {
      int generator = s;
      rows.add(Arrays.stream(images).mapToInt(row -> row[generator]).toArray());
    }
    return fromRegular(name, images.length, rows);
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
        Math.abs(Math.abs(determinant) - 1) <= Math.max(1e-6, LOOSE * size * tolerance),
        "generator %d of %s has determinant %s and so no finite order; a finite group needs 1 or -1",
        number,
        name,
        determinant);
  }

  private static double determinant(Matrix matrix) {
    return org.ejml.dense.row.CommonOps_DDRM.det(
        org.ejml.data.DMatrixRMaj.wrap(matrix.rows(), matrix.columns(), matrix.toArray()));
  }
}
