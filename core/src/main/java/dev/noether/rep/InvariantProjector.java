package dev.noether.rep;

import dev.noether.algebra.Matrix;
import java.util.stream.IntStream;

/**
 * The orthogonal projector onto the vectors that a group leaves as they are.
 *
 * <p>It is the average of rho(g) over the group, computed without the sum: the columns of Q that
 * belong to the trivial irrep span the invariant vectors.
 */
public final class InvariantProjector {
  private InvariantProjector() {}

  /**
   * The projector onto Fix(rho) = {v : rho(g) v = v for all g}.
   *
   * @param representation rho
   * @return a symmetric idempotent matrix {@code [size, size]}; zero where no vector is invariant
   */
  public static Matrix of(Representation representation) {
    IsotypicDecomposition decomposition = IsotypicDecomposition.of(representation);
    int invariant =
        decomposition
            .block(representation.group().trivialIrrep())
            .map(IsotypicDecomposition.Block::multiplicity)
            .orElse(0);
    Matrix fixed = decomposition.changeOfBasis().columns(IntStream.range(0, invariant).toArray());
    return fixed.timesTranspose(fixed);
  }
}
