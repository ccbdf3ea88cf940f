package dev.noether.nn.bilinear;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactIrrep;
import dev.noether.group.Irrep;
import dev.noether.rep.ClebschGordan;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Copies of two irreps multiplied pair by pair, and each product taken into irreps.
 *
 * @param left an irrep of the left factor
 * @param right an irrep of the right factor
 * @param leftCopies the number of the left copy in each pair
 * @param rightCopies the number of the right copy in each pair
 * @param irreps the irreps of one product, and where they stand
 * @param coefficients Clebsch-Gordan coefficients, {@code [left.dimension * right.dimension, sum of
 *     the dimensions of irreps]}
 */
record CopyProduct(
    Irrep left,
    Irrep right,
    List<Integer> leftCopies,
    List<Integer> rightCopies,
    List<Representation.Copy> irreps,
    Matrix coefficients) {

  int pairs() {
    return leftCopies.size();
  }

  /** The products of two different factors. */
  static List<CopyProduct> of(
      Representation left, Representation right, Set<Irrep> wanted, TensorProductOptions options) {
    List<CopyProduct> products = new ArrayList<>();
    for (Irrep a : within(options, left)) {
      for (Irrep b : within(options, right)) {
        add(products, pairs(left, a, right, b, options.pairing()), wanted);
      }
    }
    return products;
  }

  /** The products of a factor with itself, each once: x y and y x are the same. */
  static List<CopyProduct> square(
      Representation factor, Set<Irrep> wanted, TensorProductOptions options) {
    List<CopyProduct> products = new ArrayList<>();
    List<Irrep> irreps = within(options, factor);
    for (int i = 0; i < irreps.size(); i++) {
      Irrep a = irreps.get(i);
      int copies = factor.copies(a).size();
      List<Integer> each = IntStream.range(0, copies).boxed().toList();
      symmetric(a, each, wanted, products);
      add(products, distinct(a, copies, options.pairing()), wanted);
      for (Irrep b : irreps.subList(i + 1, irreps.size())) {
        add(products, pairs(factor, a, factor, b, options.pairing()), wanted);
      }
    }
    return products;
  }

  private static List<Irrep> within(TensorProductOptions options, Representation factor) {
    return factor.irreps().stream()
        .distinct()
        .filter(irrep -> irrep.dimension() <= options.maxDegree())
        .toList();
  }

  /** Which copies meet. */
  private record Pairs(Irrep left, Irrep right, List<Integer> leftCopies, List<Integer> others) {}

  private static Pairs pairs(
      Representation left, Irrep a, Representation right, Irrep b, Pairing pairing) {
    int m = left.copies(a).size();
    int n = right.copies(b).size();
    return switch (pairing) {
      case ALL ->
          new Pairs(
              a,
              b,
              IntStream.range(0, m * n).map(i -> i / n).boxed().toList(),
              IntStream.range(0, m * n).map(i -> i % n).boxed().toList());
      case ALIGNED ->
          new Pairs(
              a,
              b,
              IntStream.range(0, Math.max(m, n)).map(i -> i % m).boxed().toList(),
              IntStream.range(0, Math.max(m, n)).map(i -> i % n).boxed().toList());
    };
  }

  /** Pairs of different copies of one irrep. */
  private static Pairs distinct(Irrep irrep, int copies, Pairing pairing) {
    List<Integer> first = new ArrayList<>();
    List<Integer> second = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      for (int j = i + 1; j < copies; j++) {
        boolean neighbours = j == i + 1 || (i == 0 && j == copies - 1);
        if (pairing == Pairing.ALL || neighbours) {
          first.add(i);
          second.add(j);
        }
      }
    }
    return new Pairs(irrep, irrep, first, second);
  }

  private static void add(List<CopyProduct> products, Pairs pairs, Set<Irrep> wanted) {
    if (pairs.leftCopies.isEmpty()) {
      return;
    }
    ClebschGordan all = ClebschGordan.of(pairs.left, pairs.right);
    Taken taken = Taken.of(all.copies(), all.matrix(), copy -> wanted.contains(copy.irrep()));
    if (!taken.irreps.isEmpty()) {
      products.add(
          new CopyProduct(
              pairs.left,
              pairs.right,
              pairs.leftCopies,
              pairs.others,
              Representation.Copy.inARow(taken.irreps),
              taken.coefficients));
    }
  }

  /** Every copy with itself: the symmetric square of its irrep. */
  private static void symmetric(
      Irrep irrep, List<Integer> copies, Set<Irrep> wanted, List<CopyProduct> products) {
    Taken square = irrep instanceof CompactIrrep ? ofCompact(irrep) : ofFinite(irrep);
    Taken taken =
        Taken.of(
            Representation.Copy.inARow(square.irreps),
            square.coefficients,
            copy -> wanted.contains(copy.irrep()));
    if (!taken.irreps.isEmpty()) {
      products.add(
          new CopyProduct(
              irrep,
              irrep,
              copies,
              copies,
              Representation.Copy.inARow(taken.irreps),
              taken.coefficients));
    }
  }

  /** Irreps of a product, and their coefficients. */
  private record Taken(List<Irrep> irreps, Matrix coefficients) {
    /** Those copies that are wanted, of all in a product. */
    static Taken of(
        List<Representation.Copy> all, Matrix coefficients, Predicate<Representation.Copy> wanted) {
      List<Representation.Copy> taken = all.stream().filter(wanted).toList();
      int[] columns =
          taken.stream().flatMapToInt(c -> IntStream.range(c.start(), c.end())).toArray();
      return new Taken(
          taken.stream().map(Representation.Copy::irrep).toList(), coefficients.columns(columns));
    }
  }

  private static Taken ofFinite(Irrep irrep) {
    Representation square = Representation.irrep(irrep).symmetricPower(2);
    Matrix coefficients = symmetricTensors(irrep.dimension()).times(square.changeOfBasis());
    return new Taken(square.irreps(), coefficients);
  }

  /** The copies of the whole square whose coefficients c(i, j) are c(j, i). */
  private static Taken ofCompact(Irrep irrep) {
    ClebschGordan all = ClebschGordan.of(irrep, irrep);
    int d = irrep.dimension();
    return Taken.of(all.copies(), all.matrix(), copy -> isSymmetric(all.matrix(), d, copy.start()));
  }

  private static boolean isSymmetric(Matrix coefficients, int d, int column) {
    return IntStream.range(0, d * d)
        .allMatch(
            row -> {
              int swapped = row % d * d + row / d;
              return Math.abs(coefficients.get(row, column) - coefficients.get(swapped, column))
                  < 1e-9;
            });
  }

  /**
   * The coordinates of a symmetric square in the whole one: e_i e_i, and (e_i e_j + e_j e_i) /
   * sqrt(2) for i below j.
   */
  private static Matrix symmetricTensors(int d) {
    int size = d * (d + 1) / 2;
    double[] entries = new double[d * d * size];
    int column = 0;
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        double entry = i == j ? 1 : Math.sqrt(0.5);
        entries[(i * d + j) * size + column] = entry;
        entries[(j * d + i) * size + column] = entry;
        column++;
      }
    }
    return Matrix.of(d * d, size, entries);
  }
}
