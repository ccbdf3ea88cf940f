package dev.noether.group;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The groups of rotations about an axis with mirrors and rotoreflections, under Schoenflies' names:
 * tables and irreps of cyclic and dihedral groups and their products with one mirror, and where
 * their elements lie in space.
 *
 * <p>The axis is z, horizontal mirrors turn z to -z, half turns are about x, and the first vertical
 * mirror turns y to -y.
 */
final class PointGroups {
  private static final Orthogonal3 HORIZONTAL = halfTurn(0, 0, 1).invertSpace();
  private static final Orthogonal3 VERTICAL = halfTurn(0, 1, 0).invertSpace();

  private PointGroups() {}

  private static Orthogonal3 halfTurn(double x, double y, double z) {
    return Orthogonal3.ofAxisAngle(x, y, z, Math.PI);
  }

  /** The identity and one mirror. */
  static FiniteGroup mirror() {
    return relabelled(PlanarGroups.cyclic(2), "Cs", List.of("e", "m"));
  }

  /** The identity and the inversion. */
  static FiniteGroup inversion() {
    return relabelled(PlanarGroups.cyclic(2), "Ci", List.of("e", "i"));
  }

  /** C_nv: rotations r^k and vertical mirrors r^k m. */
  static FiniteGroup vertical(int n) {
    FiniteGroup group = PlanarGroups.dihedral(n);
    return relabelled(
        group, "C" + n + "v", labels(group).map(label -> label.replace('f', 'm')).toList());
  }

  /** C_nh: rotations, and their products with the horizontal mirror. */
  static FiniteGroup horizontal(int n) {
    return withMirror("C" + n + "h", PlanarGroups.cyclic(n));
  }

  /** D_nh: rotations and half turns, and their products with the horizontal mirror. */
  static FiniteGroup prismatic(int n) {
    return withMirror("D" + n + "h", PlanarGroups.dihedral(n));
  }

  /** D_nd: powers of the rotoreflection s of order 2n, and their products with a half turn. */
  static FiniteGroup antiprismatic(int n) {
    FiniteGroup group = PlanarGroups.dihedral(2 * n);
    return relabelled(
        group, "D" + n + "d", labels(group).map(label -> label.replace('r', 's')).toList());
  }

  /** The powers of the rotoreflection s of even order n. */
  static FiniteGroup rotoreflections(int n) {
    if (n == 2) {
      return inversion();
    }
    FiniteGroup group = PlanarGroups.cyclic(n);
    return relabelled(
        group, "Rotoreflection" + n, labels(group).map(label -> label.replace('r', 's')).toList());
  }

  private static java.util.stream.Stream<String> labels(FiniteGroup group) {
    return IntStream.range(0, group.order()).mapToObj(group::label);
  }

  private static FiniteGroup relabelled(FiniteGroup group, String name, List<String> labels) {
    return group.renamed(
        name, labels, other -> group.irreps().stream().map(irrep -> irrep.of(other)).toList());
  }

  private static FiniteGroup withMirror(String name, FiniteGroup proper) {
    List<String> labels =
        IntStream.range(0, 2 * proper.order())
            .mapToObj(
                g -> {
                  String label = proper.label(g % proper.order());
                  return g < proper.order() ? label : label.equals("e") ? "m" : "m " + label;
                })
            .toList();
    return GroupProducts.direct(name, PlanarGroups.cyclic(2), proper).withLabels(labels);
  }

  /** The place of an element of C_n and of D_n in the plane: rotations, then reflections. */
  static Orthogonal2 inPlane(int n, int g) {
    return new Orthogonal2(2 * Math.PI * (g % n) / n, g >= n);
  }

  /** The place of an element of C_n and of D_n in space: turns about z, then half turns. */
  static Orthogonal3 turn(int n, int g) {
    Orthogonal3 turn = Orthogonal3.ofAxisAngle(0, 0, 1, 2 * Math.PI * (g % n) / n);
    return g < n ? turn : turn.times(halfTurn(1, 0, 0));
  }

  /** The same of a group doubled by the inversion. */
  static Orthogonal3 withInversion(FiniteGroup group, int n, int g) {
    int half = group.order() / 2;
    return g < half ? turn(n, g) : turn(n, g - half).invertSpace();
  }

  /** The same of a group doubled by the horizontal mirror. */
  static Orthogonal3 withHorizontal(FiniteGroup group, int n, int g) {
    int half = group.order() / 2;
    return g < half ? turn(n, g) : HORIZONTAL.times(turn(n, g - half));
  }

  /** Of C_nv: turns about z, then vertical mirrors. */
  static Orthogonal3 withVertical(int n, int g) {
    return g < n ? turn(n, g) : turn(n, g - n).times(VERTICAL);
  }

  /** Of the powers of a rotoreflection of even order n, then of these after a half turn. */
  static Orthogonal3 rotoreflection(int n, int g) {
    return g % n % 2 == 0 ? turn(n, g) : HORIZONTAL.times(turn(n, g));
  }

  static Orthogonal3 horizontalMirror(int g) {
    return g == 0 ? Orthogonal3.IDENTITY : HORIZONTAL;
  }

  static Orthogonal3 inversionOfSpace(int g) {
    return g == 0 ? Orthogonal3.IDENTITY : Orthogonal3.IDENTITY.invertSpace();
  }
}
