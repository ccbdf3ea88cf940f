package dev.noether.stats;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.basis.IsotypicBasis;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.merge.Mergeable;
import dev.noether.merge.MergeableState;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Samples;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The cross-covariance of paired samples and all their joint transforms (rho_x(g) x, rho_y(g) y):
 * equal to that of the data augmented by the whole group, without augmenting.
 *
 * <p>It is the projection onto Hom_G(x, y) of the mean of (y - mean y) (x - mean x)^T, with the
 * invariant means; so only the numbers that span Hom_G are kept, one matrix in multiplicity space
 * for each common irrep. Outside the trivial irrep the means are zero and nothing is centred;
 * inside it, pieces merge by the update of Chan, Golub and LeVeque (1983), so a large offset costs
 * no accuracy.
 *
 * <p>Immutable; batches add up in any order.
 */
public final class CrossCovariance implements Mergeable<CrossCovariance> {
  private final HomSpace space;
  private final InvariantMean meanX;
  private final InvariantMean meanY;
  private final List<Matrix> moments; // per block, [m_out, m_in S]: sums over samples, over d

  private CrossCovariance(
      HomSpace space, InvariantMean meanX, InvariantMean meanY, List<Matrix> moments) {
    this.space = space;
    this.meanX = meanX;
    this.meanY = meanY;
    this.moments = List.copyOf(moments);
  }

  /**
   * The cross-covariance of no samples yet.
   *
   * @param x how the samples of x transform
   * @param y how the samples of y transform
   * @return the empty cross-covariance
   * @throws IllegalArgumentException if the groups differ
   */
  public static CrossCovariance between(Representation x, Representation y) {
    HomSpace space = HomSpace.between(x, y);
    List<Matrix> moments = new ArrayList<>();
    for (HomSpace.Block block : space.blocks()) {
      int rows = block.out().multiplicity();
      int columns = block.dim() / rows;
      moments.add(Matrix.of(rows, columns, new double[Matrix.entries(rows, columns)]));
    }
    return new CrossCovariance(space, InvariantMean.of(x), InvariantMean.of(y), moments);
  }

  /**
   * The cross-covariance with a state.
   *
   * @param state what {@link #state} gave
   * @return the same cross-covariance again
   * @throws IllegalArgumentException if it is the state of something else
   */
  public static CrossCovariance of(MergeableState state) {
    return of(state.representation("x"), state.representation("y"), state, "mean.x", "mean.y");
  }

  static CrossCovariance of(
      Representation x, Representation y, MergeableState state, String meanX, String meanY) {
    HomSpace space = HomSpace.between(x, y);
    List<Matrix> moments = new ArrayList<>();
    for (HomSpace.Block block : space.blocks()) {
      int rows = block.out().multiplicity();
      moments.add(state.matrix(moment(moments.size()), rows, block.dim() / rows));
    }
    return new CrossCovariance(
        space, InvariantMean.of(x, state, meanX), InvariantMean.of(y, state, meanY), moments);
  }

  @Override
  public MergeableState state() {
    Map<String, Matrix> numbers = new LinkedHashMap<>();
    numbers.put("mean.x", meanX.coordinates());
    numbers.put("mean.y", meanY.coordinates());
    numbers.putAll(namedMoments());
    return MergeableState.of(
        Map.of("x", x(), "y", y()), Map.of(MergeableState.COUNT, count()), meanX.kind(), numbers);
  }

  /** The sums by the names that a state gives them. */
  Map<String, Matrix> namedMoments() {
    Map<String, Matrix> named = new LinkedHashMap<>();
    moments.forEach(moment -> named.put(moment(named.size()), moment));
    return named;
  }

  private static String moment(int block) {
    return "moment." + block;
  }

