package dev.noether.group;

import dev.noether.algebra.PrimeField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The character table of a finite group, exact, after Dixon and Schneider.
 *
 * <p>The class sums act on the centre of the group algebra over a prime field that holds the roots
 * of unity of the group's exponent. A combination of them with distinct eigenvalues gives the
 * central characters as its eigenvectors, here from one Krylov sequence; degrees and values follow
 * modulo the prime, and the multiplicities of the eigenvalues of each element lift them to
 * cyclotomic numbers. See Dixon, <em>High speed computation of group characters</em>, Numerische
 * Mathematik 10 (1967), and Schneider, J. Symbolic Computation 9 (1990).
 */
final class DixonSchneider {
  private static final int ATTEMPTS = 100;

  private final FiniteGroup group;
  private final ConjugacyClasses classes;
  private final PrimeField field;
  private final long p;
  private final int r;
  private final long backwards;

  private DixonSchneider(FiniteGroup group) {
    this.group = group;
    this.classes = group.classes();
    this.field = PrimeField.withRootsOfUnity(classes.exponent());
    this.p = field.prime();
    this.r = classes.count();
    this.backwards = field.inverse(field.rootOfUnity(classes.exponent()));
  }

  static List<ComplexCharacter> of(FiniteGroup group) {
    DixonSchneider table = new DixonSchneider(group);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long[][] krylov = table.krylov(attempt);
      long[] polynomial = table.minimalPolynomial(krylov);
      if (polynomial.length > 0) {
        return table.characters(krylov, polynomial);
      }
    }
    throw new IllegalStateException("no separating combination of class sums for " + group);
  }

  /** v, M v, M^2 v, ... with M the action of a combination of class sums. */
  private long[][] krylov(int attempt) {
    long[] weights = new long[r];
    long[][] vectors = new long[r + 1][r];
    for (int c = 0; c < r; c++) {
      weights[c] = Math.floorMod(Scramble.hash(attempt, 2L * c), p);
      vectors[0][c] = Math.floorMod(Scramble.hash(attempt, 2L * c + 1), p);
    }
    long[][] action = action(weights);
    for (int t = 0; t < r; t++) {
      for (int row = 0; row < r; row++) {
        long sum = 0;
        for (int column = 0; column < r; column++) {
          sum = (sum + action[row][column] * vectors[t][column]) % p;
        }
        vectors[t + 1][row] = sum;
      }
    }
    return vectors;
  }

  /** M[i][k] = sum over x in class i of the weight of the class of x^-1 z_k. */
  private long[][] action(long[] weights) {
    long[][] action = new long[r][r];
    for (int k = 0; k < r; k++) {
      int z = classes.representative(k);
      for (int x = 0; x < group.order(); x++) {
        int i = classes.of(x);
        action[i][k] =
            (action[i][k] + weights[classes.of(group.multiply(group.inverse(x), z))]) % p;
      }
    }
    return action;
  }

  /** Monic, lowest first, of degree r; empty when the vectors before the last are dependent. */
  private long[] minimalPolynomial(long[][] krylov) {
    long[][] system = new long[r][r + 1];
    for (int row = 0; row < r; row++) {
      for (int column = 0; column <= r; column++) {
        system[row][column] = krylov[column][row];
      }
    }
    for (int column = 0; column < r; column++) {
      int pivot = column;
      while (pivot < r && system[pivot][column] == 0) {
        pivot++;
      }
      if (pivot == r) {
        return new long[0];
      }
      long[] swapped = system[pivot];
      system[pivot] = system[column];
      system[column] = swapped;
      eliminate(system, column);
    }
    long[] polynomial = new long[r + 1];
    polynomial[r] = 1;
    for (int row = r - 1; row >= 0; row--) {
      long sum = system[row][r];
      for (int column = row + 1; column < r; column++) {
        sum = (sum + system[row][column] * polynomial[column]) % p;
      }
      polynomial[row] = sum == 0 ? 0 : p - sum;
    }
    return polynomial;
  }

  private void eliminate(long[][] system, int column) {
    long scale = field.inverse(system[column][column]);
    for (int j = column; j <= r; j++) {
      system[column][j] = system[column][j] * scale % p;
    }
    for (int row = column + 1; row < r; row++) {
      long factor = p - system[row][column];
      for (int j = column; system[row][column] != 0 && j <= r; j++) {
        if (j != column) {
          system[row][j] = (system[row][j] + factor * system[column][j]) % p;
        }
      }
      system[row][column] = 0;
    }
  }

  private List<ComplexCharacter> characters(long[][] krylov, long[] polynomial) {
    List<ComplexCharacter> characters = new ArrayList<>();
    for (long root : field.roots(polynomial)) {
      long[] central = eigenvector(krylov, polynomial, root);
      int degree = degree(central);
      for (int c = 0; c < r; c++) {
        central[c] = central[c] * degree % p * field.inverse(classes.size(c)) % p;
      }
      characters.add(ComplexCharacter.of(classes, degree, lift(central, degree)));
    }
    return characters;
  }

  /** (f / (x - root))(M) v, scaled to 1 at the identity. */
  private long[] eigenvector(long[][] krylov, long[] polynomial, long root) {
    long[] vector = new long[r];
    long coefficient = 0;
    for (int t = r - 1; t >= 0; t--) {
      coefficient = (polynomial[t + 1] + coefficient * root) % p;
      for (int c = 0; c < r; c++) {
        vector[c] = (vector[c] + coefficient * krylov[t][c]) % p;
      }
    }
    long scale = field.inverse(vector[classes.identity()]);
    for (int c = 0; c < r; c++) {
      vector[c] = vector[c] * scale % p;
    }
    return vector;
  }

  private int degree(long[] central) {
    long sum = 0;
    for (int c = 0; c < r; c++) {
      long term = central[c] * central[classes.inverse(c)] % p;
      sum = (sum + term * field.inverse(classes.size(c))) % p;
    }
    int n = group.order();
    for (int d = 1; d * d <= n; d++) {
      if (n % d == 0 && (long) d * d % p * sum % p == n) {
        return d;
      }
    }
    throw new IllegalStateException("no degree fits a character of " + group);
  }

  /** The eigenvalues of each class as exponents: multiplicities by a Fourier sum over powers. */
  private int[][] lift(long[] values, int degree) {
    int[][] exponents = new int[r][];
    int[] byOrder =
        IntStream.range(0, r)
            .boxed()
            .sorted((a, b) -> Integer.compare(classes.elementOrder(b), classes.elementOrder(a)))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int c : byOrder) {
      if (exponents[c] == null) {
        int[] own = eigenvalues(values, c, degree);
        int order = classes.elementOrder(c);
        int g = classes.representative(c);
        int power = g;
        for (int t = 1; t <= order; t++, power = group.multiply(power, g)) {
          int common = ConjugacyClasses.greatestCommonDivisor(order, t);
          int step = t / common;
          int smaller = order / common;
          exponents[classes.of(power)] =
              Arrays.stream(own).map(s -> (int) ((long) s * step % smaller)).sorted().toArray();
        }
      }
    }
    return exponents;
  }

  private int[] eigenvalues(long[] values, int c, int degree) {
    int order = classes.elementOrder(c);
    long back = field.power(backwards, classes.exponent() / order);
    long[] powers = new long[order];
    powers[0] = 1;
    for (int t = 1; t < order; t++) {
      powers[t] = powers[t - 1] * back % p;
    }
    int[] along = new int[order];
    int g = classes.representative(c);
    int power = group.identity();
    for (int t = 0; t < order; t++, power = group.multiply(power, g)) {
      along[t] = classes.of(power);
    }
    int[] found = new int[degree];
    int filled = 0;
    long scale = field.inverse(order);
    for (int s = 0; s < order && filled < degree; s++) {
      long sum = 0;
      for (int t = 0; t < order; t++) {
        sum = (sum + values[along[t]] * powers[(int) ((long) s * t % order)]) % p;
      }
      long multiplicity = sum * scale % p;
      for (long i = 0; i < multiplicity && filled < degree; i++) {
        found[filled++] = s;
      }
    }
    return found;
  }
}
