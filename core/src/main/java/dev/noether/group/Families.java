package dev.noether.group;

import static dev.noether.algebra.Checks.require;
import static java.util.Map.entry;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The table of all groups that have names: a new family is a builder and a row here, and a method
 * of {@link Groups} where it should be typed.
 */
final class Families {
  private static final int LARGEST = GroupOptions.USUAL_ORDER;

  static final Family TRIVIAL = Family.single(1, n -> PlanarGroups.cyclic(1), "trivial");
  static final Family CYCLIC =
      Family.numbered(1, LARGEST, PlanarGroups::cyclic, n -> n, "C#", "Z#")
          .acting(n -> corners(n, n))
          .inPlane((group, n, g) -> PointGroups.inPlane(n, g))
          .inSpace((group, n, g) -> PointGroups.turn(n, g));
  static final Family DIHEDRAL =
      Family.numbered(1, LARGEST / 2, PlanarGroups::dihedral, n -> 2 * n, "D#")
          .naming(n -> n >= 3)
          .acting(n -> corners(n, 2 * n))
          .inPlane((group, n, g) -> PointGroups.inPlane(n, g))
          .inSpace((group, n, g) -> PointGroups.turn(n, g));
  static final Family SYMMETRIC =
      Family.numbered(1, 6, PermutationGroups::symmetric, Families::factorial, "S#")
          .beyond("; build larger ones with FiniteGroup.fromPermutations")
          .namingPermutations(n -> n >= 3)
          .acting(n -> PermutationGroups.permutations(n, false));
  static final Family ALTERNATING =
      Family.numbered(
              1, 6, PermutationGroups::alternating, n -> Math.max(1, factorial(n) / 2), "A#")
          .beyond("; build larger ones with FiniteGroup.fromPermutations")
          .namingPermutations(n -> n >= 4)
          .acting(n -> PermutationGroups.permutations(n, true));
  static final Family QUATERNION =
      Family.numbered(8, LARGEST, Families::ofOrder, n -> n, "Q#")
          .naming(n -> Integer.bitCount(n) == 1);
  static final Family DICYCLIC =
      Family.numbered(2, LARGEST / 4, DicyclicGroups::dicyclic, n -> 4 * n, "Dic#")
          .naming(n -> Integer.bitCount(n) != 1);
  static final Family KLEIN =
      Family.single(4, n -> klein(), "V4", "K4", "Klein", "KleinFour")
          .inPlane((group, n, g) -> Orthogonal2.of(signs(group, g, 0b10, 0b01)))
          .inSpace((group, n, g) -> Orthogonal3.of(signs(group, g, 0b10, 0b01, 0b11)));
  static final Family TETRAHEDRAL =
      Family.single(12, n -> PolyhedralGroups.tetrahedral(), "Tetrahedral", "T")
          .naming(n -> true)
          .inSpace((group, n, g) -> vectors(group.irrep(1), g));
  static final Family OCTAHEDRAL =
      Family.single(24, n -> PolyhedralGroups.octahedral(), "Octahedral", "O")
          .naming(n -> true)
          .inSpace((group, n, g) -> vectors(group.irrep(1), g));
  static final Family ICOSAHEDRAL =
      Family.single(60, n -> PolyhedralGroups.icosahedral(), "Icosahedral", "I")
          .naming(n -> true)
          .inSpace((group, n, g) -> vectors(group.irrep(1), g));
  static final Family FULL_TETRAHEDRAL =
      Family.single(24, n -> PolyhedralGroups.fullTetrahedral(), "Td", "FullTetrahedral")
          .inSpace((group, n, g) -> vectors(group.irrep(1), g));
  static final Family PYRITOHEDRAL =
      Family.single(24, n -> inverted("Th", PolyhedralGroups.tetrahedral()), "Th", "Pyritohedral")
          .naming(n -> true)
          .inSpace((group, n, g) -> vectors(group.irrep(1, 1), g));
  static final Family FULL_OCTAHEDRAL =
      Family.single(48, n -> inverted("Oh", PolyhedralGroups.octahedral()), "Oh", "FullOctahedral")
          .naming(n -> true)
          .inSpace((group, n, g) -> vectors(group.irrep(1, 1), g));
  static final Family FULL_ICOSAHEDRAL =
      Family.single(
              120, n -> inverted("Ih", PolyhedralGroups.icosahedral()), "Ih", "FullIcosahedral")
          .naming(n -> true)
          .inSpace((group, n, g) -> vectors(group.irrep(1, 1), g));
  static final Family BINARY_TETRAHEDRAL =
      Family.single(
              24, n -> PolyhedralGroups.binary("2T", "tetrahedron"), "2T", "BinaryTetrahedral")
          .naming(n -> true);
  static final Family BINARY_OCTAHEDRAL =
      Family.single(48, n -> PolyhedralGroups.binary("2O", "octahedron"), "2O", "BinaryOctahedral")
          .naming(n -> true);
  static final Family BINARY_ICOSAHEDRAL =
      Family.single(
              120, n -> PolyhedralGroups.binary("2I", "icosahedron"), "2I", "BinaryIcosahedral")
          .naming(n -> true);
  static final Family CYLINDER =
      Family.numbered(
              1,
              LARGEST / 2,
              n -> inverted("Cylinder" + n, PlanarGroups.cyclic(n)),
              n -> 2 * n,
              "Cylinder#")
          .inSpace(PointGroups::withInversion);
  static final Family FULL_CYLINDER =
      Family.numbered(
              1,
              LARGEST / 4,
              n -> inverted("FullCylinder" + n, PlanarGroups.dihedral(n)),
              n -> 4 * n,
              "FullCylinder#")
          .inSpace(PointGroups::withInversion);
  static final Family MIRROR =
      Family.single(2, n -> PointGroups.mirror(), "Cs", "C1h", "C1v")
          .inSpace((group, n, g) -> PointGroups.horizontalMirror(g));
  static final Family INVERSION =
      Family.single(2, n -> PointGroups.inversion(), "Ci")
          .inSpace((group, n, g) -> PointGroups.inversionOfSpace(g));
  static final Family CNV =
      Family.numbered(2, LARGEST / 2, PointGroups::vertical, n -> 2 * n, "C#v")
          .inSpace((group, n, g) -> PointGroups.withVertical(n, g));
  static final Family CNH =
      Family.numbered(2, LARGEST / 2, PointGroups::horizontal, n -> 2 * n, "C#h")
          .inSpace(PointGroups::withHorizontal);
  static final Family DNH =
      Family.numbered(2, LARGEST / 4, PointGroups::prismatic, n -> 4 * n, "D#h")
          .inSpace(PointGroups::withHorizontal);
  static final Family DND =
      Family.numbered(2, LARGEST / 4, PointGroups::antiprismatic, n -> 4 * n, "D#d")
          .inSpace((group, n, g) -> PointGroups.rotoreflection(2 * n, g));
  static final Family ROTOREFLECTIONS =
      Family.numbered(2, LARGEST, Families::evenRotoreflections, n -> n, "Rotoreflection#")
          .inSpace(
              (group, n, g) ->
                  n == 2 ? PointGroups.inversionOfSpace(g) : PointGroups.rotoreflection(n, g));