  /**
   * Adds paired samples.
   *
   * @param x {@code [N, x.size]}
   * @param y {@code [N, y.size]}, of the same dtype and device
   * @return the cross-covariance of these samples and those before
   * @throws IllegalArgumentException if sizes, numbers of samples, dtypes or devices differ, or a
   *     number is NaN or infinite
   */
  public CrossCovariance plus(Tensor x, Tensor y) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Samples left = Samples.of(x, x().size(), "x", x());
      Samples right = Samples.of(y, y().size(), "y", y());
      require(
          left.count() == right.count(),
          "x and y must have as many samples, got %d and %d",
          left.count(),
          right.count());
      left.kind().requireSame(right.kind());
      return plus(left, right);
    }
  }

  /** Adds samples of x paired with themselves; only where x and y are one representation. */
  CrossCovariance plusPairedWithItself(Tensor x) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Samples samples = Samples.of(x, x().size(), "x", x());
      return plus(samples, samples);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same samples are turned once
  private CrossCovariance plus(Samples left, Samples right) {
    TensorKind wide = new TensorKind(ScalarType.Double, left.kind().device());
    boolean self = left == right;
    IsotypicBasis basisX = IsotypicBasis.of(space.in(), wide);
    IsotypicBasis basisY = self ? basisX : IsotypicBasis.of(space.out(), wide);
    long length = Samples.pieceLength((long) x().size() + y().size());
    CrossCovariance sum = this;
    for (long start = 0; start < left.count(); start += length) {
      long rows = Math.min(length, left.count() - start);
      try (PointerScope inner = new PointerScope()) {
        Tensor pieceX = left.piece(start, rows);
        Tensor pieceY = self ? pieceX : right.piece(start, rows);
        InvariantMean ownX = meanX.ofPiece(pieceX, rows, left.kind());
        InvariantMean ownY = self ? ownX : meanY.ofPiece(pieceY, rows, right.kind());
        Tensor from = basisX.coordinates(pieceX.sub(ownX.float64(wide)));
        Tensor to = self ? from : basisY.coordinates(pieceY.sub(ownY.float64(wide)));
        List<Matrix> own = new ArrayList<>();
        for (HomSpace.Block block : space.blocks()) {
          Tensor moment =
              IsotypicBasis.stacked(to, block.out())
                  .t()
                  .matmul(basisX.stackedOverEndomorphisms(from, block.in()));
          int targets = block.out().multiplicity();
          own.add(
              Matrix.of(targets, block.dim() / targets, Tensors.toArray(moment))
                  .scale(1.0 / block.irrep().dimension()));
        }
        sum = sum.plus(new CrossCovariance(space, ownX, ownY, own));
      }
    }
    return sum;
  }

  /**
   * Merges two data sets.
   *
   * @param other a cross-covariance over the same two representations
   * @return the cross-covariance of the samples of both
   * @throws IllegalArgumentException if the representations differ in irreps or basis, or the
   *     samples in dtype or device
   */
  @Override
  public CrossCovariance plus(CrossCovariance other) {
    require(
        sameBasis(space, other.space),
        "only covariances over the same representations merge, got %s and %s",
        this,
        other);
    if (other.count() == 0) {
      return this;
    }
    if (count() == 0) {
      return other;
    }
    double weight = (double) count() / (count() + other.count()) * other.count();
    List<Matrix> merged = new ArrayList<>();
    for (int b = 0; b < moments.size(); b++) {
      Matrix sum = moments.get(b).plus(other.moments.get(b));
      if (space.blocks().get(b).irrep().isTrivial()) {
        Matrix shiftX = other.meanX.shiftFrom(meanX);
        Matrix shiftY = other.meanY.shiftFrom(meanY);
        sum = sum.plus(shiftY.transpose().times(shiftX).scale(weight));
      }
      merged.add(sum);
    }
    return new CrossCovariance(space, meanX.plus(other.meanX), meanY.plus(other.meanY), merged);
  }

  private static boolean sameBasis(HomSpace one, HomSpace two) {
    return one.blocks().equals(two.blocks())
        && one.in().changeOfBasis().equals(two.in().changeOfBasis())
        && one.out().changeOfBasis().equals(two.out().changeOfBasis());
  }

  /**
   * How x transforms.
   *
   * @return the representation of x
   */
  public Representation x() {
    return space.in().representation();
  }

  /**
   * How y transforms.
   *
   * @return the representation of y
   */
  public Representation y() {
    return space.out().representation();
  }

  /**
   * The number of samples so far.
   *
   * @return N
   */
  @Override
  public long count() {
    return meanX.count();
  }

  /**
   * The invariant mean of x.
   *
   * @return the mean as an accumulator
   */
  public InvariantMean meanX() {
    return meanX;
  }

  /**
   * The invariant mean of y.
   *
   * @return the mean as an accumulator
   */
  public InvariantMean meanY() {
    return meanY;
  }

  HomSpace space() {
    return space;
  }

  List<Matrix> moments() {
    return moments;
  }

  /**
   * The cross-covariance of the augmented data, normalised by its size.
   *
   * @return C in Hom_G(x, y), {@code [y.size, x.size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are no samples
   */
  public Tensor covariance() {
    return covariance(0);
  }

  /**
   * The cross-covariance with N - correction in place of N, the number of samples before
   * augmenting. A correction of 1 is what {@code torch.cov} and symm_learning take; without bias it
   * is only for the trivial irrep, since elsewhere the mean is known to be zero.
   *
   * @param correction from 0 to N - 1
   * @return C in Hom_G(x, y), {@code [y.size, x.size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are not more samples than the correction
   */
  public Tensor covariance(int correction) {
    requireMoreThan(correction);
    TensorKind own = meanX.requireSamples();
    return Scopes.compute(() -> own.convert(float64(correction)));
  }

  void requireMoreThan(int correction) {
    require(correction >= 0, "the correction must not be negative, got %d", correction);
    require(
        count() > correction,
        "a covariance with correction %d needs at least %d sample%s, got %d",
        correction,
        correction + 1L,
        correction == 0 ? "" : "s",
        count());
  }

  /** The covariance in float64 on the CPU. */
  Tensor float64(int correction) {
    int rows = y().size();
    int columns = x().size();
    if (space.dim() == 0) {
      return Tensors.of(Dtype.FLOAT64, new double[Matrix.entries(rows, columns)], rows, columns);
    }
    double[] coefficients = new double[space.dim()];
    for (int b = 0; b < moments.size(); b++) {
      double[] own = moments.get(b).scale(1.0 / (count() - correction)).toArray();
      System.arraycopy(own, 0, coefficients, space.blocks().get(b).start(), own.length);
    }
    return GroupHomomorphismBasis.of(x(), y(), BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64)
        .expand(Tensors.of(Dtype.FLOAT64, coefficients, coefficients.length));
  }

  /** The representations and the number of samples. */
  @Override
  public String toString() {
    return "CrossCovariance(" + x() + ", " + y() + ", " + count() + " samples)";
  }
}
