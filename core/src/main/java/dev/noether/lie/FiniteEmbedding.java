package dev.noether.lie;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A finite group inside a compact one: the image of every element.
 *
 * @param group the finite group
 * @param into the compact group
 * @param images the image of each element, in the group's order
 */
public record FiniteEmbedding(FiniteGroup group, CompactGroup into, List<CompactElement> images) {
  private static final double TOLERANCE = 1e-9;
  private static final Pattern FAMILY = Pattern.compile("(C|D|Cylinder|FullCylinder)([0-9]+)");

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
  public static FiniteEmbedding ofIrreps(CompactGroup into, Irrep... irreps) {
    require(irreps.length > 0, "an embedding into %s needs at least one irrep, got none", into);
    FiniteGroup group = irreps[0].group();
    int dimension = 0;
    for (Irrep irrep : irreps) {
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

  /**
   * Whether this is where {@link #standard} places the group.
   *
   * @return true if the images are the same
   */
  public boolean isStandard() {
    try {
      return equals(standard(group, into));
    } catch (IllegalArgumentException noStandardPlace) {
      return false;
    }
  }

  /**
   * A group of the plane or of space as its name says: C_n turns about z; D_n in the plane reflects
   * y, in space turns about x besides; V4 changes the signs of the axes, of two in space; the
   * polyhedral groups by their irrep 1, which acts on (y, z, x); Td, Th, Oh, Ih and the cylinder
   * groups with their inversions, in O(3).
   *
   * @param group C_n, D_n, V4, Tetrahedral, Octahedral, Icosahedral, Td, Th, Oh, Ih, Cylinder_n or
   *     FullCylinder_n
   * @param into the compact group
   * @return the embedding
   * @throws IllegalArgumentException if the group has no standard place there; give the images
   *     yourself
   */
  public static FiniteEmbedding standard(FiniteGroup group, CompactGroup into) {
    if (group.name().equals("V4") && into != CompactGroup.SO2) {
      Irrep a = group.irrep(1, 0);
      Irrep b = group.irrep(0, 1);
      return into == CompactGroup.O2
          ? ofIrreps(into, a, b)
          : ofIrreps(into, a, b, group.irrep(1, 1));
    }
    List<CompactElement> images = new ArrayList<>();
    for (int g = 0; g < group.order(); g++) {
      images.add(into.spaceDimension() == 2 ? planar(group, g, into) : spatial(group, g, into));
    }
    return new FiniteEmbedding(group, into, images);
  }

  private static IllegalArgumentException unknown(FiniteGroup group, CompactGroup into) {
    return new IllegalArgumentException(
        group
            + " has no standard place in "
            + into
            + "; give it one with FiniteEmbedding.ofIrreps or the images of its elements");
  }

  private static CompactElement planar(FiniteGroup group, int g, CompactGroup into) {
    Matcher family = FAMILY.matcher(group.name());
    if (!family.matches()
        || family.group(1).length() > 1
        || (family.group(1).equals("D") && !into.hasImproperElements())) {
      throw unknown(group, into);
    }
    int n = Integer.parseInt(family.group(2));
    return new Orthogonal2(2 * Math.PI * (g % n) / n, g >= n);
  }

  private static CompactElement spatial(FiniteGroup group, int g, CompactGroup into) {
    Matcher family = FAMILY.matcher(group.name());
    if (family.matches()) {
      boolean doubled = family.group(1).endsWith("Cylinder");
      if (doubled && !into.hasImproperElements()) {
        throw unknown(group, into);
      }
      int n = Integer.parseInt(family.group(2));
      int rotations = doubled ? group.order() / 2 : group.order();
      int rotation = g % rotations;
      Orthogonal3 turn = Orthogonal3.ofAxisAngle(0, 0, 1, 2 * Math.PI * (rotation % n) / n);
      Orthogonal3 image =
          rotation < n ? turn : turn.times(Orthogonal3.ofAxisAngle(1, 0, 0, Math.PI));
      return g < rotations ? image : image.invertSpace();
    }
    Irrep vectors =
        switch (group.name()) {
          case "Tetrahedral", "Octahedral", "Icosahedral" -> group.irrep(1);
          case "Td" -> into.hasImproperElements() ? group.irrep(1) : null;
          case "Th", "Oh", "Ih" -> into.hasImproperElements() ? group.irrep(1, 1) : null;
          default -> null;
        };
    if (vectors == null) {
      throw unknown(group, into);
    }
    double[] m = vectors.at(g).toArray();
    // From (y, z, x) to (x, y, z).
    return Orthogonal3.of(Matrix.of(3, 3, m[8], m[6], m[7], m[2], m[0], m[1], m[5], m[3], m[4]));
  }
}
