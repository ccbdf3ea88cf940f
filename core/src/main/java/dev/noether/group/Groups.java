package dev.noether.group;

import java.util.List;
import java.util.Optional;

/**
 * The finite groups that have names: {@code Groups.cyclic(4)}, {@code Groups.tetrahedral()}, and by
 * text {@link FiniteGroup#named}. Groups without a name come from permutations, matrices or a table
 * ({@link FiniteGroup}); products of groups from {@link FiniteGroup#times} and {@link
 * GroupProducts}.
 *
 * <p>Irreps are numbered 0, 1, 2, ...: the trivial one, then by dimension, then by character;
 * except where a method says otherwise.
 *
 * <p>The point groups of molecules and crystals bear Schoenflies' names; {@link FiniteGroup#named}
 * reads the Hermann-Mauguin names of the 32 crystallographic ones too. The text {@code S4} is the
 * symmetric group: the point group S_4 of Schoenflies is {@link #rotoreflection}(4), in text {@code
 * Rotoreflection4} or {@code -4}. {@code C3} and {@code D3} are rotations, in space about z and
 * half turns about x.
 *
 * <pre>{@code
 * FiniteGroup mirrors = Groups.cyclic(2).times(Groups.cyclic(2));
 * FiniteGroup turns = Groups.cyclic(8);
 * FiniteGroup methane = FiniteGroup.named("Td");
 * System.out.println(turns.generators().stream().map(turns::element).toList()); // [r]
 * }</pre>
 */
public final class Groups {
  private Groups() {}

  /** {@return C_1, the group of one element} */
  public static FiniteGroup trivial() {
    return Families.TRIVIAL.build();
  }

  /**
   * The cyclic group C_n of rotations by multiples of 2 pi / n.
   *
   * <p>Element k is the rotation by 2 pi k / n. Irreps are named by frequency 0 to n/2.
   *
   * @param n the order, from 1 to 10000
   * @return C_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup cyclic(int n) {
    return Families.CYCLIC.build(n);
  }

  /**
   * The dihedral group D_n of the n-gon's n rotations and n reflections; its order is 2n.
   *
   * <p>Elements 0 to n-1 are the rotations r^k; elements n to 2n-1 are r^k f with f the reflection
   * of the second axis. Irreps are named by (reflection, frequency).
   *
   * @param n the number of rotations, from 1 to 5000
   * @return D_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup dihedral(int n) {
    return Families.DIHEDRAL.build(n);
  }

  /**
   * All permutations of n points, in lexicographic order of their images.
   *
   * @param n the number of points, from 1 to 6
   * @return S_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup symmetric(int n) {
    return Families.SYMMETRIC.build(n);
  }

  /**
   * All even permutations of n points, in lexicographic order of their images.
   *
   * @param n the number of points, from 1 to 6
   * @return A_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup alternating(int n) {
    return Families.ALTERNATING.build(n);
  }

  /** {@return the quaternion group Q8 of the units 1, i, j, k and their negatives} */
  public static FiniteGroup quaternion() {
    return Families.QUATERNION.build(8);
  }

  /**
   * The dicyclic group of order 4n: a^2n = 1, x^2 = a^n, x a x^-1 = a^-1. Where n is a power of two
   * it is the generalized quaternion group and named by its order: Q8, Q16, ...
   *
   * <p>Elements 0 to 2n-1 are the powers of a, the others a^k x. Irreps are named as those of D_2n:
   * (0, 0), (1, 0), then (1, k) for a turning at frequency k, which has quaternionic type for odd
   * k, then (1, n) and (0, n); where n is odd these two are one of complex type, (1, n).
   *
   * @param n from 2 to 2500
   * @return Dic_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup dicyclic(int n) {
    return Families.DICYCLIC.build(n);
  }

  /** {@return V4, the Klein four group C2 x C2; its irreps are named by two signs (0 or 1 each)} */
  public static FiniteGroup kleinFour() {
    return Families.KLEIN.build();
  }

  /**
   * The 12 rotations of the tetrahedron, with the elements of the octahedral group's first half.
   * Irrep 1 is that of the vectors of space, irrep 2 has complex type.
   *
   * @return the tetrahedral group T
   */
  public static FiniteGroup tetrahedral() {
    return Families.TETRAHEDRAL.build();
  }

  /** {@return the octahedral group O: the 24 rotations of the cube and of the octahedron} */
  public static FiniteGroup octahedral() {
    return Families.OCTAHEDRAL.build();
  }

  /** {@return the icosahedral group I: the 60 rotations of the icosahedron and the dodecahedron} */
  public static FiniteGroup icosahedral() {
    return Families.ICOSAHEDRAL.build();
  }

  /**
   * The 24 rotations and reflections of the tetrahedron. The table and the irreps are those of the
   * octahedral group, with irrep 1 (vectors) and -1 (pseudovectors) exchanged.
   *
   * @return the full tetrahedral group T_d
   */
  public static FiniteGroup fullTetrahedral() {
    return Families.FULL_TETRAHEDRAL.build();
  }

