package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Groups;
import dev.noether.group.Orthogonal2;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The plane or space with a group of rotations and reflections that acts on it.
 *
 * <p>A point is (x, y) or (x, y, z), x to the right, y up. Finite groups come as subgroups of O(2)
 * or O(3); a compact group acts as itself. Where the plane has reflections, the reflection of the
 * group, (1, 0) among the irreps' names, is that in a line through the origin, the axis.
 *
 * <p>The corresponding names in escnn: {@code rot2dOnR2(N)} is {@link #cyclic}, {@code
 * flipRot2dOnR2(N)} {@link #dihedral}, {@code flip2dOnR2} {@link #flip}, {@code trivialOnR2} {@link
 * #trivialPlane}, {@code octaOnR3} {@link #octahedral}, {@code icoOnR3} {@link #icosahedral}.
 */
public final class Space {
  /** The axis of escnn's reflections: a mirror that exchanges left and right. */
  private static final double LEFT_RIGHT = Math.PI / 2;

  private final CompactGroup whole;
  private final @Nullable FiniteEmbedding embedding;
  private final Family family;
  private final double axis;

  /** How the harmonics of the plane are restricted. */
  enum Family {
    /** C_n by rotations, and the plane without any symmetry. */
    CYCLIC,
    /** D_n with an axis. */
    DIHEDRAL,
    /** C_2, acting by a reflection. */
    FLIP,
    /** SO(2), O(2), SO(3) and O(3). */
    COMPACT,
    /** Any other finite group: restricted by computation. */
    EMBEDDED
  }

  private Space(
      CompactGroup whole, @Nullable FiniteEmbedding embedding, Family family, double axis) {
    this.whole = whole;
    this.embedding = embedding;
    this.family = family;
    this.axis = axis;
  }

  /**
   * The plane with rotations by multiples of 2 pi / n.
   *
   * @param n the number of rotations, at least 1
   * @return C_n on R^2
   * @throws IllegalArgumentException if n is out of the range of {@link Groups#cyclic}
   */
  public static Space cyclic(int n) {
    return new Space(
        CompactGroup.SO2,
        FiniteEmbedding.standard(Groups.cyclic(n), CompactGroup.SO2),
        Family.CYCLIC,
        0);
  }

  /**
   * The plane with n rotations and n reflections; the first reflection exchanges left and right.
   *
   * @param n the number of rotations, at least 1
   * @return D_n on R^2
   * @throws IllegalArgumentException if n is out of the range of {@link Groups#dihedral}
   */
  public static Space dihedral(int n) {
    return dihedral(n, LEFT_RIGHT);
  }

  /**
   * The plane with n rotations and n reflections.
   *
   * @param n the number of rotations, at least 1
   * @param axis the angle, in radians, of the line of the first reflection
   * @return D_n on R^2
   * @throws IllegalArgumentException if n is out of the range of {@link Groups#dihedral}, or the
   *     angle not finite
   */
  public static Space dihedral(int n, double axis) {
    requireAxis(axis);
    FiniteGroup group = Groups.dihedral(n);
    List<CompactElement> images =
        IntStream.range(0, 2 * n)
            .<CompactElement>mapToObj(g -> planar(2 * Math.PI * (g % n) / n, g >= n, axis))
            .toList();
    return new Space(
        CompactGroup.O2,
        new FiniteEmbedding(group, CompactGroup.O2, images),
        Family.DIHEDRAL,
        axis);
  }

  /**
   * The plane with one reflection, which exchanges left and right.
   *
   * @return C_2 on R^2, with the irreps 0 and 1
   */
  public static Space flip() {
    return flip(LEFT_RIGHT);
  }

  /**
   * The plane with one reflection.
   *
   * @param axis the angle, in radians, of its line
   * @return C_2 on R^2, with the irreps 0 and 1
   * @throws IllegalArgumentException if the angle is not finite
   */
  public static Space flip(double axis) {
    requireAxis(axis);
    List<CompactElement> images = List.of(Orthogonal2.IDENTITY, planar(0, true, axis));
    return new Space(
        CompactGroup.O2,
        new FiniteEmbedding(Groups.cyclic(2), CompactGroup.O2, images),
        Family.FLIP,
        axis);
  }

  /**
   * The plane with all rotations.
   *
   * @return SO(2) on R^2
   */
  public static Space so2() {
    return new Space(CompactGroup.SO2, null, Family.COMPACT, 0);
  }

  /**
   * The plane with all rotations and reflections; the reflection of the irreps exchanges left and
   * right.
   *
   * @return O(2) on R^2
   */
  public static Space o2() {
    return o2(LEFT_RIGHT);
  }

  /**
   * The plane with all rotations and reflections.
   *
   * @param axis the angle, in radians, of the line of the irreps' reflection
   * @return O(2) on R^2
   * @throws IllegalArgumentException if the angle is not finite
   */
  public static Space o2(double axis) {
    requireAxis(axis);
    return new Space(CompactGroup.O2, null, Family.COMPACT, axis);
  }

  /**
   * The plane without any rotation: only translations commute with a convolution.
   *
   * @return C_1 on R^2
   */
  public static Space trivialPlane() {
    return cyclic(1);
  }

  /**
   * Space with all rotations.
   *
   * @return SO(3) on R^3
   */
  public static Space so3() {
    return new Space(CompactGroup.SO3, null, Family.COMPACT, 0);
  }

  /**
   * Space with all rotations and the inversion.
   *
   * @return O(3) on R^3
   */
  public static Space o3() {
    return new Space(CompactGroup.O3, null, Family.COMPACT, 0);
  }

  /**
   * Space with the 24 rotations of the cube.
   *
   * @return the octahedral group on R^3
   */
  public static Space octahedral() {
    return standard(Groups.octahedral(), CompactGroup.SO3);
  }

  /**
   * Space with the 48 symmetries of the cube.
   *
   * @return the full octahedral group on R^3
   */
  public static Space fullOctahedral() {
    return standard(Groups.fullOctahedral(), CompactGroup.O3);
  }

  /**
   * Space with the 60 rotations of the icosahedron.
   *
   * @return the icosahedral group on R^3
   */
  public static Space icosahedral() {
    return standard(Groups.icosahedral(), CompactGroup.SO3);
  }

  /**
   * Space with the 120 symmetries of the icosahedron.
   *
   * @return the full icosahedral group on R^3
   */
  public static Space fullIcosahedral() {
    return standard(Groups.fullIcosahedral(), CompactGroup.O3);
  }

  /**
   * Space without any rotation.
   *
   * @return C_1 on R^3
   */
  public static Space trivialSpace() {
    return standard(Groups.trivial(), CompactGroup.SO3);
  }

  private static Space standard(FiniteGroup group, CompactGroup into) {
    return of(FiniteEmbedding.standard(group, into));
  }

  /**
   * The plane or space with any finite group that lies in O(2) or O(3), such as the dihedral, cone
   * and cylinder groups of space, a mirror or the inversion.
   *
   * @param embedding where the group lies
   * @return the space
   */
  public static Space of(FiniteEmbedding embedding) {
    return new Space(embedding.into(), embedding, Family.EMBEDDED, 0);
  }

  private static void requireAxis(double axis) {
    require(Double.isFinite(axis), "the axis of a reflection must be a finite angle, got %s", axis);
  }

  /** The rotation by an angle, after the reflection in the axis where there is one. */
  private static Orthogonal2 planar(double angle, boolean reflected, double axis) {
    return new Orthogonal2(reflected ? angle + 2 * axis : angle, reflected);
  }

  /**
   * The number of coordinates of a point.
   *
   * @return 2 or 3
   */
  public int dimension() {
    return whole.spaceDimension();
  }

  /**
   * The group that acts.
   *
   * @return a finite group, or SO(2), O(2), SO(3) or O(3)
   */
  public Group group() {
    return embedding == null ? whole : embedding.group();
  }

  /** The compact group that acts, or in which the finite one lies. */
  CompactGroup whole() {
    return whole;
  }

  @Nullable FiniteEmbedding embedding() {
    return embedding;
  }

  Family family() {
    return family;
  }

  double axis() {
    return axis;
  }

  /** Where the angle of the plane's harmonics is counted from. */
  double phase() {
    return switch (family) {
      case CYCLIC -> Math.PI / 2;
      case COMPACT -> whole.equals(CompactGroup.SO2) ? Math.PI / 2 : axis;
      default -> 0;
    };
  }

  /**
   * How an element of the group moves points.
   *
   * @param element an element of the group
   * @return an orthogonal matrix that acts on (x, y) or (x, y, z)
   * @throws IllegalArgumentException if the element is of another group
   */
  public Matrix action(Element element) {
    if (embedding != null) {
      require(
          element instanceof FiniteElement finite && finite.group().equals(embedding.group()),
          "the element must be of %s, got %s",
          embedding.group(),
          element instanceof FiniteElement other ? "one of " + other.group() : element);
      return embedding.images().get(((FiniteElement) element).index()).matrix();
    }
    whole.requireElement(element);
    return element instanceof Orthogonal2 planar
        ? planar(planar.angle(), planar.reflected(), axis).matrix()
        : ((CompactElement) element).matrix();
  }

  /**
   * A field on which the group does nothing, such as a grey value.
   *
   * @return the trivial representation
   */
  public Field trivialField() {
    return Field.of(Representation.trivial(group()));
  }

  /**
   * A field of one irrep.
   *
   * @param id its id: a frequency, (reflection, frequency), or what the group numbers it
   * @return the field
   * @throws IllegalArgumentException if there is no such irrep
   */
  public Field irrepField(int... id) {
    require(id.length > 0, "an irrep needs an id of at least one number, got none");
    int[] rest = Arrays.copyOfRange(id, 1, id.length);
    return Field.of(Representation.irrep(group().irrep(id[0], rest)));
  }

  /**
   * A field of functions on the finite group.
   *
   * @return the regular representation
   * @throws IllegalArgumentException if a compact group acts, whose functions have no end
   */
  public Field regularField() {
    if (group() instanceof FiniteGroup finite) {
      return Field.of(Representation.regular(finite));
    }
    throw new IllegalArgumentException(
        whole
            + " has no finite regular representation; take irreps, or"
            + " Representation.regular("
            + whole
            + ", frequency)");
  }

  /**
   * A type of copies of one field.
   *
   * @param field a field of this space's group
   * @param copies how many, at least 1
   * @return the type
   * @throws IllegalArgumentException if the field is of another group or the number below 1
   */
  public FieldType type(Field field, int copies) {
    return new FieldType(this, List.of(field)).times(copies);
  }

  /**
   * A type of fields.
   *
   * @param fields fields of this space's group, at least one
   * @return the type
   * @throws IllegalArgumentException if there is none or one is of another group
   */
  public FieldType type(Field... fields) {
    return new FieldType(this, List.of(fields));
  }

  /**
   * How the group acts, as text that {@link #parse} reads back beside the group.
   *
   * @return as {@code rotations} or {@code reflections 1.5707963267948966}
   */
  public String action() {
    return SpaceText.write(this);
  }

  /**
   * The same plane or space with another finite group in its usual place: C_n by rotations, D_n
   * with this axis, in space where {@link FiniteEmbedding#standard} puts it.
   *
   * @param group the group
   * @return the plane or space with that group
   * @throws IllegalArgumentException if the group has no usual place there
   */
  public Space with(FiniteGroup group) {
    if (dimension() == 3) {
      return of(FiniteEmbedding.standard(group, whole));
    }
    int n = group.order();
    if (group.equals(Groups.cyclic(n))) {
      return cyclic(n);
    }
    require(
        n % 2 == 0 && group.equals(Groups.dihedral(n / 2)),
        "on the plane C_n acts by rotations and D_n by rotations and reflections, got %s",
        group);
    return dihedral(n / 2, axis);
  }

  /**
   * A space from its group and the text of {@link #action}.
   *
   * @param group the group that acts
   * @param action how
   * @return the space
   * @throws IllegalArgumentException if the text does not read, or tells of another group
   */
  public static Space parse(Group group, String action) {
    return SpaceText.read(group, action);
  }

  /**
   * The elements that permute the points of a square or cubic grid around the origin: those whose
   * matrices hold 0, 1 and -1 only. On these a field on the grid is moved without interpolation.
   *
   * @return of a finite group all of them; of a compact one those of the square's or the cube's
   *     symmetries
   */
  public List<Element> gridElements() {
    if (embedding != null) {
      FiniteGroup finite = embedding.group();
      return IntStream.range(0, finite.order())
          .<Element>mapToObj(finite::element)
          .filter(g -> permutesGrids(action(g)))
          .toList();
    }
    return Grids.symmetries(this);
  }

  /** Whether every entry is 0, 1 or -1, up to roundings. */
  static boolean permutesGrids(Matrix action) {
    return Arrays.stream(action.toArray()).allMatch(x -> Math.abs(x - Math.rint(x)) < 1e-9);
  }

  /** Two spaces are equal when the same group acts in the same way. */
  @Override
  public boolean equals(Object object) {
    return this == object
        || (object instanceof Space other
            && whole.equals(other.whole)
            && family == other.family
            && axis == other.axis
            && Objects.equals(embedding, other.embedding));
  }

  @Override
  public int hashCode() {
    return Objects.hash(whole, family, axis, group());
  }

  /** As {@code C8 on R^2}, with the axis where it is not the usual one. */
  @Override
  public String toString() {
    List<String> words = new ArrayList<>(List.of(group() + " on R^" + dimension()));
    if (family == Family.FLIP) {
      words.add("by reflection");
    }
    boolean reflects =
        family == Family.FLIP || family == Family.DIHEDRAL || group().equals(CompactGroup.O2);
    if (reflects && axis != LEFT_RIGHT) {
      words.add("in the axis at " + Math.toDegrees(axis) + " degrees");
    }
    return String.join(" ", words);
  }
}
