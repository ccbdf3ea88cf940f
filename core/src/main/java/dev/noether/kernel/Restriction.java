package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * One copy of an irrep of the space's group in the harmonics of a frequency.
 *
 * @param irrep the irrep
 * @param rows T with irrep(g) T = T D(g), where D says how the harmonics turn: {@code
 *     [irrep.dimension, number of harmonics]}, its rows orthonormal
 */
record Restriction(Irrep irrep, Matrix rows) {
  /** All copies in the harmonics of a frequency. */
  static List<Restriction> of(Space space, int frequency) {
    return switch (space.family()) {
      case COMPACT -> {
        CompactIrrep irrep = harmonic(space.whole(), frequency);
        yield List.of(new Restriction(irrep, Matrix.identity(irrep.dimension())));
      }
      case CYCLIC -> cyclic(group(space), frequency);
      case DIHEDRAL -> dihedral(group(space), frequency, space.axis());
      case FLIP -> flip(group(space), frequency, space.axis());
      case EMBEDDED -> embedded(Objects.requireNonNull(space.embedding()), frequency);
    };
  }

  private static FiniteGroup group(Space space) {
    return Objects.requireNonNull(space.embedding()).group();
  }

  /** How the harmonics of a frequency turn: in space they are even or odd under the inversion. */
  static CompactIrrep harmonic(CompactGroup group, int frequency) {
    if (!group.hasImproperElements()) {
      return group.irrep(frequency);
    }
    boolean odd = group.spaceDimension() == 3 ? frequency % 2 == 1 : frequency > 0;
    return group.irrep(odd ? 1 : 0, frequency);
  }

  private static List<Restriction> cyclic(FiniteGroup group, int frequency) {
    int folded = fold(frequency, group.order());
    Irrep irrep = group.irrep(folded);
    return split(frequency, List.of(irrep, irrep), turn(frequency, group.order(), 0));
  }

  private static List<Restriction> dihedral(FiniteGroup group, int frequency, double axis) {
    int n = group.order() / 2;
    int folded = fold(frequency, n);
    boolean splits = folded == 0 || 2 * folded == n;
    Irrep first = group.irrep(splits ? 0 : 1, folded);
    Irrep second = splits ? group.irrep(1, folded) : first;
    return split(frequency, List.of(first, second), turn(frequency, n, frequency * axis));
  }

  private static List<Restriction> flip(FiniteGroup group, int frequency, double axis) {
    List<Irrep> both = List.of(group.irrep(0), group.irrep(1));
    return split(frequency, both, rotation(frequency * axis));
  }

  private static int fold(int frequency, int n) {
    int rest = frequency % n;
    return Math.min(rest, n - rest);
  }

  /** Q: a rotation, after a reflection where the frequency turns the other way in the group. */
  private static Matrix turn(int frequency, int n, double angle) {
    boolean reflected = 2 * (frequency % n) > n;
    return rotation(angle).times(Matrix.of(2, 2, 1, 0, 0, reflected ? -1 : 1));
  }

  private static Matrix rotation(double angle) {
    double c = StrictMath.cos(angle);
    double s = StrictMath.sin(angle);
    return Matrix.of(2, 2, c, -s, s, c);
  }

  /** The one irrep of frequency 0; else the two of one dimension, or the first of two. */
  private static List<Restriction> split(int frequency, List<Irrep> irreps, Matrix basis) {
    if (frequency == 0) {
      return List.of(new Restriction(irreps.get(0), Matrix.identity(1)));
    }
    if (irreps.get(0).dimension() == 2) {
      return List.of(new Restriction(irreps.get(0), basis.transpose()));
    }
    return copies(irreps, basis);
  }

  /** By computation; without any symmetry each harmonic by itself, m = 0, 1, -1, 2, -2, ... */
  private static List<Restriction> embedded(FiniteEmbedding embedding, int frequency) {
    FiniteGroup group = embedding.group();
    if (group.order() == 1 && embedding.into().spaceDimension() == 3) {
      int size = 2 * frequency + 1;
      int[] order =
          IntStream.range(0, size)
              .map(i -> frequency + (i % 2 == 0 ? -i / 2 : (i + 1) / 2))
              .toArray();
      return copies(
          Collections.nCopies(size, group.trivialIrrep()), Matrix.identity(size).columns(order));
    }
    Representation restricted =
        Representation.irrep(harmonic(embedding.into(), frequency)).restrict(embedding);
    return copies(restricted.irreps(), restricted.changeOfBasis());
  }

  private static List<Restriction> copies(List<? extends Irrep> irreps, Matrix basis) {
    List<Restriction> found = new ArrayList<>();
    int start = 0;
    for (Irrep irrep : irreps) {
      int[] columns = new int[irrep.dimension()];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = start++;
      }
      found.add(new Restriction(irrep, basis.columns(columns).transpose()));
    }
    return found;
  }
}
