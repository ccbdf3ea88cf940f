package dev.noether.stats;

import static dev.noether.algebra.Checks.require;

import dev.noether.basis.IsotypicBasis;
import dev.noether.group.FiniteGroup;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Samples;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A randomization test of symmetry: do independent samples come from a distribution that the group
 * leaves as it is?
 *
 * <p>If they do, each sample may be moved by its own random element without changing the joint
 * distribution. The statistic of the data is compared with that of B such random moves; with b of
 * them at least as large, p = (1 + b) / (1 + B) is exact at any number of samples: under symmetry
 * the probability of p at most alpha is at most alpha (Lehmann and Romano, <em>Testing Statistical
 * Hypotheses</em>, section 15.2). Samples must be independent: of a trajectory, take states far
 * apart.
 */
public final class SymmetryTest {
  private static final double TIE = 1e-10;
  private static final long MOST_TOGETHER = 1 << 18;

  private SymmetryTest() {}

  /** What is measured of the samples. */
  public enum Statistic {
    /**
     * The squared length of the mean and of the second moment about the invariant mean, over the
     * total variance and its square. Sees asymmetry of mean and covariance; cost N size^2.
     */
    MOMENTS,
    /**
     * The squared length of the mean embedding under the kernel exp(-|x - y|^2 / (2 v)), v the
     * total variance: up to a constant the squared maximum mean discrepancy to the symmetrized data
     * (Gretton et al., 2012). Sees every asymmetry with enough samples; cost N^2 size.
     */
    KERNEL
  }

  /**
   * What a test found.
   *
   * @param statistic the statistic of the data
   * @param symmetric its mean over the random moves: what symmetric data of these orbits has
   * @param pValue the p-value
   * @param moves the number B of random moves
   * @param samples the number of samples
   */
  public record Result(double statistic, double symmetric, double pValue, int moves, long samples) {
    /**
     * Whether the test rejects the symmetry.
     *
     * @param level the accepted probability of rejecting data that is symmetric, between 0 and 1
     * @return true if the p-value is at most the level
     * @throws IllegalArgumentException if the level is not between 0 and 1
     */
    public boolean rejects(double level) {
      require(level > 0 && level < 1, "a level is between 0 and 1, got %s", level);
      return pValue <= level;
    }
  }

  /**
   * Tests samples.
   *
   * @param x independent samples {@code [N, size]}
   * @param representation the symmetry in question
   * @param statistic what is measured
   * @param moves the number B of random moves; the smallest possible p-value is 1 / (1 + B)
   * @param seed the seed of the moves; the same gives the same result
   * @return the statistic and its p-value
   * @throws IllegalArgumentException if the size does not fit, a number is NaN or infinite, there
   *     are fewer than 2 samples or they do not vary, the group is not finite, or {@code moves} is
   *     below 1
   */
  public static Result of(
      Tensor x, Representation representation, Statistic statistic, int moves, long seed) {
    require(moves >= 1, "the number of random moves must be at least 1, got %d", moves);
    FiniteGroup group = representation.finiteGroup();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Samples samples = Samples.of(x, representation.size(), "x", representation);
      long count = samples.count();
      require(count >= 2, "a symmetry test needs at least 2 samples, got %d", count);
      TensorKind wide = new TensorKind(ScalarType.Double, samples.kind().device());
      IsotypicBasis basis = IsotypicBasis.of(IsotypicDecomposition.of(representation), wide);
      Tensor rows = samples.piece(0, count);
      Tensor mean = InvariantMean.of(representation).plus(rows).mean();
      Tensor centred = basis.coordinates(rows.sub(mean));
      double variance = centred.mul(centred).sum().item().toDouble() / count;
      double size = rows.abs().max().item().toDouble();
      require(
          variance > 1e-24 * size * size,
          "a symmetry test needs samples that vary, got zero variance about the invariant mean");
      double own = measure(statistic, centred, variance);
      Random random = new Random(seed);
      RandomMoves draw = RandomMoves.of(basis.decomposition(), seed, wide);
      double sum = 0;
      int atLeast = 0;
      int together = together(statistic, count, representation.size());
      for (int move = 0; move < moves; move += together) {
        int some = Math.min(together, moves - move);
        try (PointerScope inner = new PointerScope()) {
          Tensor repeated = some == 1 ? centred : centred.repeat(some, 1);
          Tensor moved = draw.moved(repeated, elements(group, some * count, random));
          for (double other : measures(statistic, moved, some, variance)) {
            sum += other;
            atLeast += isAtLeast(other, own) ? 1 : 0;
          }
        }
      }
      return new Result(own, sum / moves, (1.0 + atLeast) / (1 + moves), moves, count);
    }
  }

  private static long[] elements(FiniteGroup group, long count, Random random) {
    long[] elements = new long[Math.toIntExact(count)];
    Arrays.setAll(elements, i -> random.nextInt(group.order()));
    return elements;
  }

  static boolean isAtLeast(double moved, double own) {
    return moved >= own - TIE * Math.abs(own);
  }

  /** How many moves are made at once: few samples cost as much as many, one by one. */
  private static int together(Statistic statistic, long count, int size) {
    return statistic == Statistic.KERNEL
        ? 1
        : Math.toIntExact(Math.max(1, MOST_TOGETHER / (count * size)));
  }

  private static double[] measures(
      Statistic statistic, Tensor centred, int moves, double variance) {
    if (moves == 1) {
      return new double[] {measure(statistic, centred, variance)};
    }
    Tensor each = centred.view(moves, -1, centred.size(1));
    double count = each.size(1);
    Tensor mean = each.mean(1L);
    Tensor second = each.transpose(1, 2).matmul(each).reshape(moves, -1);
    Tensor first = mean.mul(mean).sum(1L).div(new Scalar(variance));
    Tensor pairs = second.mul(second).sum(1L).div(new Scalar(count * count * variance * variance));
    return Tensors.toArray(first.add(pairs));
  }

  private static double measure(Statistic statistic, Tensor centred, double variance) {
    return switch (statistic) {
      case MOMENTS -> moments(centred, variance);
      case KERNEL -> kernel(centred, variance);
    };
  }

  private static double moments(Tensor centred, double variance) {
    try (PointerScope scope = new PointerScope()) {
      double count = Tensors.shape(centred)[0];
      Tensor mean = centred.mean(0L);
      Tensor second = centred.t().matmul(centred);
      double first = mean.mul(mean).sum().item().toDouble() / variance;
      double pairs = second.mul(second).sum().item().toDouble();
      return first + pairs / (count * count * variance * variance);
    }
  }

  /** The mean of the kernel over all pairs, some rows at a time. */
  private static double kernel(Tensor centred, double variance) {
    long count = Tensors.shape(centred)[0];
    double sum = 0;
    Tensor squares = centred.mul(centred).sum(1L);
    long length = Samples.pieceLength(count);
    for (long start = 0; start < count; start += length) {
      long rows = Math.min(length, count - start);
      try (PointerScope scope = new PointerScope()) {
        Tensor inner = centred.narrow(0, start, rows).matmul(centred.t());
        Tensor distances =
            squares
                .narrow(0, start, rows)
                .unsqueeze(1)
                .add(squares.unsqueeze(0))
                .sub(inner.mul(new Scalar(2.0)));
        sum += distances.mul(new Scalar(-0.5 / variance)).exp().sum().item().toDouble();
      }
    }
    return sum / ((double) count * count);
  }
}
