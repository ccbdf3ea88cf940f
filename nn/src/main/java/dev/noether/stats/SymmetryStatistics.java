package dev.noether.stats;

import static dev.noether.algebra.Checks.require;

import dev.noether.basis.IsotypicBasis;
import dev.noether.merge.Mergeable;
import dev.noether.merge.MergeableState;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Samples;
import dev.noether.torch.TensorKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The {@link SymmetryTest} by moments over data that does not fit in memory: batches add up, and
 * what different machines have seen merges.
 *
 * <p>Kept are mean and second moment of the samples and of each of the B random moves of them, (1 +
 * B) (size + size^2) numbers; merged as Chan, Golub and LeVeque (1983) do. Which element moves a
 * sample follows from the seed, the move and the sample's number alone, so that the result does not
 * depend on how the data was divided. Samples are numbered as they are added; a part of a data set
 * begins with {@link #startingAt}. The p-value is as valid as that of {@link SymmetryTest#of},
 * which draws other elements.
 *
 * <p>Immutable.
 *
 * <pre>{@code
 * SymmetryStatistics seen = SymmetryStatistics.of(representation, 99, 0);
 * for (Tensor batch : batches) {
 *   seen = seen.plus(batch);
 * }
 * SymmetryTest.Result result = seen.result();
 * }</pre>
 */
public final class SymmetryStatistics implements Mergeable<SymmetryStatistics> {
  private static final long MOST_TOGETHER = 1 << 18;
  private static final int MOST_NUMBERS = 1 << 28; // 2 GiB

  private final IsotypicDecomposition decomposition;
  private final int moves;
  private final long seed;
  private final long next;
  private final @Nullable TensorKind kind;
  private final MovedMoments moments;

  private SymmetryStatistics(
      IsotypicDecomposition decomposition,
      int moves,
      long seed,
      long next,
      @Nullable TensorKind kind,
      MovedMoments moments) {
    this.decomposition = decomposition;
    this.moves = moves;
    this.seed = seed;
    this.next = next;
    this.kind = kind;
    this.moments = moments;
  }

  /**
   * A test of no samples yet.
   *
   * @param representation the symmetry in question
   * @param moves the number B of random moves; the smallest possible p-value is 1 / (1 + B)
   * @param seed the seed of the moves
   * @return the empty statistics
   * @throws IllegalArgumentException if the group is not finite, or {@code moves} is below 1
   */
  public static SymmetryStatistics of(Representation representation, int moves, long seed) {
    requireKept(representation, moves);
    return new SymmetryStatistics(
        IsotypicDecomposition.of(representation),
        moves,
        seed,
        0,
        null,
        MovedMoments.none(moves + 1, representation.size()));
  }

  private static void requireKept(Representation representation, long moves) {
    require(moves >= 1, "the number of random moves must be at least 1, got %d", moves);
    int order = representation.finiteGroup().order();
    double numbers = (moves + 1.0) * representation.size() * (representation.size() + 1.0);
    require(
        numbers <= MOST_NUMBERS,
        "%d moves of samples of size %d, by %d elements, keep %.0f numbers, and at most %d are "
            + "kept: take fewer moves",
        moves,
        representation.size(),
        order,
        numbers,
        MOST_NUMBERS);
  }

  /**
   * The statistics with a state.
   *
   * @param state what {@link #state} gave
   * @return the same statistics again
   * @throws IllegalArgumentException if it is the state of something else
   */
  public static SymmetryStatistics of(MergeableState state) {
    Representation representation = state.representation("x");
    long moves = state.count("moves");
    requireKept(representation, moves);
    int size = representation.size();
    int rows = Math.toIntExact(moves + 1);
    return new SymmetryStatistics(
            IsotypicDecomposition.of(representation),
            rows - 1,
            state.count("seed"),
            0,
            state.kind(),
            new MovedMoments(
                state.count(MergeableState.COUNT),
                size,
                state.matrix("means", rows, size).toArray(),
                state.matrix("second moments", rows * size, size).toArray()))
        .startingAt(state.count("next"));
  }

  @Override
  public MergeableState state() {
    return MergeableState.of(
        Map.of("x", representation()),
        Map.of(MergeableState.COUNT, count(), "moves", (long) moves, "seed", seed, "next", next),
        kind,
        Map.of("means", moments.meanMatrix(), "second moments", moments.secondMatrix()));
  }

  /**
   * The same for samples that stand further on in the whole data set.
   *
   * @param sample the number of the next sample that is added, from 0
   * @return these statistics; what is added next is numbered from there
   * @throws IllegalArgumentException if the number is negative
   */
  public SymmetryStatistics startingAt(long sample) {
    require(sample >= 0, "samples are numbered from 0, got %d", sample);
    return new SymmetryStatistics(decomposition, moves, seed, sample, kind, moments);
  }

  /**
   * Adds samples.
   *
   * @param x independent samples {@code [N, size]}
   * @return the statistics of these samples and those before
   * @throws IllegalArgumentException if the size, dtype or device does not fit, or a number is NaN
   *     or infinite
   */
  public SymmetryStatistics plus(Tensor x) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Samples samples = Samples.of(x, representation().size(), "x", representation());
      if (samples.count() == 0) {
        return this;
      }
      if (kind != null) {
        kind.requireSame(samples.kind());
      }
      TensorKind wide = new TensorKind(ScalarType.Double, samples.kind().device());
      IsotypicBasis basis = IsotypicBasis.of(decomposition, wide);
      RandomMoves draw = RandomMoves.of(decomposition, seed, wide);
      MovedMoments sum = moments;
      long length = Samples.pieceLength(representation().size());
      for (long start = 0; start < samples.count(); start += length) {
        long rows = Math.min(length, samples.count() - start);
        try (PointerScope inner = new PointerScope()) {
          Tensor coordinates = basis.coordinates(samples.piece(start, rows));
          sum = sum.plus(moved(coordinates, rows, draw, next + start));
        }
      }
      return new SymmetryStatistics(
          decomposition, moves, seed, next + samples.count(), samples.kind(), sum);
    }
  }

  /** The samples as they are and after each move, some moves at a time. */
  private MovedMoments moved(Tensor coordinates, long rows, RandomMoves draw, long first) {
    List<MovedMoments> parts = new ArrayList<>();
    parts.add(MovedMoments.of(coordinates, 1));
    int together = Math.toIntExact(Math.max(1, MOST_TOGETHER / (rows * representation().size())));
    for (int move = 1; move <= moves; move += together) {
      int some = Math.min(together, moves + 1 - move);
      try (PointerScope scope = new PointerScope()) {
        parts.add(MovedMoments.of(draw.moved(coordinates, rows, first, move, some), some));
      }
    }
    return MovedMoments.together(parts);
  }

  /**
   * Merges two parts of a data set.
   *
   * @param other statistics over the same representation, with the same moves and seed
   * @return the statistics of the samples of both
   * @throws IllegalArgumentException if representations, moves or seeds differ, or the samples in
   *     dtype or device
   */
  @Override
  public SymmetryStatistics plus(SymmetryStatistics other) {
    require(
        decomposition.blocks().equals(other.decomposition.blocks())
            && decomposition.changeOfBasis().equals(other.decomposition.changeOfBasis())
            && moves == other.moves
            && seed == other.seed,
        "only tests of the same representation with the same moves and seed merge, got %s and %s",
        this,
        other);
    if (other.kind == null) {
      return this;
    }
    if (kind == null) {
      return other;
    }
    kind.requireSame(other.kind);
    return new SymmetryStatistics(
        decomposition, moves, seed, Math.max(next, other.next), kind, moments.plus(other.moments));
  }

  /**
   * The symmetry in question.
   *
   * @return how the samples transform
   */
  public Representation representation() {
    return decomposition.representation();
  }

  @Override
  public long count() {
    return moments.count();
  }

  /**
   * What the test finds in the samples so far.
   *
   * @return the statistic and its p-value
   * @throws IllegalArgumentException if there are fewer than 2 samples, or they do not vary
   */
  public SymmetryTest.Result result() {
    require(count() >= 2, "a symmetry test needs at least 2 samples, got %d", count());
    int fixed =
        decomposition
            .block(representation().group().trivialIrrep())
            .map(IsotypicDecomposition.Block::multiplicity)
            .orElse(0);
    double[] statistics = moments.statistics(fixed);
    double sum = 0;
    int atLeast = 0;
    for (int move = 1; move <= moves; move++) {
      sum += statistics[move];
      atLeast += SymmetryTest.isAtLeast(statistics[move], statistics[0]) ? 1 : 0;
    }
    return new SymmetryTest.Result(
        statistics[0], sum / moves, (1.0 + atLeast) / (1 + moves), moves, count());
  }

  /** The representation, the moves and the number of samples. */
  @Override
  public String toString() {
    return "SymmetryStatistics("
        + representation()
        + ", "
        + moves
        + " moves, seed "
        + seed
        + ", "
        + count()
        + " samples)";
  }
}
