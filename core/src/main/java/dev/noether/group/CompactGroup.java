package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** The rotations of the plane and of space, with and without reflections. */
public enum CompactGroup {
  /** The rotations of the plane; irreps by frequency k. */
  SO2("SO(2)", 2, false),
  /** The rotations and reflections of the plane; irreps by (reflection, frequency). */
  O2("O(2)", 2, true),
  /** The rotations of space; irreps by degree l. */
  SO3("SO(3)", 3, false),
  /** The orthogonal transformations of space; irreps by (sign under inversion, degree). */
  O3("O(3)", 3, true);

  private final String text;
  private final int space;
  private final boolean improper;

  CompactGroup(String text, int space, boolean improper) {
    this.text = text;
    this.space = space;
    this.improper = improper;
  }

  /**
   * The group of a name.
   *
   * @param name such as {@code SO(3)}, {@code so3}, {@code O(2)}
   * @return the group, empty where the name is none of these
   */
  public static Optional<CompactGroup> named(String name) {
    String plain = name.strip().toUpperCase(Locale.ROOT).replaceAll("[() ]", "");
    for (CompactGroup group : values()) {
      if (group.name().equals(plain)) {
        return Optional.of(group);
      }
    }
    return Optional.empty();
  }

  /**
   * The dimension of the space that the group moves.
   *
   * @return 2 or 3
   */
  public int spaceDimension() {
    return space;
  }

  /**
   * Whether transformations of determinant -1 belong to it.
   *
   * @return true for O(2) and O(3)
   */
  public boolean hasImproperElements() {
    return improper;
  }

  /**
   * The neutral element.
   *
   * @return the identity
   */
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
  public CompactElement multiply(CompactElement left, CompactElement right) {
    requireElement(left);
    requireElement(right);
    return space == 2
        ? ((Orthogonal2) left).times((Orthogonal2) right)
        : ((Orthogonal3) left).times((Orthogonal3) right);
  }

  /**
   * Checks that an element belongs to this group.
   *
   * @param element an element of any compact group
   * @throws IllegalArgumentException if it moves another space, or is a reflection where there are
   *     rotations only
   */
  public void requireElement(CompactElement element) {
    boolean fits = space == 2 ? element instanceof Orthogonal2 : element instanceof Orthogonal3;
    require(
        fits, "%s moves a space of dimension %d, which is not that of %s", this, space, element);
    require(
        improper || element.isProper(),
        "%s has rotations only, got a reflection: %s",
        this,
        element);
  }

  /**
   * An irrep by its id.
   *
   * @param id the frequency for SO(2) and SO(3); (reflection, frequency) for O(2); (sign under
   *     inversion, degree) for O(3), where the sign is 0 for + and 1 for -
   * @return the irrep
   * @throws IllegalArgumentException if there is no such irrep
   */
  public CompactIrrep irrep(int... id) {
    int parts = improper ? 2 : 1;
    require(
        id.length == parts,
        "an irrep of %s has %s, got %d %s",
        this,
        improper
            ? "two numbers, parity and frequency, as irrep(1,2)"
            : "one number, its frequency, as irrep(2)",
        id.length,
        id.length == 1 ? "number" : "numbers");
    return improper ? new CompactIrrep(this, id[0], id[1]) : new CompactIrrep(this, 0, id[0]);
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

  static void requireFrequency(int frequency) {
    require(frequency >= 0, "frequency must be at least 0, got %d", frequency);
  }

  /**
   * Independent elements, uniform in the group's invariant (Haar) measure.
   *
   * @param count how many
   * @param seed the same seed gives the same elements everywhere
   * @return the elements
   * @throws IllegalArgumentException if the count is negative
   */
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
    return text;
  }
}
