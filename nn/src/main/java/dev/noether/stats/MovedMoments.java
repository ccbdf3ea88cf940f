package dev.noether.stats;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Mean and second moment about the mean of samples, after each of some moves of them.
 *
 * @param count the number of samples
 * @param size the number of features
 * @param means {@code [moves, size]}
 * @param seconds sums over samples, {@code [moves, size, size]}
 */
@SuppressWarnings("ArrayRecordComponent") // kept inside this package, never compared
record MovedMoments(long count, int size, double[] means, double[] seconds) {
  static MovedMoments none(int moves, int size) {
    return new MovedMoments(0, size, new double[moves * size], new double[moves * size * size]);
  }

  /** Of samples that were moved {@code moves} times, {@code [moves * N, size]}. */
  static MovedMoments of(Tensor moved, int moves) {
    int size = Math.toIntExact(moved.size(1));
    long count = moved.size(0) / moves;
    Tensor each = moved.view(moves, count, size);
    Tensor mean = each.mean(new long[] {1}, true, new ScalarTypeOptional());
    Tensor centred = each.sub(mean);
    Tensor second = centred.transpose(1, 2).matmul(centred);
    return new MovedMoments(count, size, Tensors.toArray(mean), Tensors.toArray(second));
  }

  /** Of the same samples, one list of moves after the other. */
  static MovedMoments together(List<MovedMoments> parts) {
    return new MovedMoments(
        parts.get(0).count,
        parts.get(0).size,
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.means)).toArray(),
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.seconds)).toArray());
  }

  Matrix meanMatrix() {
    return Matrix.of(means.length / size, size, means);
  }

  Matrix secondMatrix() {
    return Matrix.of(seconds.length / size, size, seconds);
  }

  /** Of the samples of both. */
  MovedMoments plus(MovedMoments other) {
    if (count == 0 || other.count == 0) {
      return count == 0 ? other : this;
    }
    double share = (double) other.count / (count + other.count);
    double weight = share * count;
    double[] mean = means.clone();
    double[] second = seconds.clone();
    double[] shift = new double[means.length];
    for (int i = 0; i < mean.length; i++) {
      shift[i] = other.means[i] - means[i];
      mean[i] += share * shift[i];
    }
    for (int row = 0; row < shift.length; row++) {
      int first = row / size * size; // of its move
      for (int j = 0; j < size; j++) {
        second[row * size + j] +=
            other.seconds[row * size + j] + weight * shift[row] * shift[first + j];
      }
    }
    return new MovedMoments(count + other.count, size, mean, second);
  }

  /**
   * The statistic of every move: squared lengths of the mean and of the second moment about the
   * invariant mean, over the variance and its square.
   *
   * @param fixed how many coordinates are invariant: the first ones
   */
  double[] statistics(int fixed) {
    double variance = 0;
    double invariant = 0;
    for (int i = 0; i < size; i++) {
      double off = i < fixed ? 0 : means[i];
      variance += seconds[i * size + i] / count + off * off;
      invariant += i < fixed ? means[i] * means[i] : 0;
    }
    require(
        variance > 1e-24 * invariant,
        "a symmetry test needs samples that vary, got zero variance about the invariant mean");
    double[] statistics = new double[means.length / size];
    double[] off = new double[size];
    for (int move = 0; move < statistics.length; move++) {
      double first = 0;
      double pairs = 0;
      for (int i = 0; i < size; i++) {
        off[i] = means[move * size + i] - (i < fixed ? means[i] : 0);
        first += off[i] * off[i];
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          double entry = seconds[(move * size + i) * size + j] / count + off[i] * off[j];
          pairs += entry * entry;
        }
      }
      statistics[move] = first / variance + pairs / (variance * variance);
    }
    return statistics;
  }
}
