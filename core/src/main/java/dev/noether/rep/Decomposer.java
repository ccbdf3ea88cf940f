package dev.noether.rep;

import dev.noether.algebra.Components;
import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;

/**
 * Splits a representation, given by its generators, into irreps.
 *
 * <p>Each unit vector v, in order, gives for each irrep the maps T_c e_i = d / |G| sum_g
 * irrep(g)_ic rho(g) v, which commute with the group (Serre, <em>Linear Representations of Finite
 * Groups</em>, section 2.7). By Schur's lemma a map of this kind, less its part in the copies found
 * before, is a multiple of an isometry: a further copy, in exactly the irrep's own matrices,
 * whatever the irrep's type. A copy is taken where the multiple is at least 1 / (2 sqrt(size)); as
 * the squares of the multiples sum to at least 1 over the unit vectors while a copy is missing,
 * none is missed, and none is badly scaled. There is no random choice. The entry (v, c) of a copy
 * is positive at the v and c that gave it, which fixes its sign.
 *
 * <p>Where the representation is not orthogonal, maps from one irrep are compared by the trace of
 * T^T T' / d, for which the bound of the squares holds too, and the vectors of the copies are a
 * basis that is not orthonormal.
 */
final class Decomposer {
  private static final int LARGEST_BATCH = 16;
  private static final long LARGEST_ORBITS = 1L << 22;

  private final FiniteGroup group;
  private final int size;
  private final boolean orthogonal;
  private final Orbits orbits;
  private final int batchFactor;
  private final double threshold;

  /** Vectors with no larger part in the copies of an irrep give no copy, so it is not asked for. */
  private final double skipped;

  private final List<Copies> found;
  private final int[] expected;

  /** Vectors of different sets of coordinates are orthogonal as they are. */
  private final int[] sets;

  private final double[] missing;
  private int remaining;

  private Decomposer(FiniteGroup group, int size, List<LinearMap> generators, boolean orthogonal) {
    room(size);
    this.group = group;
    this.size = size;
    this.orthogonal = orthogonal;
    this.orbits = new Orbits(group, size, generators);
    this.batchFactor = generators.stream().anyMatch(LinearMap::isDense) ? 4 : 1;
    this.threshold = 0.5 / Math.sqrt(size);
    this.skipped = threshold * (orthogonal ? 0.25 : 1e-9);
    this.found = group.irreps().stream().map(irrep -> new Copies(irrep, size)).toList();
    this.sets = sets(size, generators);
    this.expected = Multiplicities.of(group, size, generators);
    this.missing = new double[size];
    Arrays.fill(missing, 1);
    this.remaining = size;
  }

  /**
   * Splits a representation.
   *
   * @param group the group
   * @param size the number of coordinates
   * @param generators the orthogonal matrices of the group's generators
   * @return the irreps in the group's order, and Q; empty where the matrices are no representation
   */
  static Optional<Part> decompose(FiniteGroup group, int size, List<LinearMap> generators) {
    return new Decomposer(group, size, generators, true).run();
  }

  /**
   * Splits a representation that need not be orthogonal.
   *
   * @param group the group
   * @param size the number of coordinates
   * @param generators the matrices rho(g) of the group's generators
   * @return the irreps in the group's order, and an invertible matrix B in place of Q with rho(g) B
   *     = B (irrep_1(g) + irrep_2(g) + ...); empty where the matrices are no representation
   */
  static Optional<Part> decomposeOblique(FiniteGroup group, int size, List<LinearMap> generators) {
    return new Decomposer(group, size, generators, false).run();
  }

  /** As {@link #decompose}, for matrices that are a representation by construction. */
  static Part split(FiniteGroup group, int size, List<LinearMap> generators) {
    return decompose(group, size, generators)
        .orElseThrow(() -> new IllegalStateException("not a representation of " + group));
  }

  /** For each coordinate the number of those that the generators mix it with. */
  private static int[] sets(int size, List<LinearMap> generators) {
    Components components = new Components(size);
    generators.forEach(generator -> generator.connect(components::join));
    int[] sets = new int[size];
    List<int[]> members = components.members();
    for (int i = 0; i < members.size(); i++) {
      for (int coordinate : members.get(i)) {
        sets[coordinate] = i;
      }
    }
    return sets;
  }

