package dev.noether.spark;

import static dev.noether.algebra.Checks.require;

import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.merge.Mergeable;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.stats.CrossCovariance;
import dev.noether.stats.EquivariantPca;
import dev.noether.stats.InvariantMean;
import dev.noether.stats.SymmetryStatistics;
import dev.noether.stats.SymmetryTest;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.bytedeco.pytorch.Tensor;

/**
 * Statistics of symmetric data that lies in a Spark cluster, equal up to rounding to those of one
 * machine that sees all of it.
 *
 * <p>A row is an array of features; {@link SparkRows} makes such of tables. Where there are inputs
 * and outputs, those of a sample stand in one row, inputs first. Rows are read once, in batches of
 * bounded size, and the statistics of the partitions merge in a tree.
 *
 * <pre>{@code
 * JavaRDD<double[]> rows = SparkRows.of(table, "state");
 * Covariance seen = SparkStatistics.covariance(rows, Representation.parse("C4: 2 x regular"));
 * EquivariantPca components = EquivariantPca.of(seen);
 * }</pre>
 *
 * <p>A row of another width, or with a number that is not finite, ends all of them with an {@link
 * IllegalArgumentException} that names the row and its partition, both counted from 0.
 */
public final class SparkStatistics {
  private SparkStatistics() {}

  /**
   * How statistics take a batch.
   *
   * @param <S> the statistics
   */
  @FunctionalInterface
  interface Step<S> extends Serializable {
    S plus(S statistics, Tensor rows);
  }

  /**
   * The statistics that a partition begins with.
   *
   * @param <S> the statistics
   */
  @FunctionalInterface
  interface Start<S> extends Serializable {
    S of(S empty, int partition);
  }

  /**
   * The invariant mean.
   *
   * @param rows the samples
   * @param representation how they transform
   * @return the mean as an accumulator
   * @throws IllegalArgumentException if a row has another width or is not finite
   */
  public static InvariantMean mean(JavaRDD<double[]> rows, Representation representation) {
    return aggregate(
        rows,
        representation.size(),
        InvariantMean.of(representation),
        InvariantMean.class,
        InvariantMean::plus);
  }

  /**
   * Means, variances and covariances.
   *
   * @param rows the samples
   * @param representation how they transform
   * @return the statistics
   * @throws IllegalArgumentException if a row has another width or is not finite
   */
  public static Covariance covariance(JavaRDD<double[]> rows, Representation representation) {
    return aggregate(
        rows,
        representation.size(),
        Covariance.of(representation),
        Covariance.class,
        Covariance::plus);
  }

  /**
   * Principal components, from the covariance.
   *
   * @param rows the samples
   * @param representation how they transform
   * @return all components
   * @throws IllegalArgumentException if a row has another width or is not finite, or there are none
   *     that vary
   */
  public static EquivariantPca components(JavaRDD<double[]> rows, Representation representation) {
    return EquivariantPca.of(covariance(rows, representation));
  }

  /**
   * The cross-covariance.
   *
   * @param rows in each the features of x, then those of y
   * @param x how x transforms
   * @param y how y transforms
   * @return the statistics
   * @throws IllegalArgumentException if the groups differ, or a row has another width or is not
   *     finite
   */
  public static CrossCovariance crossCovariance(
      JavaRDD<double[]> rows, Representation x, Representation y) {
    int first = x.size();
    int second = y.size();
    return aggregate(
        rows,
        first + second,
        CrossCovariance.between(x, y),
        CrossCovariance.class,
        (own, batch) -> own.plus(batch.narrow(1, 0, first), batch.narrow(1, first, second)));
  }

  /**
   * Least squares over the equivariant maps.
   *
   * @param rows in each the features of X, then those of Y
   * @param in how X transforms
   * @param out how Y transforms
   * @return the problem with all samples, to be solved
   * @throws IllegalArgumentException if the groups differ, or a row has another width or is not
   *     finite
   */
  public static EquivariantLeastSquares leastSquares(
      JavaRDD<double[]> rows, Representation in, Representation out) {
    int first = in.size();
    int second = out.size();
    return aggregate(
        rows,
        first + second,
        EquivariantLeastSquares.between(in, out),
        EquivariantLeastSquares.class,
        (own, batch) -> own.plus(batch.narrow(1, 0, first), batch.narrow(1, first, second)));
  }

  /**
   * The symmetry test by moments; rows are counted first, so that each is moved by the elements
   * that would move it on one machine.
   *
   * @param rows independent samples, in an order that does not change when they are read again
   * @param representation the symmetry in question
   * @param moves the number of random moves; the smallest possible p-value is 1 / (1 + moves)
   * @param seed the seed of the moves
   * @return the statistic and its p-value
   * @throws IllegalArgumentException if the group is not finite, a row has another width or is not
   *     finite, or there are fewer than two that vary
   */
  public static SymmetryTest.Result symmetryTest(
      JavaRDD<double[]> rows, Representation representation, int moves, long seed) {
    SymmetryStatistics empty = SymmetryStatistics.of(representation, moves, seed);
    List<Long> counts =
        rows.mapPartitionsWithIndex((partition, some) -> List.of(count(some)).iterator(), true)
            .collect();
    long[] starts = new long[counts.size() + 1];
    for (int i = 0; i < counts.size(); i++) {
      starts[i + 1] = starts[i] + counts.get(i);
    }
    return aggregate(
            rows,
            representation.size(),
            empty,
            SymmetryStatistics.class,
            SymmetryStatistics::plus,
            (own, partition) -> own.startingAt(starts[partition]))
        .result();
  }

  private static long count(Iterator<double[]> rows) {
    long count = 0;
    for (; rows.hasNext(); rows.next()) {
      count++;
    }
    return count;
  }

  private static <S extends Mergeable<S>> S aggregate(
      JavaRDD<double[]> rows, int width, S empty, Class<S> type, Step<S> step) {
    return aggregate(rows, width, empty, type, step, (own, partition) -> own);
  }

  private static <S extends Mergeable<S>> S aggregate(
      JavaRDD<double[]> rows, int width, S empty, Class<S> type, Step<S> step, Start<S> start) {
    require(empty.count() == 0, "an aggregate begins without samples, got %s", empty);
    byte[] zero = Piece.of(empty);
    byte[] sum =
        rows.mapPartitionsWithIndex(
                (partition, some) ->
                    List.of(PartitionStatistics.of(some, partition, width, zero, type, step, start))
                        .iterator(),
                true)
            .treeAggregate(
                zero,
                (one, two) -> Piece.merged(one, two, type),
                (one, two) -> Piece.merged(one, two, type));
    return Piece.statistics(sum, type);
  }
}
