package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A representation whose matrices permute the coordinates, up to signs: rho(g) e_j = sign(j)
 * e_image(j).
 *
 * <p>Regular and permutation representations are of this kind without signs; some irreps are with
 * them. Pointwise functions commute with such an action (odd ones, where there are signs).
 * Immutable and safe from every thread; what it keeps is one permutation for each generator.
 */
public final class SignedPermutations {
  /** How far an entry may be from 0, 1 or -1. */
  static final double TOLERANCE = 1e-9;

  private final FiniteGroup group;
  private final int size;
  private final int[][] targets;
  private final Words words;

  /** Takes ownership of {@code targets}: for each generator, where e_j goes; ~image means -. */
  private SignedPermutations(FiniteGroup group, int size, int[][] targets) {
    this.group = group;
    this.size = size;
    this.targets = targets;
    this.words = Words.of(group);
  }

  /**
   * Finds the signed permutations of a representation.
   *
   * @param representation any representation
   * @return its signed permutations; empty where some rho(g) is not a signed permutation matrix to
   *     1e-9
   */
  public static Optional<SignedPermutations> of(Representation representation) {
    FiniteGroup group = representation.group();
    int[][] targets = new int[group.generators().size()][];
    for (int i = 0; i < targets.length; i++) {
      Matrix matrix = representation.at(group.element(group.generators().get(i)));
      Optional<int[]> found = targets(matrix);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      targets[i] = found.get();
    }
    return Optional.of(new SignedPermutations(group, representation.size(), targets));
  }

  private static Optional<int[]> targets(Matrix matrix) {
    int n = matrix.rows();
    double[] entries = matrix.toArray();
    int[] targets = new int[n];
    int[] hits = new int[n];
    for (int row = 0; row < n; row++) {
      int ones = 0;
      for (int column = 0; column < n; column++) {
        double entry = entries[row * n + column];
        if (Math.abs(Math.abs(entry) - 1) <= TOLERANCE) {
          targets[column] = entry > 0 ? row : ~row;
          hits[column]++;
          ones++;
        } else if (!(Math.abs(entry) <= TOLERANCE)) {
          return Optional.empty();
        }
      }
      if (ones != 1) {
        return Optional.empty();
      }
    }
    return Arrays.stream(hits).allMatch(h -> h == 1) ? Optional.of(targets) : Optional.empty();
  }

  /**
   * The group that acts.
   *
   * @return the group
   */
  public FiniteGroup group() {
    return group;
  }

  /**
   * The number of coordinates.
   *
   * @return the size of the representation
   */
  public int size() {
    return size;
  }

  /**
   * Whether no sign occurs: every rho(g) is a permutation matrix.
   *
   * @return true for a permutation representation
   */
  public boolean isUnsigned() {
    return Arrays.stream(targets).allMatch(t -> Arrays.stream(t).allMatch(image -> image >= 0));
  }

  /**
   * Where a generator takes each coordinate.
   *
   * @param generator the place of the generator in {@code group().generators()}
   * @return a fresh array: e_j goes to plus or minus e_{images[j]}
   * @throws IllegalArgumentException if there is no such generator
   */
  public int[] images(int generator) {
    return images(targetsOfGenerator(generator));
  }

  /**
   * The signs that a generator gives.
   *
   * @param generator the place of the generator in {@code group().generators()}
   * @return a fresh array: e_j goes to {@code signs[j]} e_image, each 1 or -1
   * @throws IllegalArgumentException if there is no such generator
   */
  public int[] signs(int generator) {
    return signs(targetsOfGenerator(generator));
  }

  /**
   * Where an element takes each coordinate.
   *
   * @param element the index of the element
   * @return a fresh array: e_j goes to plus or minus e_{images[j]}
   * @throws IllegalArgumentException if there is no such element
   */
  public int[] imagesOf(int element) {
    return images(targetsOfElement(element));
  }

  /**
   * The signs that an element gives.
   *
   * @param element the index of the element
   * @return a fresh array: e_j goes to {@code signs[j]} e_image, each 1 or -1
   * @throws IllegalArgumentException if there is no such element
   */
  public int[] signsOf(int element) {
    return signs(targetsOfElement(element));
  }

  private int[] targetsOfGenerator(int generator) {
    require(
        generator >= 0 && generator < targets.length,
        "%s has %d generators, numbered from 0, got %d",
        group,
        targets.length,
        generator);
    return targets[generator];
  }

  /** Multiplies the word of the element out, its last letter first. */
  private int[] targetsOfElement(int element) {
    int[] word =
        IntStream.iterate(group.element(element).index(), g -> g != group.identity(), words::parent)
            .map(words::letter)
            .toArray();
    int[] result = IntStream.range(0, size).toArray();
    for (int i = word.length - 1; i >= 0; i--) {
      int[] letter = targets[word[i]];
      for (int j = 0; j < size; j++) {
        result[j] = result[j] >= 0 ? letter[result[j]] : ~letter[~result[j]];
      }
    }
    return result;
  }

  private static int[] images(int[] targets) {
    return Arrays.stream(targets).map(t -> t >= 0 ? t : ~t).toArray();
  }

  private static int[] signs(int[] targets) {
    return Arrays.stream(targets).map(t -> t >= 0 ? 1 : -1).toArray();
  }
}
