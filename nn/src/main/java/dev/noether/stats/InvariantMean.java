package dev.noether.stats;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.merge.Mergeable;
import dev.noether.merge.MergeableState;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Samples;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The mean of samples and all their transforms: the projection of the plain mean onto the vectors
 * that the group leaves as they are.
 *
 * <p>Immutable; batches add up in any order. Kept as the mean of the invariant coordinates, which
 * merges without cancellation (Chan, Golub and LeVeque, 1983).
 */
public final class InvariantMean implements Mergeable<InvariantMean> {
  private final Representation representation;
  private final Matrix invariant; // columns: an orthonormal basis of Fix(rho)
  private final long count;
  private final @Nullable TensorKind kind;
  private final Matrix mean; // [1, invariant.columns]

  private InvariantMean(
      Representation representation,
      Matrix invariant,
      long count,
      @Nullable TensorKind kind,
      Matrix mean) {
    this.representation = representation;
    this.invariant = invariant;
    this.count = count;
    this.kind = kind;
    this.mean = mean;
  }

  /**
   * The mean of no samples yet.
   *
   * @param representation how the samples transform
   * @return the empty mean
   */
  public static InvariantMean of(Representation representation) {
    IsotypicDecomposition decomposition = IsotypicDecomposition.of(representation);
    int fixed =
        decomposition
            .block(representation.group().trivialIrrep())
            .map(IsotypicDecomposition.Block::multiplicity)
            .orElse(0);
    Matrix invariant = decomposition.changeOfBasis().columns(IntStream.range(0, fixed).toArray());
    return new InvariantMean(
        representation, invariant, 0, null, Matrix.of(1, fixed, new double[fixed]));
  }

  /**
   * The mean with a state.
   *
   * @param state what {@link #state} gave
   * @return the same mean again
   * @throws IllegalArgumentException if it is the state of something else
   */
  public static InvariantMean of(MergeableState state) {
    return of(state.representation("x"), state, "mean");
  }

  static InvariantMean of(Representation representation, MergeableState state, String name) {
    InvariantMean empty = of(representation);
    return new InvariantMean(
        representation,
        empty.invariant,
        state.count(MergeableState.COUNT),
        state.kind(),
        state.matrix(name, 1, empty.invariant.columns()));
  }

  @Override
  public MergeableState state() {
    return MergeableState.of(
        Map.of("x", representation),
        Map.of(MergeableState.COUNT, count),
        kind,
        Map.of("mean", mean));
  }

  /** What the samples were; null where there are none. */
  @Nullable TensorKind kind() {
    return kind;
  }

  /** In the invariant coordinates, {@code [1, multiplicity]}. */
  Matrix coordinates() {
    return mean;
  }

  /**
   * Adds samples.
   *
   * @param x {@code [N, size]}
   * @return the mean of these samples and those before
   * @throws IllegalArgumentException if the size, dtype or device does not fit, or a number is NaN
   *     or infinite
   */
  public InvariantMean plus(Tensor x) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Samples samples = Samples.of(x, representation.size(), "x", representation);
      InvariantMean sum = this;
      long length = Samples.pieceLength(representation.size());
      for (long start = 0; start < samples.count(); start += length) {
        long rows = Math.min(length, samples.count() - start);
        try (PointerScope inner = new PointerScope()) {
          sum = sum.plus(ofPiece(samples.piece(start, rows), rows, samples.kind()));
        }
      }
      return sum;
    }
  }

  /** The mean of one float64 piece alone. */
  InvariantMean ofPiece(Tensor piece, long rows, TensorKind of) {
    double[] plain = Tensors.toArray(piece.mean(0L));
    Matrix own = Matrix.of(1, plain.length, plain).times(invariant);
    return new InvariantMean(representation, invariant, rows, of, own);
  }

  /**
   * Merges two data sets.
   *
   * @param other a mean over the same representation
   * @return the mean of the samples of both
   * @throws IllegalArgumentException if the representations differ in size or basis, or the samples
   *     in dtype or device
   */
  @Override
  public InvariantMean plus(InvariantMean other) {
    require(
        invariant.equals(other.invariant),
        "only means over the same representation merge, got %s and %s",
        representation,
        other.representation);
    if (other.kind == null) {
      return this;
    }
    if (kind == null) {
      return other;
    }
    kind.requireSame(other.kind);
    double share = (double) other.count / (count + other.count);
    Matrix merged = mean.plus(other.shiftFrom(this).scale(share));
    return new InvariantMean(representation, invariant, count + other.count, kind, merged);
  }

  /** The difference of two means in invariant coordinates, {@code [1, multiplicity]}. */
  Matrix shiftFrom(InvariantMean other) {
    return mean.plus(other.mean.scale(-1));
  }

  /**
   * How the samples transform.
   *
   * @return the representation
   */
  public Representation representation() {
    return representation;
  }

  /**
   * The number of samples so far.
   *
   * @return N
   */
  @Override
  public long count() {
    return count;
  }

  /** What the samples were; refuses where there are none. */
  TensorKind requireSamples() {
    return requirePresent(kind, "a mean needs at least 1 sample, got 0; add some with plus(x)");
  }

  /** The mean in float64 on a device, {@code [size]}. */
  Tensor float64(TensorKind where) {
    return where.float64(mean.timesTranspose(invariant)).reshape(-1);
  }

  /**
   * The mean.
   *
   * @return an invariant vector {@code [size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are no samples
   */
  public Tensor mean() {
    TensorKind own = requireSamples();
    return Scopes.compute(
        () -> own.convert(float64(new TensorKind(ScalarType.Double, own.device()))));
  }

  /** The representation and the number of samples. */
  @Override
  public String toString() {
    return "InvariantMean(" + representation + ", " + count + " samples)";
  }
}
