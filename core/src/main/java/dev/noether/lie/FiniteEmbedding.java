package dev.noether.lie;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Groups;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A finite group inside a compact one: the image of every element.
 *
 * @param group the finite group
 * @param into the compact group
 * @param images the image of each element, in the group's order
 */
public record FiniteEmbedding(FiniteGroup group, CompactGroup into, List<CompactElement> images) {
  private static final double TOLERANCE = 1e-9;

  /**
   * Checks that products go to products.
   *
   * @param group the finite group
   * @param into the compact group
   * @param images the image of each element, in the group's order
   * @throws IllegalArgumentException if the number of images is not the group's order, one is no
   *     element of the compact group, the map is no homomorphism to 1e-9, or it sends another
   *     element than the identity to the identity
   */
  public FiniteEmbedding {
    images = List.copyOf(images);
    require(
        images.size() == group.order(),
        "%s has %d elements, got %d images",
        group,
        group.order(),
        images.size());
    images.forEach(into::requireElement);
    for (int a : group.generators()) {
      for (int b = 0; b < group.order(); b++) {
        Matrix product = images.get(a).matrix().times(images.get(b).matrix());
        double distance = product.distance(images.get(group.multiply(a, b)).matrix());
        require(
            distance <= TOLERANCE,
            "the map into %s is no homomorphism: at %s times %s it is off by %.3g",
            into,
            group.element(a),
            group.element(b),
            distance);
      }
    }
    Matrix identity = into.identity().matrix();
    for (int g = 0; g < group.order(); g++) {
      require(
          g == group.identity() || images.get(g).matrix().distance(identity) > TOLERANCE,
          "%s is no subgroup of %s this way: %s goes to the identity too",
          group,
          into,
          group.element(g));
    }
  }

  /**
   * The place that irreps give: a group acts on the plane or on space by irreps whose dimensions
   * sum to 2 or 3, each on coordinates of its own. So D5.irrep(1,1) and the trivial irrep place D_5
   * in O(3) with reflections that keep the z axis, and an irrep of dimension 3 places S_4.
   *
   * @param into the compact group
   * @param irreps irreps of one group; together they send no element but the identity to the
   *     identity
   * @return the embedding
   * @throws IllegalArgumentException if there is no irrep, the groups differ, the dimensions do not
   *     sum to the dimension of the space, an element has determinant -1 where there are rotations
   *     only, or another element than the identity goes to the identity
   */
  public static FiniteEmbedding ofIrreps(CompactGroup into, FiniteIrrep... irreps) {
    require(irreps.length > 0, "an embedding into %s needs at least one irrep, got none", into);
    FiniteGroup group = irreps[0].group();
    int dimension = 0;
    for (FiniteIrrep irrep : irreps) {
      require(
          irrep.group().equals(group),
          "the irreps must be of one group, got %s and %s",
          group,
          irrep.group());
      dimension += irrep.dimension();
    }
    require(
        dimension == into.spaceDimension(),
        "irreps that place %s in %s must have dimensions of sum %d, got %d",
        group,
        into,
        into.spaceDimension(),
        dimension);
    List<CompactElement> images = new ArrayList<>();
    for (int g = 0; g < group.order(); g++) {
      int element = g;
      Matrix matrix =
          Matrix.blockDiagonal(Arrays.stream(irreps).map(irrep -> irrep.at(element)).toList());
      images.add(dimension == 2 ? Orthogonal2.of(matrix) : Orthogonal3.of(matrix));
    }
    return new FiniteEmbedding(group, into, images);
  }

  /** {@return whether this is where {@link #standard} places the group} */
  public boolean isStandard() {
    try {
      return equals(standard(group, into));
    } catch (IllegalArgumentException noStandardPlace) {
      return false;
    }
  }

  /**
   * A group of the plane or of space where {@link Groups#place} puts it by its name.
   *
   * @param group C_n, D_n, V4, Tetrahedral, Octahedral, Icosahedral, in O(3) also Td, Th, Oh, Ih,
   *     Cylinder_n, FullCylinder_n and the other point groups
   * @param into the compact group
   * @return the embedding
   * @throws IllegalArgumentException if the group has no standard place there; give the images
   *     yourself
   */
  public static FiniteEmbedding standard(FiniteGroup group, CompactGroup into) {
    List<CompactElement> images =
        requirePresent(
            Groups.place(group, into).orElse(null),
            "%s has no standard place in %s; give it one with FiniteEmbedding.ofIrreps or the "
                + "images of its elements",
            group,
            into);
    return new FiniteEmbedding(group, into, images);
  }
}
