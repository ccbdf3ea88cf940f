package dev.noether.rep;

import static dev.noether.algebra.Checks.require;
import static java.util.Objects.requireNonNull;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Symmetric and exterior powers: products of the images of the coordinates, degree by degree. */
final class TensorPowers {
  private static final int LARGEST_SIZE = 4096;
  private static final double COUNTED = 1e15;

  /** How often each number of each image of a vector is met while a power is split into irreps. */
  private static final double SPLITTING_WORK = 25;

  private TensorPowers() {}

  static Representation symmetric(Representation base, int degree) {
    require(
        degree >= 1 && degree <= LARGEST_SIZE,
        "a symmetric power needs a degree from 1 to %d, got %d",
        LARGEST_SIZE,
        degree);
    requireSize(base, base.size() + degree - 1L, degree);
    return power(base, degree, true);
  }

  static Representation exterior(Representation base, int degree) {
    require(
        degree >= 1 && degree <= base.size(),
        "an exterior power of %s needs a degree from 1 to %d, got %d",
        base,
        base.size(),
        degree);
    requireSize(base, base.size(), degree);
    return power(base, degree, false);
  }

  private static void requireSize(Representation base, long n, long k) {
    double coordinates = choose(n, k);
    require(
        coordinates <= LARGEST_SIZE,
        "power %d of %s would have %s coordinates, and %d are the most",
        k,
        base,
        coordinates > COUNTED ? "more than 10^15" : String.valueOf((long) coordinates),
        LARGEST_SIZE);
  }

  /** The binomial coefficient, or a number above those counted. */
  private static double choose(long n, long k) {
    double size = 1;
    long smaller = Math.min(k, n - k);
    for (long i = 1; i <= smaller && size <= COUNTED; i++) {
      size = Math.rint(size * (n - smaller + i) / i);
    }
    return size;
  }

  /** About how many multiplications a power takes. */
  static double work(FiniteGroup group, int size, int degree, boolean symmetric) {
    double work = 0;
    double before = 1;
    for (long k = 1; k <= degree && work < Double.MAX_VALUE / 2; k++) {
      double next = choose(symmetric ? size + k - 1 : size, k);
      if (next > LARGEST_SIZE) {
        return 0; // refused by its size
      }
      work += next * before * size + next * size * k;
      before = next;
    }
    return work * group.generators().size() + SPLITTING_WORK * group.order() * before * before;
  }

  private static Representation power(Representation base, int degree, boolean symmetric) {
    FiniteGroup group = base.finiteGroup();
    List<Level> levels = new ArrayList<>();
    levels.add(new Level(base.size(), 0, symmetric, null));
    for (int k = 1; k <= degree; k++) {
      levels.add(new Level(base.size(), k, symmetric, levels.get(k - 1)));
    }
    int size = levels.get(degree).indices.size();
    List<LinearMap> generators =
        group.generators().stream()
            .map(a -> LinearMap.of(matrix(base.at(group.element(a)), levels)))
            .toList();
    String name = symmetric ? "sym(" : "ext(";
    return new Representation(
        group,
        Term.of(name + degree + ", " + Term.text(base.terms()) + ")"),
        List.of(Decomposer.split(group, size, generators)));
  }

  /** The matrix of a power, from the orthonormal coordinates of the images of the products. */
  private static Matrix matrix(Matrix base, List<Level> levels) {
    double[][] images = {{1}};
    for (int k = 1; k < levels.size(); k++) {
      images = next(base, levels.get(k - 1), levels.get(k), images);
    }
    Level top = levels.get(levels.size() - 1);
    int size = top.indices.size();
    double[] entries = new double[size * size];
    for (int column = 0; column < size; column++) {
      for (int row = 0; row < size; row++) {
        entries[row * size + column] = images[column][row] * top.norms[row] / top.norms[column];
      }
    }
    return Matrix.of(size, size, entries);
  }

  /** Multiplies the images of the shorter products by the image of one more coordinate. */
  private static double[][] next(Matrix base, Level shorter, Level level, double[][] images) {
    double[][] result = new double[level.indices.size()][level.indices.size()];
    for (int product = 0; product < result.length; product++) {
      int[] indices = level.indices.get(product);
      int last = indices[indices.length - 1];
      double[] image = images[shorter.place(Arrays.copyOf(indices, indices.length - 1))];
      for (int old = 0; old < image.length; old++) {
        for (int i = 0; i < base.rows() && image[old] != 0; i++) {
          int target = level.products[old][i];
          double entry = base.get(i, last);
          if (target >= 0) {
            result[product][target] += image[old] * entry;
          } else if (target != Level.ZERO) {
            result[product][~target] -= image[old] * entry;
          }
        }
      }
    }
    return result;
  }

  /** The products of one degree. */
  private static final class Level {
    private static final int ZERO = Integer.MIN_VALUE;

    private final List<int[]> indices = new ArrayList<>();
    private final Map<List<Integer>, Integer> places = new HashMap<>();
    private final double[] norms;

    /** Where a product of one degree less goes when a coordinate is appended; ~place means -. */
    private final int[][] products;

    private Level(int size, int degree, boolean symmetric, @Nullable Level shorter) {
      collect(new int[degree], 0, 0, size, symmetric);
      norms = indices.stream().mapToDouble(Level::norm).toArray();
      products = shorter == null ? new int[0][] : products(size, shorter, symmetric);
    }

    private void collect(int[] prefix, int filled, int from, int size, boolean symmetric) {
      if (filled == prefix.length) {
        places.put(Arrays.stream(prefix).boxed().toList(), indices.size());
        indices.add(prefix.clone());
        return;
      }
      for (int i = from; i < size; i++) {
        prefix[filled] = i;
        collect(prefix, filled + 1, symmetric ? i : i + 1, size, symmetric);
      }
    }

    /** The root of alpha!, with alpha the exponents: its ratios make the monomials orthonormal. */
    private static double norm(int[] product) {
      double factorial = 1;
      int run = 1;
      for (int i = 1; i < product.length; i++) {
        run = product[i] == product[i - 1] ? run + 1 : 1;
        factorial *= run;
      }
      return Math.sqrt(factorial);
    }

    private int[][] products(int size, Level shorter, boolean symmetric) {
      int[][] targets = new int[shorter.indices.size()][size];
      for (int old = 0; old < targets.length; old++) {
        for (int i = 0; i < size; i++) {
          targets[old][i] = product(shorter.indices.get(old), i, symmetric);
        }
      }
      return targets;
    }

    private int product(int[] old, int i, boolean symmetric) {
      int at = old.length;
      while (at > 0 && old[at - 1] > i) {
        at--;
      }
      if (!symmetric && at > 0 && old[at - 1] == i) {
        return ZERO;
      }
      int[] longer = new int[old.length + 1];
      System.arraycopy(old, 0, longer, 0, at);
      longer[at] = i;
      System.arraycopy(old, at, longer, at + 1, old.length - at);
      boolean odd = !symmetric && (old.length - at) % 2 == 1;
      return odd ? ~place(longer) : place(longer);
    }

    private int place(int[] product) {
      return requireNonNull(places.get(Arrays.stream(product).boxed().toList()));
    }
  }
}
