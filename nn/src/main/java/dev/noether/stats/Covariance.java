package dev.noether.stats;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.merge.Mergeable;
import dev.noether.merge.MergeableState;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Mean, variance and covariance of samples and all their transforms: equal to those of the data
 * augmented by the whole group, without augmenting.
 *
 * <p>Immutable; batches add up in any order, whatever does not fit in memory comes in pieces:
 *
 * <pre>{@code
 * Covariance seen = Covariance.of(representation);
 * for (Tensor batch : batches) {
 *   seen = seen.plus(batch);
 * }
 * Tensor c = seen.covariance();
 * }</pre>
 *
 * <p>See {@link CrossCovariance} for how.
 */
public final class Covariance implements Mergeable<Covariance> {
  private final CrossCovariance own;

  private Covariance(CrossCovariance own) {
    this.own = own;
  }

  /**
   * The statistics of no samples yet.
   *
   * @param representation how the samples transform
   * @return the empty statistics
   */
  public static Covariance of(Representation representation) {
    return new Covariance(CrossCovariance.between(representation, representation));
  }

  /**
   * The statistics with a state.
   *
   * @param state what {@link #state} gave
   * @return the same statistics again
   * @throws IllegalArgumentException if it is the state of something else
   */
  public static Covariance of(MergeableState state) {
    Representation x = state.representation("x");
    return new Covariance(CrossCovariance.of(x, x, state, "mean", "mean"));
  }

  @Override
  public MergeableState state() {
    Map<String, Matrix> numbers = new LinkedHashMap<>(own.namedMoments());
    numbers.put("mean", own.meanX().coordinates());
    return MergeableState.of(
        Map.of("x", representation()),
        Map.of(MergeableState.COUNT, count()),
        own.meanX().kind(),
        numbers);
  }

  /**
   * Adds samples.
   *
   * @param x {@code [N, size]}
   * @return the statistics of these samples and those before
   * @throws IllegalArgumentException if the size, dtype or device does not fit, or a number is NaN
   *     or infinite
   */
  public Covariance plus(Tensor x) {
    return new Covariance(own.plusPairedWithItself(x));
  }

  /**
   * Merges two data sets.
   *
   * @param other statistics over the same representation
   * @return the statistics of the samples of both
   * @throws IllegalArgumentException if the representations differ in irreps or basis, or the
   *     samples in dtype or device
   */
  @Override
  public Covariance plus(Covariance other) {
    return new Covariance(own.plus(other.own));
  }

  /**
   * How the samples transform.
   *
   * @return the representation
   */
  public Representation representation() {
    return own.x();
  }

  /**
   * The number of samples so far.
   *
   * @return N
   */
  @Override
  public long count() {
    return own.count();
  }

  /**
   * The mean of the augmented data.
   *
   * @return an invariant vector {@code [size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are no samples
   */
  public Tensor mean() {
    return own.meanX().mean();
  }

  /**
   * The covariance of the augmented data, normalised by its size.
   *
   * @return a symmetric matrix that commutes with the group, {@code [size, size]}, in the samples'
   *     dtype
   * @throws IllegalArgumentException if there are no samples
   */
  public Tensor covariance() {
    return covariance(0);
  }

  /**
   * The covariance with N - correction in place of N, the number of samples before augmenting; see
   * {@link CrossCovariance#covariance(int)}.
   *
   * @param correction from 0 to N - 1
   * @return a symmetric matrix that commutes with the group, {@code [size, size]}, in the samples'
   *     dtype
   * @throws IllegalArgumentException if there are not more samples than the correction
   */
  public Tensor covariance(int correction) {
    own.requireMoreThan(correction);
    TensorKind kind = kind();
    return Scopes.compute(() -> kind.convert(symmetric(correction)));
  }

  /** The exact covariance is symmetric; this makes the rounded one so. */
  private Tensor symmetric(int correction) {
    Tensor covariance = own.float64(correction);
    return covariance.add(covariance.t()).mul(new Scalar(0.5));
  }

  /**
   * The variance of every coordinate of the augmented data: the diagonal of the covariance.
   *
   * @return {@code [size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are no samples
   */
  public Tensor variance() {
    return variance(0);
  }

  /**
   * The variance with N - correction in place of N; see {@link CrossCovariance#covariance(int)}.
   *
   * @param correction from 0 to N - 1
   * @return {@code [size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are not more samples than the correction
   */
  public Tensor variance(int correction) {
    own.requireMoreThan(correction);
    TensorKind kind = kind();
    return Scopes.compute(() -> kind.convert(symmetric(correction).diagonal().contiguous()));
  }

  /**
   * The variance of every copy of an irrep, the same in all its coordinates.
   *
   * @param correction from 0 to N - 1; see {@link CrossCovariance#covariance(int)}
   * @return {@code [copies]}, in the order of {@link Representation#irreps()}, in the samples'
   *     dtype
   * @throws IllegalArgumentException if there are not more samples than the correction
   */
  public Tensor irrepVariances(int correction) {
    own.requireMoreThan(correction);
    TensorKind kind = kind();
    List<Representation.Copy> copies = representation().copies();
    double[] variances = new double[copies.size()];
    for (int b = 0; b < blocks().size(); b++) {
      Irrep irrep = blocks().get(b).irrep();
      for (int i = 0; i < variances.length; i++) {
        if (copies.get(i).irrep().equals(irrep)) {
          int column = copies.get(i).number() * irrep.type().endomorphismDimension();
          variances[i] = moment(b).get(copies.get(i).number(), column) / (count() - correction);
        }
      }
    }
    return Scopes.compute(
        () -> kind.convert(Tensors.of(Dtype.FLOAT64, variances, variances.length)));
  }

  TensorKind kind() {
    return own.meanX().requireSamples();
  }

  List<HomSpace.Block> blocks() {
    return own.space().blocks();
  }

  /** The mean as an accumulator. */
  InvariantMean invariantMean() {
    return own.meanX();
  }

  HomSpace space() {
    return own.space();
  }

  /** The sums of one block, {@code [m, m S]}; over N they are the block of the covariance. */
  Matrix moment(int block) {
    return own.moments().get(block);
  }

  /** All blocks over N, for the eigenvectors. */
  List<Matrix> normalisedMoments() {
    List<Matrix> blocks = new ArrayList<>();
    own.moments().forEach(moment -> blocks.add(moment.scale(1.0 / count())));
    return blocks;
  }

  /** The representation and the number of samples. */
  @Override
  public String toString() {
    return "Covariance(" + representation() + ", " + count() + " samples)";
  }
}
