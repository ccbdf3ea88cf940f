package dev.noether.nn.distribution;

import dev.noether.algebra.Matrix;
import dev.noether.basis.BlockDiagonal;
import dev.noether.basis.IsotypicBasis;
import dev.noether.group.Irrep;
import dev.noether.nn.BasisUse;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.spectral.Coordinates;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Reads a normal distribution on a symmetric space off a vector of features, so that p(rho(g) y |
 * rho_in(g) u) = p(y | u).
 *
 * <p>The features are the mean, then invariant numbers: the log-variance of every copy of an irrep
 * in the order of {@link Representation#irreps()}; with a {@linkplain NormalCovariance#FULL full}
 * covariance also the entries below the diagonal of each block's Cholesky factor over the irrep's
 * endomorphisms, blocks in isotypic order, [copy, earlier copy, endomorphism], last fastest. Every
 * value of the features is a distribution: a variance is exp(l) + 1e-6, with l up to 79 in float32
 * and 638 in float64, and by Schur's lemma L L^* over all such factors is every positive definite
 * matrix that commutes with the group.
 *
 * <p>A layer before this one maps into {@link #in()}.
 */
public final class EquivariantMultivariateNormal extends Layer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantMultivariateNormal> TYPE =
      LayerType.of(
              EquivariantMultivariateNormal.class, layer -> List.of(new BasisUse.Coordinates()))
          .representation("out", EquivariantMultivariateNormal::out)
          .setting(
              "covariance", EquivariantMultivariateNormal::covariance, NormalCovariance.DIAGONAL)
          .builds(
              s ->
                  new EquivariantMultivariateNormal(
                      s.representation("out"),
                      s.constant(NormalCovariance.class, "covariance"),
                      s.dtype()));

  private static final double SMALLEST_VARIANCE = 1e-6;

  /** Of the logarithm of the largest number, so that variances and what is made of them exist. */
  private static final double LARGEST_LOG = 0.9;

  /** Where one block's factor finds its entries, and their signs. */
  private record Plan(
      IsotypicDecomposition.Block block,
      Tensor copies,
      int start,
      int count,
      Tensor index,
      Tensor sign) {
    int endomorphisms() {
      return block.irrep().type().endomorphismDimension();
    }
  }

  /** Into the basis in which the covariance is scales and factors of copies, and back. */
  private record Coordinate(UnaryOperator<Tensor> of, UnaryOperator<Tensor> vectors) {}

  private final Representation out;
  private final Representation in;
  private final NormalCovariance covariance;
  private final Tensor perCoordinate;
  private final BlockDiagonal squares;
  private final Coordinate basis;
  private final Tensor dimensions;
  private final List<Plan> plans = new ArrayList<>();

  /**
   * The layer of a space.
   *
   * @param out how the random vector transforms
   * @param covariance which covariances it may have
   * @param dtype the dtype of the layer
   */
  public EquivariantMultivariateNormal(
      Representation out, NormalCovariance covariance, Dtype dtype) {
    LibTorch.load();
    this.out = requireSpace(out, EquivariantMultivariateNormal.class);
    this.covariance = covariance;
    List<Irrep> irreps = out.irreps();
    perCoordinate = registerBuffer("copies", Coordinates.copies(out), false);
    registerDerived("idx", () -> Coordinates.copies(out));
    registerDerived(
        "Q2_T", () -> Tensors.of(Dtype.FLOAT64, squared(out.changeOfBasis()).transpose()));
    double[] sizes = irreps.stream().mapToDouble(Irrep::dimension).toArray();
    dimensions = registerBuffer("irrep_dims", Tensors.of(dtype, sizes, sizes.length), false);
    squares =
        new BlockDiagonal(
            out.summands().stream().map(summand -> squared(summand.changeOfBasis())).toList(),
            dtype);
    registerBuffers("squares.", squares.buffers());
    int parameters = irreps.size();
    if (covariance == NormalCovariance.DIAGONAL) {
      BlockDiagonal turn = BlockDiagonal.changeOfBasis(out, dtype);
      registerBuffers("basis.", turn.buffers());
      basis = new Coordinate(turn::times, turn::timesTranspose);
    } else {
      IsotypicDecomposition decomposition = IsotypicDecomposition.of(out);
      TensorKind kind = new TensorKind(dtype.scalarType(), ComputeDevice.CPU);
      IsotypicBasis isotypic = IsotypicBasis.of(decomposition, kind);
      registerBuffers("basis.", isotypic.buffers());
      basis = new Coordinate(isotypic::coordinates, isotypic::vectors);
      for (IsotypicDecomposition.Block block : decomposition.blocks()) {
        Plan plan = plan(block, parameters, dtype);
        plans.add(plan);
        parameters += plan.count;
      }
    }
    in = out.plus(Representation.trivial(out.group()).times(parameters));
  }

  private static Matrix squared(Matrix matrix) {
    double[] entries = matrix.toArray();
    for (int i = 0; i < entries.length; i++) {
      entries[i] *= entries[i];
    }
    return Matrix.of(matrix.rows(), matrix.columns(), entries);
  }

  private Plan plan(IsotypicDecomposition.Block block, int start, Dtype dtype) {
    long m = block.multiplicity();
    int s = block.irrep().type().endomorphismDimension();
    int side = (int) m * s;
    int offDiagonal = (int) (m * (m - 1) / 2 * s);
    long[] index = new long[side * side];
    double[] sign = new double[side * side];
    List<Matrix> units = block.irrep().units();
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int i = row / s;
        int j = column / s;
        int at = row * side + column;
        index[at] = m + offDiagonal; // a zero
        if (row == column) {
          index[at] = i;
          sign[at] = 1;
        }
        for (int e = 0; i > j && e < s; e++) {
          double entry = units.get(e).get(row % s, column % s);
          if (entry != 0) {
            index[at] = m + (i * (i - 1L) / 2 + j) * s + e;
            sign[at] = entry;
          }
        }
      }
    }
    long[] copies =
        IntStream.range(0, out.irreps().size())
            .filter(i -> out.irreps().get(i).equals(block.irrep()))
            .asLongStream()
            .toArray();
    String name = "block_" + block.irrep().id().toTuple();
    return new Plan(
        block,
        registerBuffer(name + ".copies", Tensors.of(copies, copies.length), false),
        start,
        offDiagonal,
        registerBuffer(name + ".index", Tensors.of(index, index.length), false),
        registerBuffer(name + ".sign", Tensors.of(dtype, sign, sign.length), false));
  }

  /**
   * How the features transform: as the random vector, and then not at all.
   *
   * @return {@code out} and as many trivial summands as there are covariance parameters
   */
  public Representation in() {
    return in;
  }

  /**
   * How the random vector transforms.
   *
   * @return out
   */
  public Representation out() {
    return out;
  }

  /**
   * Which covariances it may have.
   *
   * @return diagonal or full
   */
  public NormalCovariance covariance() {
    return covariance;
  }

  /**
   * The number of covariance parameters.
   *
   * @return {@code in().size() - out().size()}
   */
  public int parameterCount() {
    return in.size() - out.size();
  }

  /**
   * The distribution of features.
   *
   * @param input {@code [..., in.size]}
   * @return a distribution over {@code [..., out.size]}; it reads the features when asked, so they
   *     must live as long as it
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  public MultivariateNormal forward(Tensor input) {
    Tensors.requireInput(input, in.size(), "in.size()", in, dimensions);
    return new MultivariateNormal(this, input);
  }

  Tensor mean(Tensor input) {
    return input.narrow(-1, 0, out.size());
  }

  private Tensor copyVariances(Tensor input) {
    return input
        .narrow(-1, out.size(), out.irreps().size())
        .clamp_max(new Scalar(LARGEST_LOG * StrictMath.log(Dtype.of(input).largest())))
        .exp()
        .add(new Scalar(SMALLEST_VARIANCE));
  }

  /** The diagonal of a diagonal kind's covariance in the user's basis. */
  Tensor diagonal(Tensor input) {
    return squares.timesTranspose(copyVariances(input).index_select(-1, perCoordinate));
  }

  /** Half the logarithm of the determinant: one term for every copy, of d coordinates each. */
  Tensor halfLogDeterminant(Tensor input) {
    return copyVariances(input).log().matmul(dimensions).mul(new Scalar(0.5));
  }

  /** Standard noise {@code [..., n]} to noise of the covariance. */
  Tensor color(Tensor input, Tensor noise) {
    return basis.vectors.apply(scaled(input, noise, false));
  }

  /** A residual {@code [..., n]} to standard noise. */
  Tensor whiten(Tensor input, Tensor residual) {
    return scaled(input, basis.of.apply(residual), true);
  }

  private Tensor scaled(Tensor input, Tensor coordinates, boolean inverse) {
    Tensor deviations = copyVariances(input).sqrt();
    if (covariance == NormalCovariance.DIAGONAL) {
      Tensor scale = deviations.index_select(-1, perCoordinate);
      return inverse ? coordinates.div(scale) : coordinates.mul(scale);
    }
    Tensor[] parts =
        plans.stream()
            .map(plan -> scaled(plan, input, deviations, coordinates, inverse))
            .toArray(Tensor[]::new);
    return Tensors.concatenate(-1, parts);
  }

  /** One block: a real triangular factor acts on the copies, the same on all d / S columns. */
  private Tensor scaled(
      Plan plan, Tensor input, Tensor deviations, Tensor coordinates, boolean inverse) {
    long side = (long) plan.block.multiplicity() * plan.endomorphisms();
    long[] leading = dropLast(Tensors.shape(input));
    Tensor free = input.narrow(-1, (long) out.size() + plan.start, plan.count);
    Tensor entries =
        Tensors.concatenate(
            -1,
            deviations.index_select(-1, plan.copies),
            free,
            input.new_zeros(append(leading, 1)));
    Tensor factor =
        entries.index_select(-1, plan.index).mul(plan.sign).reshape(append(leading, side, side));
    long[] shape = dropLast(Tensors.shape(coordinates));
    Tensor columns =
        coordinates
            .narrow(-1, plan.block.start(), plan.block.dimension())
            .reshape(append(shape, side, plan.block.dimension() / side));
    Tensor scaled =
        inverse ? Tensors.inDtypeOf(columns, solved(factor, columns)) : factor.matmul(columns);
    return scaled.reshape(
        append(dropLast(dropLast(Tensors.shape(scaled))), plan.block.dimension()));
  }

  /** LibTorch solves in no 16 bits on the CPU. */
  private static Tensor solved(Tensor factor, Tensor columns) {
    return torch.linalg_solve_triangular(Tensors.wide(factor), Tensors.wide(columns), false);
  }

  private static long[] dropLast(long[] shape) {
    return Arrays.copyOf(shape, shape.length - 1);
  }

  private static long[] append(long[] leading, long... last) {
    long[] shape = Arrays.copyOf(leading, leading.length + last.length);
    System.arraycopy(last, 0, shape, leading.length, last.length);
    return shape;
  }

  @Override
  public String toString() {
    return "EquivariantMultivariateNormal(" + out + ", " + covariance + ")";
  }
}