  /**
   * The 24 products of rotations of the tetrahedron with the inversion. Irreps are named by parity
   * (0 even, 1 odd) and irrep of T.
   *
   * @return the pyritohedral group T_h
   */
  public static FiniteGroup pyritohedral() {
    return Families.PYRITOHEDRAL.build();
  }

  /**
   * The 48 symmetries of the cube. Irreps are named by parity (0 even, 1 odd) and irrep of O.
   *
   * @return the full octahedral group O_h
   */
  public static FiniteGroup fullOctahedral() {
    return Families.FULL_OCTAHEDRAL.build();
  }

  /**
   * The 120 symmetries of the icosahedron. Irreps are named by parity (0 even, 1 odd) and irrep of
   * I.
   *
   * @return the full icosahedral group I_h
   */
  public static FiniteGroup fullIcosahedral() {
    return Families.FULL_ICOSAHEDRAL.build();
  }

  /** {@return the binary tetrahedral group 2T: the 24 unit quaternions over T} */
  public static FiniteGroup binaryTetrahedral() {
    return Families.BINARY_TETRAHEDRAL.build();
  }

  /** {@return the binary octahedral group 2O: the 48 unit quaternions over O} */
  public static FiniteGroup binaryOctahedral() {
    return Families.BINARY_OCTAHEDRAL.build();
  }

  /** {@return the binary icosahedral group 2I: the 120 unit quaternions over I} */
  public static FiniteGroup binaryIcosahedral() {
    return Families.BINARY_ICOSAHEDRAL.build();
  }

  /**
   * The n rotations about an axis and their products with the inversion of space. Irreps are named
   * by parity and frequency.
   *
   * @param n the number of rotations, from 1 to 5000
   * @return C2 x C_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup cylinder(int n) {
    return Families.CYLINDER.build(n);
  }

  /**
   * The symmetries of a cylinder with n rotations about its axis: D_n and the inversion of space.
   * Irreps are named by parity, reflection and frequency.
   *
   * @param n the number of rotations about the axis, from 1 to 2500
   * @return C2 x D_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup fullCylinder(int n) {
    return Families.FULL_CYLINDER.build(n);
  }

  /** {@return the point group C_s: the identity and a mirror; irreps 0 and 1} */
  public static FiniteGroup cs() {
    return Families.MIRROR.build();
  }

  /** {@return the point group C_i: the identity and the inversion; irreps 0 and 1} */
  public static FiniteGroup ci() {
    return Families.INVERSION.build();
  }

  /**
   * The symmetries of a pyramid: n rotations r^k about an axis, and n mirrors r^k m that hold the
   * axis. The table and the irreps (reflection, frequency) are those of D_n.
   *
   * @param n the number of rotations, from 2 to 5000
   * @return the point group C_nv
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup cnv(int n) {
    return Families.CNV.build(n);
  }

  /**
   * The n rotations about an axis and their products with the mirror m across it. Irreps are named
   * by parity under m (0 even, 1 odd) and frequency.
   *
   * @param n the number of rotations, from 2 to 5000
   * @return the point group C_nh
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup cnh(int n) {
    return Families.CNH.build(n);
  }

  /**
   * The symmetries of a prism: n rotations about an axis, n half turns about axes across it, and
   * their products with the mirror m across it. Irreps are named by parity under m (0 even, 1 odd),
   * reflection and frequency.
   *
   * @param n the number of rotations about the axis, from 2 to 2500
   * @return the point group D_nh
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup dnh(int n) {
    return Families.DNH.build(n);
  }

  /**
   * The symmetries of an antiprism: the powers of the rotoreflection s by pi / n, and their
   * products with a half turn f about an axis across it. The table and the irreps (reflection,
   * frequency of s) are those of D_2n.
   *
   * @param n half the order of s, from 2 to 2500
   * @return the point group D_nd
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup dnd(int n) {
    return Families.DND.build(n);
  }

  /**
   * The powers of a rotoreflection: a turn by 2 pi / n about an axis with the mirror across it. The
   * table and the irreps (frequency) are those of C_n. Schoenflies' name S_n is taken by the
   * symmetric groups.
   *
   * @param n the order, even, from 2 to 10000; for an odd n the powers are C_nh
   * @return the rotoreflection group; for n = 2 it is C_i
   * @throws IllegalArgumentException if n is odd or out of range
   */
  public static FiniteGroup rotoreflection(int n) {
    return Families.ROTOREFLECTIONS.build(n);
  }

  /**
   * Where a group lies in the plane or in space, as its name says: C_n turns about z; D_n in the
   * plane reflects y, in space turns about x besides; V4 changes the signs of the axes, of two in
   * space; the polyhedral groups act by their irrep of vectors, in the basis (y, z, x); cylinders
   * and the other point groups have z as their axis, half turns about x, and the mirror of y as the
   * first that holds the axis.
   *
   * @param group a finite group
   * @param into a compact group
   * @return the image of each element; empty where the group has no place in that one by its name
   */
  public static Optional<List<CompactElement>> place(FiniteGroup group, CompactGroup into) {
    return Families.place(group, into);
  }
}
