package dev.noether.rep;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Limits;
import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
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

  private SignedPermutations(FiniteGroup group, int size, int[][] targets) {
    this.group = group;
    this.size = size;
    this.targets = targets;
    this.words = Words.of(group);
  }

  /** Takes ownership of {@code targets}: for each generator, where e_j goes; ~image means -. */
  static SignedPermutations ofTargets(FiniteGroup group, int size, int[][] targets) {
    return new SignedPermutations(group, size, targets);
  }

  /** The action of a group on points; checked. */
  static <P> SignedPermutations ofAction(
      FiniteGroup group, List<P> points, BiFunction<FiniteElement, P, P> action) {
    require(!points.isEmpty(), "a permutation representation needs at least one point");
    Map<P, Integer> places = new HashMap<>();
    for (P point : points) {
      require(places.putIfAbsent(point, places.size()) == null, "the point %s occurs twice", point);
    }
    int[][] all = new int[group.order()][];
    for (FiniteElement g : group.elements()) {
      all[g.index()] = points.stream().mapToInt(point -> place(places, g, point, action)).toArray();
    }
    int[][] targets = group.generators().stream().map(a -> all[a]).toArray(int[][]::new);
    SignedPermutations result = new SignedPermutations(group, points.size(), targets);
    result.requireHomomorphism(all);
    return result;
  }

  private static <P> int place(
      Map<P, Integer> places, FiniteElement g, P point, BiFunction<FiniteElement, P, P> action) {
    P image = action.apply(g, point);
    return requirePresent(
        places.get(image), "the points must be closed: %s takes %s to %s", g, point, image);
  }

  /** The action in which generator a takes coordinate j, from 1, to images.get(a)[j]; checked. */
  static SignedPermutations ofImages(FiniteGroup group, int size, List<int[]> images) {
    require(
        images.size() == group.generators().size(),
        "%s has %d generators, got the images of %d",
        group,
        group.generators().size(),
        images.size());
    require(size >= 1, "a permutation representation needs at least one point");
    int[][] targets = new int[images.size()][];
    for (int a = 0; a < targets.length; a++) {
      int[] numbers = images.get(a);
      requireSignedPermutation(numbers, size);
      targets[a] = Arrays.stream(numbers).map(i -> i > 0 ? i - 1 : i).toArray();
    }
    SignedPermutations result = new SignedPermutations(group, size, targets);
    int[][] all = new int[group.order()][];
    for (int place = 0; place < all.length; place++) {
      int g = result.words.at(place);
      all[g] =
          place == 0
              ? IntStream.range(0, size).toArray()
              : compose(targets[result.words.letter(g)], all[result.words.parent(g)]);
    }
    result.requireHomomorphism(all);
    return result;
  }

  private static void requireSignedPermutation(int[] numbers, int size) {
    require(
        numbers.length == size,
        "the images of a generator must be the numbers 1 to %d in some order, up to signs, got %d "
            + "of them",
        size,
        numbers.length);
    int[] sorted = Arrays.stream(numbers).map(Math::abs).sorted().toArray();
    require(
        Arrays.equals(sorted, IntStream.rangeClosed(1, size).toArray()),
        "the images of a generator must be the numbers 1 to %d in some order, up to signs, got %s",
        size,
        Limits.shown(Arrays.toString(numbers)));
  }

  private void requireHomomorphism(int[][] all) {
    require(
        Arrays.equals(all[group.identity()], IntStream.range(0, size).toArray()),
        "the identity of %s must leave every point in its place",
        group);
    for (int a = 0; a < targets.length; a++) {
      int letter = group.generators().get(a);
      for (int g = 0; g < all.length; g++) {
        require(
            Arrays.equals(compose(targets[a], all[g]), all[group.multiply(letter, g)]),
            "this is no action of %s: %s after %s differs from their product %s",
            group,
            group.element(letter),
            group.element(g),
            group.element(group.multiply(letter, g)));
      }
    }
  }

  /** First {@code inner}, then {@code outer}. */
  private static int[] compose(int[] outer, int[] inner) {
    return Arrays.stream(inner).map(t -> t >= 0 ? outer[t] : ~outer[~t]).toArray();
  }

  /**
   * Finds the signed permutations of a representation.
   *
   * @param representation any representation
   * @return its signed permutations; empty where some rho(g) is not a signed permutation matrix to
   *     1e-9, or the group is not finite
   */
  public static Optional<SignedPermutations> of(Representation representation) {
    return representation.group() instanceof FiniteGroup group
        ? of(group, representation)
        : Optional.empty();
  }

  private static Optional<SignedPermutations> of(FiniteGroup group, Representation representation) {
    IdentityHashMap<Part, int[][]> known = new IdentityHashMap<>();
    int[][] targets = new int[group.generators().size()][representation.size()];
    for (Representation.Run run : representation.runs()) {
      Part part = representation.parts().get(run.place());
      int[][] block = known.get(part);
      if (block == null) {
        Optional<int[][]> found = targets(group, part);
        if (found.isEmpty()) {
          return Optional.empty();
        }
        block = found.get();
        known.put(part, block);
      }
      for (int start = run.start(); start < run.end(); start += part.size()) {
        place(block, targets, start);
      }
    }
    return Optional.of(new SignedPermutations(group, representation.size(), targets));
  }

  private static void place(int[][] block, int[][] targets, int start) {
    for (int a = 0; a < targets.length; a++) {
      for (int j = 0; j < block[a].length; j++) {
        int target = block[a][j];
        targets[a][start + j] = target >= 0 ? target + start : target - start;
      }
    }
  }

  private static Optional<int[][]> targets(FiniteGroup group, Part part) {
    SignedPermutations action = part.action();
    if (action != null) {
      return Optional.of(action.targets);
    }
    List<Integer> generators = group.generators();
    int[][] targets = new int[generators.size()][];
    for (int a = 0; a < targets.length; a++) {
      Optional<int[]> found = targets(part, group.element(generators.get(a)));
      if (found.isEmpty()) {
        return Optional.empty();
      }
      targets[a] = found.get();
    }
    return Optional.of(targets);
  }

  /**
   * Reads the signed permutation off the images of two vectors, and looks at its entries alone: the
   * matrix is orthogonal, so that ones leave no room beside them. Forming it would take as many
   * multiplications as the cube of its size.
   */
  private static Optional<int[]> targets(Part part, FiniteElement element) {
    int n = part.size();
    Matrix turned = part.timesBlocks(element);
    double[] images = turned(part, turned, j -> j + 1.0);
    int[] targets = new int[n];
    Arrays.fill(targets, Integer.MAX_VALUE);
    for (int row = 0; row < n; row++) {
      double number = Math.rint(Math.abs(images[row]));
      int column = (int) number - 1;
      if (!(Math.abs(Math.abs(images[row]) - number) <= TOLERANCE * n * n)
          || column < 0
          || column >= n
          || targets[column] != Integer.MAX_VALUE) {
        return Optional.empty();
      }
      targets[column] = images[row] > 0 ? row : ~row;
    }
    double[] others = turned(part, turned, StrictMath::cos);
    for (int column = 0; column < n; column++) {
      int row = targets[column] >= 0 ? targets[column] : ~targets[column];
      int sign = targets[column] >= 0 ? 1 : -1;
      double entry = 0;
      for (int i = 0; i < n; i++) {
        entry += turned.get(row, i) * part.basis().get(column, i);
      }
      if (!(Math.abs(sign * entry - 1) <= TOLERANCE)
          || !(Math.abs(sign * others[row] - StrictMath.cos(column)) <= TOLERANCE)) {
        return Optional.empty();
      }
    }
    return Optional.of(targets);
  }

  /** The image of a vector. */
  private static double[] turned(Part part, Matrix turned, IntToDoubleFunction vector) {
    int n = part.size();
    double[] inBasis = new double[n];
    for (int j = 0; j < n; j++) {
      double number = vector.applyAsDouble(j);
      for (int i = 0; i < n; i++) {
        inBasis[i] += part.basis().get(j, i) * number;
      }
    }
    double[] image = new double[n];
    for (int row = 0; row < n; row++) {
      for (int i = 0; i < n; i++) {
        image[row] += turned.get(row, i) * inBasis[i];
      }
    }
    return image;
  }

  /** {@return the group that acts} */
  public FiniteGroup group() {
    return group;
  }

  /** {@return the number of coordinates} */
  public int size() {
    return size;
  }

  /** {@return whether no sign occurs: every rho(g) is a permutation matrix} */
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
      result = compose(targets[word[i]], result);
    }
    return result;
  }

  /** The action of a group that is sent to this one's by a homomorphism. */
  SignedPermutations along(FiniteGroup other, IntUnaryOperator homomorphism) {
    int[][] pulled =
        other.generators().stream()
            .map(a -> targetsOfElement(homomorphism.applyAsInt(a)))
            .toArray(int[][]::new);
    return new SignedPermutations(other, size, pulled);
  }

  /** For each generator, where e_j goes; ~image where its sign changes. Not copied. */
  int[][] targets() {
    return targets;
  }

  /** The matrix of an element. */
  Matrix matrix(int element) {
    int[] images = targetsOfElement(element);
    double[] entries = new double[Sizes.entries("a matrix of " + size + " points", size, size)];
    for (int j = 0; j < size; j++) {
      int row = images[j] >= 0 ? images[j] : ~images[j];
      entries[row * size + j] = images[j] >= 0 ? 1 : -1;
    }
    return Matrix.of(size, size, entries);
  }

  private static int[] images(int[] targets) {
    return Arrays.stream(targets).map(t -> t >= 0 ? t : ~t).toArray();
  }

  private static int[] signs(int[] targets) {
    return Arrays.stream(targets).map(t -> t >= 0 ? 1 : -1).toArray();
  }
}
