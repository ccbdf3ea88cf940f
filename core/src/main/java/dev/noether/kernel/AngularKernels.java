package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The angular part of kernels: for two irreps and a frequency, the maps from the harmonics to the
 * matrices between the irreps that commute with the group. Keeps what several fields share; used
 * while a basis is built, by one thread.
 */
final class AngularKernels {
  /** The coefficients are parts of orthogonal matrices. */
  private static final double NOISE = 1e-14;

  private final Space space;
  private final Map<Integer, List<Restriction>> restrictions = new HashMap<>();
  private final Map<List<Irrep>, List<Coupling>> couplings = new HashMap<>();

  AngularKernels(Space space) {
    this.space = space;
  }

  /** All elements from m to n: by frequency, irrep j, endomorphism, copies, ring. */
  List<KernelElement> between(Irrep m, Irrep n, Rings rings) {
    List<KernelElement> elements = new ArrayList<>();
    for (int frequency = 0; frequency <= rings.highestFrequency(); frequency++) {
      List<Restriction> harmonics =
          restrictions.computeIfAbsent(frequency, key -> Restriction.of(space, key));
      for (Coupling coupling : couplings.computeIfAbsent(List.of(n, m), key -> Coupling.of(n, m))) {
        Irrep j = coupling.irrep();
        List<Restriction> copies =
            harmonics.stream().filter(copy -> copy.irrep().equals(j)).toList();
        if (!copies.isEmpty()) {
          add(elements, m, n, frequency, coupling, copies, rings);
        }
      }
    }
    return elements;
  }

  /** The lowest frequency, up to a limit, of a kernel from m to n; -1 where there is none. */
  int lowestFrequency(Irrep m, Irrep n, int limit) {
    for (int frequency = 0; frequency <= limit; frequency++) {
      Ring ring = new Ring(1, 1, frequency);
      if (!between(m, n, new Rings(List.of(ring))).isEmpty()) {
        return frequency;
      }
    }
    return -1;
  }

  private static void add(
      List<KernelElement> elements,
      Irrep m,
      Irrep n,
      int frequency,
      Coupling coupling,
      List<Restriction> copies,
      Rings rings) {
    List<Matrix> endomorphisms = coupling.irrep().endomorphismBasis();
    for (int k = 0; k < endomorphisms.size(); k++) {
      for (int s = 0; s < coupling.copies().size(); s++) {
        Matrix turned = coupling.copies().get(s).timesTranspose(endomorphisms.get(k));
        for (int t = 0; t < copies.size(); t++) {
          Matrix coefficients = withoutNoise(turned.times(copies.get(t).rows()));
          for (Ring ring : rings.rings()) {
            if (ring.highestFrequency() >= frequency) {
              elements.add(
                  new KernelElement(
                      m.id(),
                      n.id(),
                      frequency,
                      coupling.irrep().id(),
                      k,
                      s,
                      t,
                      ring,
                      coefficients));
            }
          }
        }
      }
    }
  }

  /** Entries that are zero but for rounding become so, for the sake of the sparse expansion. */
  private static Matrix withoutNoise(Matrix matrix) {
    double[] entries = matrix.toArray();
    for (int i = 0; i < entries.length; i++) {
      entries[i] = Math.abs(entries[i]) < NOISE ? 0 : entries[i];
    }
    return Matrix.of(matrix.rows(), matrix.columns(), entries);
  }
}