  private static int room(int size) {
    return Sizes.entries("the change of basis of " + size + " coordinates", size, size);
  }

  private Optional<Part> run() {
    int next = 0;
    while (remaining > 0 && next < size) {
      int count = 0;
      int[] units = new int[batchSize()];
      while (count < units.length && next < size) {
        if (missing[next] >= threshold * threshold) {
          units[count++] = next;
        }
        next++;
      }
      if (count > 0) {
        search(Arrays.copyOf(units, count));
      }
    }
    return remaining == 0 ? Optional.of(part()) : Optional.empty();
  }

  private int batchSize() {
    long byDimension = (long) batchFactor * remaining / group.order() + 1;
    long byMemory = LARGEST_ORBITS / ((long) group.order() * size) + 1;
    return (int) Math.min(LARGEST_BATCH, Math.min(byDimension, byMemory));
  }

  private void search(int[] units) {
    DMatrixRMaj vectors = new DMatrixRMaj(units.length, size);
    for (int v = 0; v < units.length; v++) {
      vectors.unsafe_set(v, units[v], 1);
      for (int k = 0; orthogonal && k < found.size(); k++) {
        found.get(k).removeFromUnit(units[v], sets[units[v]], vectors.data, v * size);
      }
    }
    DMatrixRMaj images = orbits.of(vectors);
    DMatrixRMaj sums = orbits.classSums(images);
    Optional<int[][]> places = Orbits.places(images);
    for (int k = 0; k < found.size(); k++) {
      Copies copies = found.get(k);
      if (copies.irrep.dimension() <= remaining
          && copies.count() < expected[k]
          && (!(expected[k] == Integer.MAX_VALUE || isWorthAsking(group, copies.irrep))
              || orbits.largestPart(copies.irrep, sums) > skipped)) {
        DMatrixRMaj maps = orbits.intertwiners(copies.irrep, images, places);
        for (int v = 0; v < units.length; v++) {
          take(copies, maps, v, sets[units[v]]);
        }
      }
    }
  }

  /**
   * Whether the part of vectors in an irrep is looked at before its maps are made: not where it is
   * known to occur and has maps that cost no more.
   */
  private static boolean isWorthAsking(FiniteGroup group, FiniteIrrep irrep) {
    long maps = (long) irrep.dimension() * irrep.dimension() * group.order();
    return 2L * group.conjugacyClasses().size() < maps / 4;
  }

  /** About how many multiplications it takes to split points that a group permutes transitively. */
  static double orbitWork(FiniteGroup group, double points) {
    double work = group.order() * points;
    for (FiniteIrrep irrep : group.irreps()) {
      work += (double) irrep.dimension() * irrep.dimension() * group.order();
      work += isWorthAsking(group, irrep) ? group.conjugacyClasses().size() * points : 0;
    }
    return work;
  }

  private void take(Copies copies, DMatrixRMaj maps, int v, int set) {
    int d = copies.irrep.dimension();
    for (int start = 0; start < maps.numRows && d <= remaining; start += d) {
      DMatrixRMaj map = new DMatrixRMaj(d, size);
      for (int i = 0; i < d; i++) {
        System.arraycopy(
            maps.data, (start + i) * maps.numCols + v * size, map.data, i * size, size);
      }
      if (copies.add(map, threshold, set)) {
        remaining -= d;
        for (int i = 0; orthogonal && i < map.getNumElements(); i++) {
          missing[i % size] -= map.data[i] * map.data[i];
        }
      }
    }
  }

  private Part part() {
    List<Irrep> irreps = new ArrayList<>();
    List<double[]> columns = new ArrayList<>();
    for (Copies copies : found) {
      irreps.addAll(Collections.nCopies(copies.count(), copies.irrep));
      columns.addAll(copies.vectors);
    }
    return new Part(group, irreps, Matrix.ofColumns(size, columns), null);
  }

  /** The copies of one irrep found so far, their vectors as rows. */
  private static final class Copies {
    private final FiniteIrrep irrep;
    private List<int[]> endomorphisms = List.of();
    private final int size;
    private final Map<Integer, List<Integer>> placesBySet = new HashMap<>();

