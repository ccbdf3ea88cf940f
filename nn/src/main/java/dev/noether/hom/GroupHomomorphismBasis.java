package dev.noether.hom;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A basis of the equivariant maps between two representations: turns coefficients into dense maps
 * and projects dense maps onto Hom_G(in, out).
 *
 * <p>In the isotypic bases the block of irrep k between copies i and o is the sum over s of
 * theta[o, i, s] Psi_s, with Psi_s the irrep's endomorphisms; a change of basis on both sides gives
 * the dense map. Gradients flow through both operations. The tensors of the basis are its {@link
 * #buffers()}; a layer that holds a basis registers, moves and loads them.
 */
public final class GroupHomomorphismBasis {
  private final HomSpace space;
  private final BasisExpansion expansion;
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  private GroupHomomorphismBasis(HomSpace space, BasisExpansion expansion) {
    this.space = space;
    this.expansion = expansion;
  }

  /**
   * The basis of Hom_G(in, out).
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion how the basis is kept
   * @param dtype the dtype of its tensors
   * @return the basis, on the CPU
   * @throws IllegalArgumentException if the groups differ or no equivariant map but zero exists
   */
  public static GroupHomomorphismBasis of(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    HomSpace space = HomSpace.between(in, out);
    require(
        space.dim() > 0,
        "Hom_G(in, out) must not be empty: %s and %s share no irrep, so zero is the only "
            + "equivariant map; give one side an irrep of the other",
        in,
        out);
    GroupHomomorphismBasis basis = new GroupHomomorphismBasis(space, expansion);
    basis.allocate(dtype);
    return basis;
  }

  private void allocate(Dtype dtype) {
    Matrix qIn = space.in().changeOfBasis();
    Matrix qOut = space.out().changeOfBasis();
    switch (expansion) {
      case ISOTYPIC_EXPANSION -> {
        for (HomSpace.Block block : space.blocks()) {
          int d = block.irrep().dimension();
          double[] flat =
              block.irrep().endomorphismBasis().stream()
                  .flatMapToDouble(m -> Arrays.stream(m.toArray()))
                  .toArray();
          int s = flat.length / (d * d);
          double[] norms = new double[s];
          Arrays.fill(norms, d);
          String id = block.irrep().id().toTuple();
          add("endo_basis_flat_" + id, Tensors.of(dtype, flat, s, (long) d * d));
          add("endo_basis_norm_sq_" + id, Tensors.of(dtype, norms, s));
        }
        add("Q_in_inv", Tensors.of(dtype, qIn.transpose()));
        add("Q_out", Tensors.of(dtype, qOut));
      }
      case MEMORY_HEAVY -> {
        double[] norms = new double[dim()];
        add("basis_elements", denseBasis(dtype, qIn, qOut, norms));
        add("basis_norm_sq", Tensors.of(dtype, norms, dim()));
      }
    }
  }

  private void add(String name, Tensor tensor) {
    buffers.put(name, Scopes.keep(tensor));
  }

  /** The stack of dense basis elements Q_out[:, o] Psi_s Q_in[:, i]^T. */
  private Tensor denseBasis(Dtype dtype, Matrix qIn, Matrix qOut, double[] norms) {
    return Scopes.compute(
        () -> {
          Tensor left = Tensors.of(Dtype.FLOAT64, qOut);
          Tensor right = Tensors.of(Dtype.FLOAT64, qIn);
          List<Tensor> blocks = new ArrayList<>();
          for (HomSpace.Block block : space.blocks()) {
            int d = block.irrep().dimension();
            int mIn = block.in().multiplicity();
            int mOut = block.out().multiplicity();
            Arrays.fill(norms, block.start(), block.start() + block.dim(), d);
            Tensor columnsOut =
                left.narrow(1, block.out().start(), (long) mOut * d).reshape(outSize(), mOut, d);
            Tensor columnsIn =
                right.narrow(1, block.in().start(), (long) mIn * d).reshape(inSize(), mIn, d);
            for (Matrix endomorphism : block.irrep().endomorphismBasis()) {
              Tensor turned = columnsOut.matmul(Tensors.of(Dtype.FLOAT64, endomorphism));
              blocks.add(
                  torch
                      .einsum(
                          "roa,cia->oirc", new org.bytedeco.pytorch.TensorVector(turned, columnsIn))
                      .reshape((long) mOut * mIn, outSize(), inSize()));
            }
          }
          return Tensors.concatenate(0, blocks.toArray(Tensor[]::new))
              .to(dtype.scalarType())
              .contiguous();
        });
  }

  /**
   * The Hom space: blocks, dimension, work and bytes.
   *
   * @return the space
   */
  public HomSpace space() {
    return space;
  }

  /**
   * The representation of the input.
   *
   * @return in
   */
  public Representation in() {
    return space.in().representation();
  }

  /**
   * The representation of the output.
   *
   * @return out
   */
  public Representation out() {
    return space.out().representation();
  }

  /**
   * How the basis is kept.
   *
   * @return the strategy
   */
  public BasisExpansion expansion() {
    return expansion;
  }

  /**
   * The dimension of Hom_G(in, out): the number of coefficients.
   *
   * @return at least 1
   */
  public int dim() {
    return space.dim();
  }

  private long inSize() {
    return in().size();
  }

  private long outSize() {
    return out().size();
  }

  /**
   * The tensors of the basis by their state-dict names. A layer that moves them does so in place.
   *
   * @return an unmodifiable map
   */
  public Map<String, Tensor> buffers() {
    return Collections.unmodifiableMap(buffers);
  }

  private Tensor buffer(String name) {
    Tensor tensor = buffers.get(name);
    if (tensor == null) {
      throw new IllegalStateException("no buffer " + name);
    }
    return tensor;
  }

  private Tensor reference() {
    return buffers.values().iterator().next();
  }

  /**
   * Turns coefficients into dense equivariant maps.
   *
   * @param coefficients {@code [..., dim]}
   * @return the maps, {@code [..., out.size, in.size]}
   * @throws IllegalArgumentException if the last axis is not {@code dim}, or dtype or device differ
   */
  public Tensor expand(Tensor coefficients) {
    Tensors.requireInput(coefficients, dim(), "dim()", description(), reference());
    return Scopes.compute(() -> expandChecked(coefficients));
  }

  private Tensor expandChecked(Tensor coefficients) {
    long[] leading = dropLast(Tensors.shape(coefficients), 1);
    if (expansion == BasisExpansion.MEMORY_HEAVY) {
      return coefficients
          .matmul(buffer("basis_elements").reshape(dim(), -1))
          .reshape(append(leading, outSize(), inSize()));
    }
    Tensor qOut = buffer("Q_out");
    List<Tensor> columns = new ArrayList<>();
    for (IsotypicDecomposition.Block in : space.in().blocks()) {
      HomSpace.Block block = blockOf(in);
      columns.add(
          block == null
              ? coefficients.new_zeros(append(leading, outSize(), in.dimension()))
              : qOut.narrow(1, block.out().start(), block.out().dimension())
                  .matmul(isotypicBlock(coefficients, block, leading)));
    }
    return Tensors.concatenate(-1, columns.toArray(Tensor[]::new)).matmul(buffer("Q_in_inv"));
  }

  private HomSpace.@org.jspecify.annotations.Nullable Block blockOf(
      IsotypicDecomposition.Block in) {
    return space.blocks().stream().filter(block -> block.in().equals(in)).findFirst().orElse(null);
  }

  /** One block in the isotypic bases, {@code [..., m_out d, m_in d]}. */
  private Tensor isotypicBlock(Tensor coefficients, HomSpace.Block block, long[] leading) {
    int d = block.irrep().dimension();
    int mIn = block.in().multiplicity();
    int mOut = block.out().multiplicity();
    int s = block.irrep().type().endomorphismDimension();
    Tensor own = coefficients.narrow(-1, block.start(), block.dim());
    return own.reshape(append(leading, (long) mOut * mIn, s))
        .matmul(buffer("endo_basis_flat_" + block.irrep().id().toTuple()))
        .reshape(append(leading, mOut, mIn, d, d))
        .transpose(-3, -2)
        .reshape(append(leading, (long) mOut * d, (long) mIn * d));
  }

  /**
   * The coefficients of the equivariant map closest to a dense one.
   *
   * @param weight dense maps, {@code [..., out.size, in.size]}
   * @return coefficients, {@code [..., dim]}, in the order that {@link #expand} takes
   * @throws IllegalArgumentException if the last two axes, the dtype or the device differ
   */
  public Tensor coefficients(Tensor weight) {
    requireWeight(weight);
    return Scopes.compute(() -> coefficientsChecked(weight));
  }

  private Tensor coefficientsChecked(Tensor weight) {
    long[] leading = dropLast(Tensors.shape(weight), 2);
    if (expansion == BasisExpansion.MEMORY_HEAVY) {
      return weight
          .reshape(append(leading, outSize() * inSize()))
          .matmul(buffer("basis_elements").reshape(dim(), -1).t())
          .div(buffer("basis_norm_sq"));
    }
    Tensor qOut = buffer("Q_out");
    Tensor turned = weight.matmul(buffer("Q_in_inv").t());
    List<Tensor> parts = new ArrayList<>();
    for (HomSpace.Block block : space.blocks()) {
      int d = block.irrep().dimension();
      int mIn = block.in().multiplicity();
      int mOut = block.out().multiplicity();
      String id = block.irrep().id().toTuple();
      parts.add(
          qOut.narrow(1, block.out().start(), block.out().dimension())
              .t()
              .matmul(turned.narrow(-1, block.in().start(), block.in().dimension()))
              .reshape(append(leading, mOut, d, mIn, d))
              .transpose(-3, -2)
              .reshape(append(leading, (long) mOut * mIn, (long) d * d))
              .matmul(buffer("endo_basis_flat_" + id).t())
              .div(buffer("endo_basis_norm_sq_" + id))
              .reshape(append(leading, block.dim())));
    }
    return Tensors.concatenate(-1, parts.toArray(Tensor[]::new));
  }

  /**
   * Projects dense maps orthogonally onto the equivariant ones, in the Frobenius inner product.
   *
   * <p>The result is the closest equivariant map and the average of rho_out(g) W rho_in(g)^-1 over
   * the group.
   *
   * @param weight dense maps, {@code [..., out.size, in.size]}
   * @return equivariant maps of the same shape
   * @throws IllegalArgumentException if the last two axes, the dtype or the device differ
   */
  public Tensor project(Tensor weight) {
    requireWeight(weight);
    return Scopes.compute(() -> expandChecked(coefficientsChecked(weight)));
  }

  private void requireWeight(Tensor weight) {
    long[] shape = Tensors.shape(weight);
    require(
        shape.length >= 2
            && shape[shape.length - 2] == outSize()
            && shape[shape.length - 1] == inSize(),
        "last axes must be [out.size(), in.size()] = [%d, %d] (%s), got %s",
        outSize(),
        inSize(),
        description(),
        Arrays.toString(shape));
    Tensors.requireInput(weight, inSize(), "in.size()", description(), reference());
  }

  /**
   * Draws coefficients.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   * @param leading leading axes of the result, none for one map
   * @return {@code [leading..., dim]}, without gradient
   */
  public Tensor initialize(Initialization scheme, OptionalLong seed, long... leading) {
    return Scopes.compute(
        () -> {
          try (NoGradGuard guard = new NoGradGuard()) {
            GeneratorOptional generator = generator(seed);
            List<Tensor> parts = new ArrayList<>();
            for (HomSpace.Block block : space.blocks()) {
              int s = block.irrep().type().endomorphismDimension();
              double deviation =
                  scheme.standardDeviation(
                      s * block.in().multiplicity(), s * block.out().multiplicity());
              Tensor part = reference().new_empty(append(leading, block.dim()));
              double bound = Math.sqrt(3) * deviation;
              parts.add(
                  scheme.isNormal()
                      ? part.normal_(0, deviation, generator)
                      : part.uniform_(-bound, bound, generator));
            }
            return Tensors.concatenate(-1, parts.toArray(Tensor[]::new));
          }
        });
  }

  /**
   * Draws dense equivariant maps.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   * @param leading leading axes of the result, none for one map
   * @return {@code [leading..., out.size, in.size]}, without gradient
   */
  public Tensor initializeDense(Initialization scheme, OptionalLong seed, long... leading) {
    return Scopes.compute(() -> expandChecked(initialize(scheme, seed, leading)));
  }

  private static GeneratorOptional generator(OptionalLong seed) {
    if (seed.isEmpty()) {
      return new GeneratorOptional();
    }
    Generator generator = torch.make_generator_cpu(seed.getAsLong());
    return new GeneratorOptional(generator);
  }

  private String description() {
    return "Hom_G of " + in() + " and " + out();
  }

  private static long[] dropLast(long[] shape, int count) {
    return Arrays.copyOf(shape, shape.length - count);
  }

  private static long[] append(long[] leading, long... last) {
    long[] shape = Arrays.copyOf(leading, leading.length + last.length);
    System.arraycopy(last, 0, shape, leading.length, last.length);
    return shape;
  }

  /** The space and the strategy. */
  @Override
  public String toString() {
    return description() + ", " + expansion + ", dim " + dim();
  }
}
