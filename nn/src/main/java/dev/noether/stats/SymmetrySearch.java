package dev.noether.stats;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Subgroup;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Which symmetries of a group data have: a test of every subgroup, with a correction for their
 * number, and the largest subgroup that holds.
 *
 * <p>Each subgroup is tested by {@link SymmetryTest}: its p-value is valid for any number of
 * samples. Holm's correction keeps the probability of rejecting any true symmetry at the level,
 * however many subgroups there are. A subgroup holds where neither it nor one inside it is
 * rejected: that the data do not speak against it is what a test can say, more samples see smaller
 * departures.
 *
 * <pre>{@code
 * SymmetrySearch.Found found = SymmetrySearch.of(x, Representation.parse("D4: regular"), options);
 * Subgroup symmetry = found.largest();
 * }</pre>
 *
 * <p>For a function that is known by samples (x, y), search the joint samples under {@code
 * in.plus(out)}; one that can be called is measured by {@link #ofFunction}.
 */
public final class SymmetrySearch {
  private static final int MOST_SUBGROUPS = 2000;
  private static final int FEWEST_MOVES = 199;

  private SymmetrySearch() {}

  /**
   * How a search is done.
   *
   * @param statistic what is measured of the samples
   * @param level the probability of rejecting a true symmetry, as 0.05
   * @param seed the seed of the random moves
   */
  public record Options(SymmetryTest.Statistic statistic, double level, long seed) {
    /**
     * Checks the level.
     *
     * @param statistic what is measured of the samples
     * @param level the probability of rejecting a true symmetry
     * @param seed the seed of the random moves
     * @throws IllegalArgumentException if the level is not between 0 and 1
     */
    public Options {
      require(level > 0 && level < 1, "a level is between 0 and 1, got %s", level);
    }

    /**
     * Moments, a level of 0.05, seed 0.
     *
     * @return the defaults
     */
    public static Options defaults() {
      return new Options(SymmetryTest.Statistic.MOMENTS, 0.05, 0);
    }
  }

  /**
   * What was found of a subgroup.
   *
   * @param subgroup the subgroup
   * @param result its own test
   * @param adjusted its p-value, corrected for the number of subgroups
   * @param holds whether neither it nor a subgroup of it is rejected
   */
  public record Candidate(
      Subgroup subgroup, SymmetryTest.Result result, double adjusted, boolean holds) {
    /**
     * How much larger the statistic is than for symmetric samples: what ranks near symmetries.
     *
     * @return 0 for samples as symmetric as can be seen
     */
    public double excess() {
      return result.symmetric() == 0 ? 0 : Math.max(0, result.statistic() / result.symmetric() - 1);
    }
  }

  /**
   * What a search found.
   *
   * @param candidates every subgroup but the trivial one, larger ones first, then those nearest to
   *     a symmetry
   * @param largest the largest subgroup that holds; the trivial one where none does
   * @param level the level
   */
  public record Found(List<Candidate> candidates, Subgroup largest, double level) {
    /**
     * Copies the list.
     *
     * @param candidates every subgroup but the trivial one
     * @param largest the largest subgroup that holds
     * @param level the level
     */
    public Found {
      candidates = List.copyOf(candidates);
    }
  }

  /**
   * Searches samples.
   *
   * @param x samples, {@code [N, size]}
   * @param representation how they transform under the largest group that comes into question
   * @param options statistic, level, seed
   * @return every subgroup's test, and the largest that holds
   * @throws IllegalArgumentException if the group has more than 2000 subgroups, or there are fewer
   *     than 8 samples
   */
  public static Found of(Tensor x, Representation representation, Options options) {
    FiniteGroup group = representation.finiteGroup();
    require(
        x.dim() == 2 && x.size(1) == representation.size(),
        "samples must be [N, %d] for %s, got %s",
        representation.size(),
        representation,
        Arrays.toString(Tensors.shape(x)));
    require(x.size(0) >= 8, "a search needs at least 8 samples, got %d", x.size(0));
    List<Subgroup> subgroups = subgroups(group);
    // The smallest p-value that random moves can give must pass the strictest of Holm's bounds.
    int moves = Math.max(FEWEST_MOVES, (int) Math.ceil(2 * subgroups.size() / options.level()) - 1);
    List<SymmetryTest.Result> results = new ArrayList<>();
    for (Subgroup subgroup : subgroups) {
      results.add(
          SymmetryTest.of(
              x, representation.branch(subgroup), options.statistic(), moves, options.seed()));
    }
    double[] adjusted = holm(results.stream().mapToDouble(SymmetryTest.Result::pValue).toArray());
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < subgroups.size(); i++) {
      Subgroup own = subgroups.get(i);
      boolean holds = true;
      for (int j = 0; j < subgroups.size(); j++) {
        holds &= adjusted[j] > options.level() || !own.contains(subgroups.get(j));
      }
      candidates.add(new Candidate(own, results.get(i), adjusted[i], holds));
    }
    candidates.sort(
        Comparator.comparingInt((Candidate c) -> -c.subgroup().order())
            .thenComparingDouble(Candidate::excess));
    Subgroup largest =
        candidates.stream()
            .filter(Candidate::holds)
            .map(Candidate::subgroup)
            .findFirst()
            .orElseGet(() -> group.subgroupGeneratedBy(group.identity()));
    return new Found(candidates, largest, options.level());
  }

  /**
   * How far a function is from commuting with a subgroup.
   *
   * @param subgroup the subgroup
   * @param defect the root mean square of f(g x) - g f(x) over samples and elements, as a share of
   *     that of f(x)
   * @param holds whether that is within the tolerance
   */
  public record Defect(Subgroup subgroup, double defect, boolean holds) {}

  /**
   * Measures a function that can be called: which subgroups it commutes with.
   *
   * @param function from {@code [N, in.size]} to {@code [N, out.size]}
   * @param in how inputs transform under the largest group that comes into question
   * @param out how outputs transform
   * @param x samples of inputs, where the symmetry is wanted
   * @param tolerance the largest defect that counts as symmetric
   * @return every subgroup but the trivial one, larger ones first, then by defect
   * @throws IllegalArgumentException if the groups differ or there are more than 2000 subgroups
   */
  public static List<Defect> ofFunction(
      UnaryOperator<Tensor> function,
      Representation in,
      Representation out,
      Tensor x,
      double tolerance) {
    require(
        in.group().equals(out.group()),
        "in and out must be representations of one group, got %s and %s",
        in,
        out);
    FiniteGroup group = in.finiteGroup();
    double[] squares = new double[group.order()];
    double size;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor y = function.apply(x);
      size = y.mul(y).sum().item().toDouble();
      for (int g = 0; g < squares.length; g++) {
        Tensor moved = function.apply(x.matmul(turned(in, g, x)));
        Tensor difference = moved.sub(y.matmul(turned(out, g, y)));
        squares[g] = difference.mul(difference).sum().item().toDouble();
      }
    }
    List<Defect> defects = new ArrayList<>();
    for (Subgroup subgroup : subgroups(group)) {
      double mean =
          subgroup.elements().stream().mapToDouble(g -> squares[g]).sum() / subgroup.order();
      double defect = size == 0 ? Math.sqrt(mean) : Math.sqrt(mean / size);
      defects.add(new Defect(subgroup, defect, defect <= tolerance));
    }
    defects.sort(
        Comparator.comparingInt((Defect d) -> -d.subgroup().order())
            .thenComparingDouble(Defect::defect));
    return defects;
  }

  private static Tensor turned(Representation rho, int element, Tensor like) {
    Matrix matrix = rho.at(rho.finiteGroup().element(element)).transpose();
    return Tensors.of(Dtype.FLOAT64, matrix).to(like.device(), like.scalar_type());
  }

  /**
   * The group that signed permutations of coordinates generate, acting on them: which moves of
   * coordinates leave data as they are is then a question for {@link #of}.
   *
   * @param name what the group is called
   * @param images signed permutations: where each coordinate goes, counted from 1, negative where
   *     its sign changes
   * @return the representation of the group on the coordinates
   * @throws IllegalArgumentException if one is no signed permutation, or the group is too large
   */
  public static Representation signedPermutations(String name, List<int[]> images) {
    require(!images.isEmpty(), "signed permutations generate a group, got none");
    List<Matrix> matrices = images.stream().map(SymmetrySearch::matrix).toList();
    FiniteGroup group = FiniteGroup.fromMatrices(name, matrices);
    return Representation.of(group, matrices);
  }

  private static Matrix matrix(int[] images) {
    int n = images.length;
    double[] entries = new double[n * n];
    boolean[] taken = new boolean[n];
    for (int i = 0; i < n; i++) {
      int place = Math.abs(images[i]) - 1;
      require(
          place >= 0 && place < n && !taken[place],
          "%s is no signed permutation of %d coordinates: each of 1 to %d stands once",
          Arrays.toString(images),
          n,
          n);
      taken[place] = true;
      entries[place * n + i] = images[i] > 0 ? 1 : -1;
    }
    return Matrix.of(n, n, entries);
  }

  /** All subgroups but the trivial one, conjugate ones too. */
  private static List<Subgroup> subgroups(FiniteGroup group) {
    Set<Subgroup> all = new LinkedHashSet<>();
    for (Subgroup subgroup : group.subgroups()) {
      if (subgroup.order() > 1) {
        for (int g = 0; g < group.order(); g++) {
          all.add(subgroup.conjugate(g));
        }
      }
      require(
          all.size() <= MOST_SUBGROUPS,
          "%s has more than %d subgroups; search a smaller group",
          group,
          MOST_SUBGROUPS);
    }
    return List.copyOf(all);
  }

  /** Holm's step-down correction. */
  static double[] holm(double[] pValues) {
    int n = pValues.length;
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> pValues[i]));
    double[] adjusted = new double[n];
    double least = 0;
    for (int k = 0; k < n; k++) {
      least = Math.max(least, Math.min(1, (n - k) * pValues[order[k]]));
      adjusted[order[k]] = least;
    }
    return adjusted;
  }
}