  /** All of them. Messages list them in this order, and isomorphic groups are looked for in it. */
  private static final List<Family> FAMILIES =
      List.of(
          TRIVIAL,
          CYCLIC,
          DIHEDRAL,
          SYMMETRIC,
          ALTERNATING,
          QUATERNION,
          DICYCLIC,
          KLEIN,
          TETRAHEDRAL,
          OCTAHEDRAL,
          ICOSAHEDRAL,
          FULL_TETRAHEDRAL,
          PYRITOHEDRAL,
          FULL_OCTAHEDRAL,
          FULL_ICOSAHEDRAL,
          BINARY_TETRAHEDRAL,
          BINARY_OCTAHEDRAL,
          BINARY_ICOSAHEDRAL,
          CYLINDER,
          FULL_CYLINDER,
          MIRROR,
          INVERSION,
          CNV,
          CNH,
          DNH,
          DND,
          ROTOREFLECTIONS);

  /** The 32 point groups of crystals after Hermann and Mauguin, with the usual other settings. */
  private static final Map<String, String> HERMANN_MAUGUIN =
      Map.ofEntries(
          entry("1", "C1"),
          entry("-1", "Ci"),
          entry("2", "C2"),
          entry("m", "Cs"),
          entry("2/m", "C2h"),
          entry("222", "D2"),
          entry("mm2", "C2v"),
          entry("mmm", "D2h"),
          entry("3", "C3"),
          entry("-3", "Rotoreflection6"),
          entry("c3i", "Rotoreflection6"),
          entry("32", "D3"),
          entry("3m", "C3v"),
          entry("-3m", "D3d"),
          entry("4", "C4"),
          entry("-4", "Rotoreflection4"),
          entry("4/m", "C4h"),
          entry("422", "D4"),
          entry("4mm", "C4v"),
          entry("-42m", "D2d"),
          entry("-4m2", "D2d"),
          entry("4/mmm", "D4h"),
          entry("6", "C6"),
          entry("-6", "C3h"),
          entry("6/m", "C6h"),
          entry("622", "D6"),
          entry("6mm", "C6v"),
          entry("-6m2", "D3h"),
          entry("-62m", "D3h"),
          entry("6/mmm", "D6h"),
          entry("23", "Tetrahedral"),
          entry("m-3", "Th"),
          entry("m3", "Th"),
          entry("432", "Octahedral"),
          entry("-43m", "Td"),
          entry("m-3m", "Oh"),
          entry("m3m", "Oh"));