    /** The columns of all copies, one copy after the other. */
    private final List<double[]> vectors = new ArrayList<>();

    private Copies(FiniteIrrep irrep, int size) {
      this.irrep = irrep;
      this.size = size;
    }

    /** The numbers of the copies in a set of coordinates, in order. */
    private List<Integer> placesOf(int set) {
      return placesBySet.computeIfAbsent(set, key -> new ArrayList<>());
    }

    private int count() {
      return vectors.size() / irrep.dimension();
    }

    /** Subtracts from a vector, which began as unit vector {@code unit}, its part in the copies. */
    private void removeFromUnit(int unit, int set, double[] vector, int offset) {
      for (int number : placesBySet.getOrDefault(set, List.of())) {
        int first = number * irrep.dimension();
        for (int row = first; row < first + irrep.dimension(); row++) {
          double[] own = vectors.get(row);
          double factor = own[unit];
          for (int i = 0; i < size && factor != 0; i++) {
            vector[offset + i] -= factor * own[i];
          }
        }
      }
    }

    /** Makes a map orthogonal to the copies and of norm 1, and keeps it if it is large enough. */
    private boolean add(DMatrixRMaj map, double threshold, int set) {
      if (norm(map) < threshold) {
        return false;
      }
      if (endomorphisms.isEmpty()) {
        endomorphisms = irrep.endomorphismBasis().stream().map(Copies::rows).toList();
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int number : placesOf(set)) {
          int copy = number * irrep.dimension();
          for (int[] endomorphism : endomorphisms) {
            remove(map.data, copy, endomorphism);
          }
        }
        if (norm(map) < threshold) {
          return false;
        }
      }
      double scale = 1 / norm(map);
      for (int i = 0; i < map.getNumElements(); i++) {
        map.data[i] *= scale;
      }
      placesOf(set).add(count());
      append(map.data);
      return true;
    }

    private double norm(DMatrixRMaj map) {
      double sum = 0;
      for (int i = 0; i < map.getNumElements(); i++) {
        sum += map.data[i] * map.data[i];
      }
      return Math.sqrt(sum / irrep.dimension());
    }

    /** For each column of a signed permutation matrix its row i where it holds 1, ~i for -1. */
    private static int[] rows(Matrix endomorphism) {
      int[] rows = new int[endomorphism.rows()];
      for (int i = 0; i < rows.length; i++) {
        for (int j = 0; j < rows.length; j++) {
          double entry = endomorphism.get(i, j);
          rows[j] = entry > 0 ? i : entry < 0 ? ~i : rows[j];
        }
      }
      return rows;
    }

    /** Subtracts from a map T its part trace(T^T U E) / d in a copy U after an endomorphism E. */
    private void remove(double[] map, int copy, int[] endomorphism) {
      int d = irrep.dimension();
      double inner = 0;
      for (int j = 0; j < d; j++) {
        int i = endomorphism[j];
        double product = dot(map, j * size, vectors.get(copy + (i < 0 ? ~i : i)));
        inner += i < 0 ? -product : product;
      }
      for (int j = 0; j < d && inner != 0; j++) {
        int i = endomorphism[j];
        double factor = (i < 0 ? -inner : inner) / d;
        subtract(map, j * size, vectors.get(copy + (i < 0 ? ~i : i)), factor);
      }
    }

    private double dot(double[] map, int offset, double[] own) {
      double a = 0;
      double b = 0;
      double c = 0;
      double d = 0;
      int i = 0;
      for (; i + 3 < size; i += 4) {
        a += own[i] * map[offset + i];
        b += own[i + 1] * map[offset + i + 1];
        c += own[i + 2] * map[offset + i + 2];
        d += own[i + 3] * map[offset + i + 3];
      }
      for (; i < size; i++) {
        a += own[i] * map[offset + i];
      }
      return a + b + c + d;
    }

    private void subtract(double[] map, int offset, double[] own, double factor) {
      for (int i = 0; i < size; i++) {
        map[offset + i] -= factor * own[i];
      }
    }

    private void append(double[] map) {
      for (int start = 0; start < map.length; start += size) {
        vectors.add(Arrays.copyOfRange(map, start, start + size));
      }
    }
  }
}
