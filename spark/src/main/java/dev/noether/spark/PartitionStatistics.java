package dev.noether.spark;

import dev.noether.merge.Mergeable;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;

/** The statistics of one partition, whose rows are taken in batches. */
final class PartitionStatistics {
  /** Numbers of a batch: 2 MiB, enough for products of matrices to be fast. */
  private static final int BATCH = 1 << 18;

  private PartitionStatistics() {}

  static <S extends Mergeable<S>> byte[] of(
      Iterator<double[]> rows,
      int partition,
      int width,
      byte[] zero,
      Class<S> type,
      SparkStatistics.Step<S> step,
      SparkStatistics.Start<S> start) {
    Tasks.prepare();
    try {
      S sum = start.of(Piece.statistics(zero, type), partition);
      double[] batch = new double[Math.max(1, BATCH / width) * width];
      int filled = 0;
      for (long row = 0; rows.hasNext(); row++) {
        double[] numbers = rows.next();
        requireRow(numbers, row, partition, width);
        System.arraycopy(numbers, 0, batch, filled, width);
        filled += width;
        if (filled == batch.length) {
          sum = plus(sum, batch, width, step);
          filled = 0;
        }
      }
      return Piece.of(filled == 0 ? sum : plus(sum, Arrays.copyOf(batch, filled), width, step));
    } catch (BadRowException e) {
      return Piece.refusal(String.valueOf(e.getMessage()));
    }
  }

  private static <S> S plus(S sum, double[] numbers, int width, SparkStatistics.Step<S> step) {
    try (PointerScope scope = new PointerScope()) {
      return step.plus(sum, Tensors.of(Dtype.FLOAT64, numbers, numbers.length / width, width));
    }
  }

  private static void requireRow(double[] numbers, long row, int partition, int width) {
    if (numbers.length != width) {
      throw new BadRowException(
          String.format(
              Locale.ROOT,
              "row %d of partition %d has %d numbers, and the representations take %d",
              row,
              partition,
              numbers.length,
              width));
    }
    for (double number : numbers) {
      if (!Double.isFinite(number)) {
        throw new BadRowException(
            "row "
                + row
                + " of partition "
                + partition
                + " has "
                + number
                + ": numbers must be finite; drop or repair such samples");
      }
    }
  }
}
