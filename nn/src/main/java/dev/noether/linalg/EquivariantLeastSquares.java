package dev.noether.linalg;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.basis.IsotypicBasis;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.merge.Mergeable;
import dev.noether.merge.MergeableState;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
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
import org.jspecify.annotations.Nullable;

/**
 * Least squares over the equivariant maps: the A in Hom_G(in, out) with the smallest |X A^T - Y|,
 * exactly, from data that comes in any number of batches.
 *
 * <p>In the isotypic bases the problem falls apart by irrep (Schur's lemma). In the block of an
 * irrep of dimension d with S endomorphisms Psi_s, output copy o is the sum over i and s of
 * theta[o, i, s] Psi_s x_i, so every sample gives d equations for the S m_in unknowns of each
 * output copy: complex and quaternionic irreps need no case of their own. Each block is kept as the
 * triangular factor R of a QR decomposition, which batches update and which two data sets merge,
 * without ever forming X^T X: the condition number is the data's, not its square.
 *
 * <p>Immutable: {@code plus} gives a new value, of a size that does not depend on how many samples
 * it has seen. To fit an invariant offset as well, add a trivial summand to {@code in} and a column
 * of ones to X.
 *
 * <pre>{@code
 * Tensor a = EquivariantLeastSquares.between(in, out).plus(x, y).solve();
 * }</pre>
 */
public final class EquivariantLeastSquares implements Mergeable<EquivariantLeastSquares> {
  private final HomSpace space;
  private final long count;
  private final @Nullable TensorKind kind;
  private final List<Matrix> factors;
  private final double energy;
  private final double unreachable;

  private EquivariantLeastSquares(
      HomSpace space,
      long count,
      @Nullable TensorKind kind,
      List<Matrix> factors,
      double energy,
      double unreachable) {
    this.space = space;
    this.count = count;
    this.kind = kind;
    this.factors = List.copyOf(factors);
    this.energy = energy;
    this.unreachable = unreachable;
  }

  /**
   * A problem without data yet.
   *
   * @param in how the rows of X transform
   * @param out how the rows of Y transform
   * @return the empty problem
   * @throws IllegalArgumentException if the groups differ
   */
  public static EquivariantLeastSquares between(Representation in, Representation out) {
    HomSpace space = HomSpace.between(in, out);
    List<Matrix> factors =
        space.blocks().stream().map(b -> Matrix.of(0, unknowns(b) + targets(b))).toList();
    return new EquivariantLeastSquares(space, 0, null, factors, 0, 0);
  }

  /**
   * The problem with a state.
   *
   * @param state what {@link #state} gave
   * @return the same problem again
   * @throws IllegalArgumentException if it is the state of something else
   */
  public static EquivariantLeastSquares of(MergeableState state) {
    EquivariantLeastSquares empty =
        between(state.representation("in"), state.representation("out"));
    List<Matrix> factors = new ArrayList<>();
    for (Matrix none : empty.factors) {
      String name = factor(factors.size());
      int rows = Math.min(state.matrix(name).rows(), none.columns());
      factors.add(state.matrix(name, rows, none.columns()));
    }
    return new EquivariantLeastSquares(
        empty.space,
        state.count(MergeableState.COUNT),
        state.kind(),
        factors,
        state.matrix("energy", 1, 1).get(0, 0),
        state.matrix("unreachable", 1, 1).get(0, 0));
  }

  @Override
  public MergeableState state() {
    Map<String, Matrix> numbers = new LinkedHashMap<>();
    factors.forEach(r -> numbers.put(factor(numbers.size()), r));
    numbers.put("energy", Matrix.of(1, 1, energy));
    numbers.put("unreachable", Matrix.of(1, 1, unreachable));
    return MergeableState.of(
        Map.of("in", in(), "out", out()), Map.of(MergeableState.COUNT, count), kind, numbers);
  }

  private static String factor(int block) {
    return "factor." + block;
  }

  private static int unknowns(HomSpace.Block block) {
    return block.in().multiplicity() * block.irrep().type().endomorphismDimension();
  }

  private static int targets(HomSpace.Block block) {
    return block.out().multiplicity();
  }