  /** Wreath products by which subgroups are named, by their orders. */
  private static final Map<Integer, List<String>> WREATH_PRODUCTS =
      Map.ofEntries(
          entry(18, List.of("C3 wr C2")),
          entry(24, List.of("C2 wr C3")),
          entry(32, List.of("C4 wr C2", "V4 wr C2")),
          entry(48, List.of("C2 wr S3")),
          entry(50, List.of("C5 wr C2")),
          entry(64, List.of("C2 wr C4", "C2 wr V4")),
          entry(72, List.of("S3 wr C2", "C6 wr C2")),
          entry(81, List.of("C3 wr C3")),
          entry(128, List.of("C2 wr D4", "D4 wr C2", "Q8 wr C2")),
          entry(162, List.of("C3 wr S3")),
          entry(192, List.of("C2 wr A4")),
          entry(384, List.of("C2 wr S4")));

  private Families() {}

  /** A family and the number of one of its groups. */
  private record Named(Family family, int n) {}

  private static Optional<Named> family(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String word = HERMANN_MAUGUIN.getOrDefault(lower, lower).toLowerCase(Locale.ROOT);
    for (Family family : FAMILIES) {
      OptionalInt number = family.number(word);
      if (number.isPresent()) {
        return Optional.of(new Named(family, number.getAsInt()));
      }
    }
    return Optional.empty();
  }

  /** Where the elements of a group lie in a compact group; see {@link Groups#place}. */
  static Optional<List<CompactElement>> place(FiniteGroup group, CompactGroup into) {
    return family(group.name())
        .flatMap(
            named -> {
              Family family = named.family();
              Family.Place place = into.spaceDimension() == 2 ? family.plane() : family.space();
              return place == null
                  ? Optional.<List<CompactElement>>empty()
                  : Optional.of(
                      IntStream.range(0, group.order())
                          .mapToObj(g -> place.of(group, named.n(), g))
                          .toList());
            })
        .filter(
            images ->
                into.hasImproperElements() || images.stream().allMatch(CompactElement::isProper));
  }

  /** Whether a word is read as a group, if only to refuse its number. */
  static boolean isKnown(String word) {
    return family(word).isPresent();
  }

  /** The group of one word, without products; empty where no family has such a name. */
  static Optional<FiniteGroup> find(String word) {
    return family(word).map(named -> named.family().build(named.n()));
  }

  /** What there is, for the message about an unknown name. */
  static String known() {
    List<String> names = new ArrayList<>();
    FAMILIES.forEach(family -> names.add(family.names().get(0).replace('#', 'n')));
    return String.join(", ", names);
  }

