package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** The rotations of the plane and of space, with and without reflections. */
public final class CompactGroup implements Group {
  /** The rotations of the plane; irreps by frequency k. */
  public static final CompactGroup SO2 = new CompactGroup("SO(2)", 2, false);

  /** The rotations and reflections of the plane; irreps by (reflection, frequency). */
  public static final CompactGroup O2 = new CompactGroup("O(2)", 2, true);

  /** The rotations of space; irreps by degree l. */
  public static final CompactGroup SO3 = new CompactGroup("SO(3)", 3, false);

  /** The orthogonal transformations of space; irreps by (sign under inversion, degree). */
  public static final CompactGroup O3 = new CompactGroup("O(3)", 3, true);

  private static final List<CompactGroup> ALL = List.of(SO2, O2, SO3, O3);

  private final String name;
  private final int space;
  private final boolean improper;

  private CompactGroup(String name, int space, boolean improper) {
    this.name = name;
    this.space = space;
    this.improper = improper;
  }

  /** {@return SO(2), O(2), SO(3) and O(3)} */
  public static List<CompactGroup> all() {
    return ALL;
  }

  /**
   * The group of a name.
   *
   * @param name such as {@code SO(3)}, {@code so3}, {@code O(2)}
   * @return the group, empty where the name is none of these
   */
  public static Optional<CompactGroup> named(String name) {
    String plain = plain(name);
    return ALL.stream().filter(group -> plain(group.name).equals(plain)).findFirst();
  }

  private static String plain(String name) {
    return name.strip().toUpperCase(Locale.ROOT).replaceAll("[() ]", "");
  }

  /** {@return the name, as {@code SO(3)}} */
  @Override
  public String name() {
    return name;
  }

  /** {@return the dimension of the space that the group moves, 2 or 3} */
  public int spaceDimension() {
    return space;
  }

  /** {@return whether transformations of determinant -1 belong to it: true for O(2) and O(3)} */
  public boolean hasImproperElements() {
    return improper;
  }

  /** {@return the identity} */
  public CompactElement identity() {
    return space == 2 ? Orthogonal2.IDENTITY : Orthogonal3.IDENTITY;
  }

  /**
   * The product of two elements: first the right one, then the left one.
   *
   * @param left an element
   * @param right an element
   * @return left right
   * @throws IllegalArgumentException if one is no element of this group
   */
  public CompactElement multiply(Element left, Element right) {
    return requireOwn(left).times(requireOwn(right));
  }

  @Override
  public void requireElement(Element element) {
    requireOwn(element);
  }

  /** The element, which must be of this group. */
  CompactElement requireOwn(Element element) {
    boolean fits = space == 2 ? element instanceof Orthogonal2 : element instanceof Orthogonal3;
    require(
        fits, "%s moves a space of dimension %d, which is not that of %s", this, space, element);
    require(
        improper || ((CompactElement) element).isProper(),
        "%s has rotations only, got a reflection: %s",
        this,
        element);
    return (CompactElement) element;
  }

  /**
   * An irrep by its id.
   *
   * @param id the frequency for SO(2) and SO(3); (reflection, frequency) for O(2); (sign under
   *     inversion, degree) for O(3), where the sign is 0 for + and 1 for -
   * @return the irrep
   * @throws IllegalArgumentException if there is no such irrep
   */
  @Override
  public CompactIrrep irrep(IrrepId id) {
    List<Integer> numbers = id.numbers();
    int parts = improper ? 2 : 1;
    require(
        numbers.size() == parts,
        "an irrep of %s has %s, got %d %s",
        this,
        improper
            ? "two numbers, parity and frequency, as irrep(1,2)"
            : "one number, its frequency, as irrep(2)",
        numbers.size(),
        numbers.size() == 1 ? "number" : "numbers");
    return new CompactIrrep(this, improper ? numbers.get(0) : 0, numbers.get(parts - 1));
  }

  @Override
  public CompactIrrep irrep(int first, int... rest) {
    return irrep(IrrepId.of(first, rest));
  }

  @Override
  public CompactIrrep trivialIrrep() {
    return new CompactIrrep(this, 0, 0);
  }

  /** By frequency; of one frequency the even irrep comes before the odd one. */
  @Override
  public List<Irrep> inOrder(Collection<? extends Irrep> some) {
    return some.stream()
        .distinct()
        .map(irrep -> (CompactIrrep) irrep)
        .sorted(Comparator.comparing(CompactIrrep::frequency).thenComparing(CompactIrrep::parity))
        .map(irrep -> (Irrep) irrep)
        .toList();
  }

  /**
   * All irreps up to a frequency, by frequency.
   *
   * @param highest the highest frequency or degree, at least 0
   * @return the irreps
   * @throws IllegalArgumentException if the frequency is negative
   */
  public List<CompactIrrep> irreps(int highest) {
    requireFrequency(highest);
    List<CompactIrrep> irreps = new ArrayList<>();
    for (int frequency = 0; frequency <= highest; frequency++) {
      if (!improper) {
        irreps.add(irrep(frequency));
      } else {
        if (this == O3 || frequency == 0) {
          irreps.add(irrep(0, frequency));
        }
        irreps.add(irrep(1, frequency));
      }
    }
    return List.copyOf(irreps);
  }

  /** The highest frequency of an irrep: its dimension and the numbers of all below fit an int. */
  static final int HIGHEST = 1_000_000;

  static void requireFrequency(int frequency) {
    require(frequency >= 0, "frequency must be at least 0, got %d", frequency);
    require(frequency <= HIGHEST, "frequency must be at most %d, got %d", HIGHEST, frequency);
  }

  @Override
  public List<CompactElement> sample(int count, long seed) {
    require(count >= 0, "a sample has at least 0 elements, got %d", count);
    Random random = new Random(seed);
    List<CompactElement> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (space == 2) {
        double angle = 2 * Math.PI * random.nextDouble();
        elements.add(new Orthogonal2(angle, improper && random.nextBoolean()));
      } else {
        // A normal vector in four dimensions has a uniform direction, and S^3 covers SO(3) evenly.
        elements.add(
            new Orthogonal3(
                random.nextGaussian(),
                random.nextGaussian(),
                random.nextGaussian(),
                random.nextGaussian(),
                improper && random.nextBoolean()));
      }
    }
    return List.copyOf(elements);
  }

  /** The name, as {@code SO(3)}. */
  @Override
  public String toString() {
    return name;
  }
}