  /**
   * Adds samples.
   *
   * @param x {@code [N, in.size]}
   * @param y {@code [N, out.size]}, of the same dtype and device
   * @return the problem with these samples besides those it had
   * @throws IllegalArgumentException if sizes, numbers of samples, dtypes or devices differ, or a
   *     number is NaN or infinite
   */
  public EquivariantLeastSquares plus(Tensor x, Tensor y) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Samples inputs = Samples.of(x, in().size(), "x", in());
      Samples outputs = Samples.of(y, out().size(), "y", out());
      require(
          inputs.count() == outputs.count(),
          "x and y must have as many samples, got %d and %d",
          inputs.count(),
          outputs.count());
      inputs.kind().requireSame(outputs.kind());
      if (inputs.count() == 0) {
        return this;
      }
      if (kind != null) {
        kind.requireSame(inputs.kind());
      }
      TensorKind wide = new TensorKind(ScalarType.Double, inputs.kind().device());
      IsotypicBasis left = IsotypicBasis.of(space.in(), wide);
      IsotypicBasis right = IsotypicBasis.of(space.out(), wide);
      List<Matrix> next = new ArrayList<>(factors);
      double seen = energy;
      double lost = unreachable;
      long length = Samples.pieceLength((long) in().size() + out().size());
      for (long start = 0; start < inputs.count(); start += length) {
        long rows = Math.min(length, inputs.count() - start);
        try (PointerScope inner = new PointerScope()) {
          Tensor from = left.coordinates(inputs.piece(start, rows));
          Tensor to = right.coordinates(outputs.piece(start, rows));
          for (int b = 0; b < next.size(); b++) {
            HomSpace.Block block = space.blocks().get(b);
            Tensor system =
                Tensors.concatenate(
                    1,
                    left.stackedOverEndomorphisms(from, block.in()),
                    IsotypicBasis.stacked(to, block.out()));
            next.set(b, TriangularFactor.of(wide.float64(next.get(b)), system));
          }
          seen += from.mul(from).sum().item().toDouble();
          lost += unreachable(to);
        }
      }
      return new EquivariantLeastSquares(
          space, count + inputs.count(), inputs.kind(), next, seen, lost);
    }
  }

  /** The squared length of those parts of Y whose irrep X does not contain. */
  private double unreachable(Tensor coordinates) {
    double sum = 0;
    for (IsotypicDecomposition.Block block : space.out().blocks()) {
      if (space.blocks().stream().noneMatch(common -> common.out().equals(block))) {
        Tensor part = coordinates.narrow(1, block.start(), block.dimension());
        sum += part.mul(part).sum().item().toDouble();
      }
    }
    return sum;
  }

  /**
   * Merges two data sets.
   *
   * @param other a problem between the same two representations
   * @return the problem with the samples of both
   * @throws IllegalArgumentException if the representations differ in group, irreps or basis, or
   *     the samples in dtype or device
   */
  @Override
  public EquivariantLeastSquares plus(EquivariantLeastSquares other) {
    requireSameBasis(space.in(), other.space.in());
    requireSameBasis(space.out(), other.space.out());
    if (other.kind == null) {
      return this;
    }
    if (kind == null) {
      return other;
    }
    kind.requireSame(other.kind);
    List<Matrix> merged = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      for (int b = 0; b < factors.size(); b++) {
        merged.add(
            TriangularFactor.of(
                Tensors.of(Dtype.FLOAT64, factors.get(b)),
                Tensors.of(Dtype.FLOAT64, other.factors.get(b))));
      }
    }
    return new EquivariantLeastSquares(
        space,
        count + other.count,
        kind,
        merged,
        energy + other.energy,
        unreachable + other.unreachable);
  }

  private static void requireSameBasis(IsotypicDecomposition one, IsotypicDecomposition two) {
    require(
        one.blocks().equals(two.blocks()) && one.changeOfBasis().equals(two.changeOfBasis()),
        "only problems between the same representations merge, got %s and %s",
        one.representation(),
        two.representation());
  }

  /**
   * How X transforms.
   *
   * @return in
   */
  public Representation in() {
    return space.in().representation();
  }

  /**
   * How Y transforms.
   *
   * @return out
   */
  public Representation out() {
    return space.out().representation();
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

  /**
   * The fewest samples in general position that determine the map: the largest of ceil(S m_in / d)
   * over the common irreps.
   *
   * @return the number of samples, 0 where in and out share no irrep
   */
  public long requiredSamples() {
    return space.blocks().stream().mapToLong(EquivariantLeastSquares::required).max().orElse(0);
  }

  private static long required(HomSpace.Block block) {
    int d = block.irrep().dimension();
    return (unknowns(block) + d - 1L) / d;
  }

  /**
   * The minimiser of |X A^T - Y|; where the data leaves a choice, the one of smallest Frobenius
   * norm.
   *
   * <p>Singular values of a block below 1e-12 of its largest, or below 1e-14 of |X|, count as zero;
   * for samples of less than 64 bits the bounds are 1e-6 and 1e-8.
   *
   * @return A in Hom_G(in, out), {@code [out.size, in.size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are no samples
   */
  public Tensor solve() {
    return assemble(0);
  }

  /**
   * The minimiser of |X A^T - Y|^2 + ridge |A|^2, in Frobenius norms.
   *
   * @param ridge not negative; 0 gives {@link #solve()}
   * @return A in Hom_G(in, out), {@code [out.size, in.size]}, in the samples' dtype
   * @throws IllegalArgumentException if there are no samples or the ridge is negative or not finite
   */
  public Tensor solve(double ridge) {
    require(
        ridge >= 0 && Double.isFinite(ridge),
        "ridge must be a finite number of at least 0, got %s",
        ridge);
    return assemble(ridge);
  }

  /**
   * The minimiser, where there is only one.
   *
   * @return A in Hom_G(in, out), {@code [out.size, in.size]}, in the samples' dtype
   * @throws IllegalArgumentException if the samples do not determine the map; the message says how
   *     many would
   */
  public Tensor solveUnique() {
    requireSamples();
    require(
        count >= requiredSamples(),
        "the map needs at least %d samples to be determined, got %d; add samples, or take the "
            + "smallest of the maps that fit with solve()",
        requiredSamples(),
        count);
    for (int b = 0; b < factors.size(); b++) {
      HomSpace.Block block = space.blocks().get(b);
      int rank;
      try (PointerScope scope = new PointerScope()) {
        rank = solver(b).rank();
      }
      require(
          rank == unknowns(block),
          "the samples determine %d of %d unknowns at %s though %d samples are enough in general "
              + "position; add samples that differ more, use a ridge, or take solve()",
          rank,
          unknowns(block),
          block.irrep(),
          requiredSamples());
    }
    return assemble(0);
  }

  private BlockSolver solver(int b) {
    double tolerance = requireSamples().type() == ScalarType.Double ? 1e-12 : 1e-6;
    double noise = 0.01 * tolerance * Math.sqrt(energy);
    return BlockSolver.of(factors.get(b), unknowns(space.blocks().get(b)), tolerance, noise);
  }

  private TensorKind requireSamples() {
    return requirePresent(kind, "least squares needs samples, got none; add some with plus(x, y)");
  }

  private Tensor assemble(double ridge) {
    TensorKind own = requireSamples();
    return Scopes.compute(
        () -> {
          if (space.dim() == 0) {
            double[] zeros = new double[Matrix.entries(out().size(), in().size())];
            return own.convert(Tensors.of(Dtype.FLOAT64, zeros, out().size(), in().size()));
          }
          List<Tensor> parts = new ArrayList<>();
          for (int b = 0; b < factors.size(); b++) {
            HomSpace.Block block = space.blocks().get(b);
            // |A|^2 is the sum of d theta^2 over the blocks
            parts.add(solver(b).solve(ridge * block.irrep().dimension()).t().reshape(-1));
          }
          Tensor coefficients = Tensors.concatenate(0, parts.toArray(Tensor[]::new));
          return own.convert(basis().expand(coefficients));
        });
  }

  private GroupHomomorphismBasis basis() {
    return GroupHomomorphismBasis.of(in(), out(), BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
  }

  /**
   * The squared error of an equivariant map over all samples so far, without the samples.
   *
   * @param map A in Hom_G(in, out), {@code [out.size, in.size]}
   * @return |X A^T - Y|^2 in the Frobenius norm
   * @throws IllegalArgumentException if the shape does not fit or the map is not equivariant to
   *     1e-4 of its largest entry
   */
  public double squaredError(Tensor map) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor wide = map.to(ComputeDevice.CPU.toTorch(), ScalarType.Double);
      double defect =
          EquivariantMaps.orthogonalProjection(wide, in(), out())
              .sub(wide)
              .abs()
              .max()
              .item()
              .toDouble();
      double largest = wide.abs().max().item().toDouble();
      require(
          defect <= 1e-4 * largest,
          "the map must be equivariant, got one that is %.3g from its projection with largest "
              + "entry %.3g; project it with EquivariantMaps",
          defect,
          largest);
      double sum = unreachable;
      if (space.dim() > 0) {
        Tensor coefficients = basis().coefficients(wide);
        for (int b = 0; b < factors.size(); b++) {
          sum += squaredError(space.blocks().get(b), factors.get(b), coefficients);
        }
      }
      return sum;
    }
  }

  /** |R [theta; -I]|^2 of one block. */
  private static double squaredError(HomSpace.Block block, Matrix factor, Tensor coefficients) {
    Tensor r = Tensors.of(Dtype.FLOAT64, factor);
    Tensor theta =
        coefficients
            .narrow(0, block.start(), block.dim())
            .reshape(targets(block), unknowns(block))
            .t();
    Tensor error =
        r.narrow(1, 0, unknowns(block))
            .matmul(theta)
            .sub(r.narrow(1, unknowns(block), targets(block)));
    return error.mul(error).sum().item().toDouble();
  }

  /** The problem and the number of samples. */
  @Override
  public String toString() {
    return "EquivariantLeastSquares(" + in() + " to " + out() + ", " + count + " samples)";
  }
}