  /** All names that could have been meant by a word. */
  static Stream<String> namesLike(String word) {
    return FAMILIES.stream().flatMap(family -> family.namesLike(word).stream());
  }

  /** The names of single groups of an order that subgroups and quotients bear. */
  static List<String> namesOfOrder(int order, boolean permutations) {
    return FAMILIES.stream()
        .filter(family -> family.permutes() == permutations)
        .flatMap(family -> family.naming(order).stream().mapToObj(family::name))
        .toList();
  }

  /** The wreath products of an order by which subgroups and quotients are named. */
  static List<String> wreathProductsOfOrder(int order) {
    return WREATH_PRODUCTS.getOrDefault(order, List.of());
  }

  /** Whether a group is called a permutation group: S_n or A_n. */
  static boolean isOfPermutations(FiniteGroup group) {
    return family(group.name()).filter(named -> named.family().permutes()).isPresent();
  }

  /**
   * The permutations by which a group acts on points: n points for S_n, A_n, C_n and D_n, the
   * elements themselves for other groups.
   */
  static int[][] naturalAction(FiniteGroup group) {
    return family(group.name())
        .filter(named -> named.family().points() != null)
        .filter(named -> named.family().build(named.n()).equals(group))
        .map(named -> Objects.requireNonNull(named.family().points()).apply(named.n()))
        .orElseGet(
            () ->
                IntStream.range(0, group.order())
                    .mapToObj(
                        g ->
                            IntStream.range(0, group.order())
                                .map(h -> group.multiply(g, h))
                                .toArray())
                    .toArray(int[][]::new));
  }

  /** Rotations i to i + k, then the reflections i to k - i. */
  private static int[][] corners(int n, int order) {
    int[][] action = new int[order][n];
    for (int g = 0; g < order; g++) {
      for (int i = 0; i < n; i++) {
        action[g][i] = Math.floorMod(g < n ? i + g : g - i, n);
      }
    }
    return action;
  }

  private static int factorial(int n) {
    return n <= 1 ? 1 : n * factorial(n - 1);
  }

  private static FiniteGroup ofOrder(int order) {
    require(order % 4 == 0, "Qn needs n divisible by 4, as Q8 or Q16, got Q%d", order);
    return DicyclicGroups.dicyclic(order / 4);
  }

  private static FiniteGroup evenRotoreflections(int n) {
    require(
        n % 2 == 0,
        "Rotoreflectionn needs an even n, as Rotoreflection4, got %d; for an odd n the group is"
            + " C%dh",
        n,
        n);
    return PointGroups.rotoreflections(n);
  }

  private static FiniteGroup klein() {
    return GroupProducts.direct("V4", PlanarGroups.cyclic(2), PlanarGroups.cyclic(2))
        .withLabels(List.of("e", "b", "a", "a b"));
  }

  private static FiniteGroup inverted(String name, FiniteGroup rotations) {
    List<String> labels = new ArrayList<>();
    for (int g = 0; g < 2 * rotations.order(); g++) {
      String rotation = rotations.label(g % rotations.order());
      String inverted = rotation.indexOf(' ') < 0 ? "-" + rotation : "-(" + rotation + ")";
      labels.add(g < rotations.order() ? rotation : inverted);
    }
    return GroupProducts.direct(name, PlanarGroups.cyclic(2), rotations).withLabels(labels);
  }

  /** The matrix with the signs of some irreps (a, b) of V4, given as the bits a b. */
  private static Matrix signs(FiniteGroup group, int g, int... irreps) {
    return Matrix.blockDiagonal(
        IntStream.of(irreps).mapToObj(bits -> group.irrep(bits >> 1, bits & 1).at(g)).toList());
  }

  /** An element by its matrix on (y, z, x). */
  private static Orthogonal3 vectors(FiniteIrrep irrep, int g) {
    require(
        irrep.dimension() == 3,
        "%s of %s has dimension %d, so that it is not the irrep of the vectors of space",
        irrep,
        irrep.group(),
        irrep.dimension());
    double[] m = irrep.at(g).toArray();
    return Orthogonal3.of(Matrix.of(3, 3, m[8], m[6], m[7], m[2], m[0], m[1], m[5], m[3], m[4]));
  }
}
