package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.rep.ClebschGordan;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The copies of one irrep j in the tensor product of an output and an input irrep.
 *
 * @param irrep j
 * @param copies for each copy C with (out(g) (x) in(g)) C = C j(g), {@code [out.dimension *
 *     in.dimension, j.dimension]}
 */
record Coupling(Irrep irrep, List<Matrix> copies) {
  Coupling {
    copies = List.copyOf(copies);
  }

  /**
   * All irreps of a product. For rotations of the plane and for SO(3) and O(3) with the signs of
   * escnn; for other groups with those of {@link ClebschGordan}.
   */
  static List<Coupling> of(Irrep out, Irrep in) {
    Group group = out.group();
    if (group.equals(CompactGroup.SO2)) {
      return PlanarCoupling.of(out, in, 0);
    }
    if (group instanceof FiniteGroup finite && group.name().equals("C" + finite.order())) {
      return PlanarCoupling.of(out, in, finite.order());
    }
    ClebschGordan coefficients = ClebschGordan.of(out, in);
    return new LinkedHashSet<>(coefficients.irreps())
        .stream()
            .map(
                irrep ->
                    new Coupling(
                        irrep,
                        IntStream.range(0, coefficients.multiplicity(irrep))
                            .mapToObj(copy -> coefficients.coefficients(irrep, copy))
                            .map(tensor -> SphericalSign.standard(tensor, out, in, irrep))
                            .toList()))
            .toList();
  }
}
