package dev.noether.hom;

import dev.noether.algebra.Matrix;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Maps between any representations, through their isotypic bases: blocks are expanded, then turned
 * by a dense change of basis on both sides.
 *
 * <p>Its coefficients are ordered [block, copy out, copy in, endomorphism].
 */
final class IsotypicRealization implements Realization {
  private final HomSpace space;
  private final Buffers buffers = new Buffers();
  private final List<Tensor> endomorphisms = new ArrayList<>();
  private final Tensor left;
  private final Tensor right;

  IsotypicRealization(HomSpace space, Dtype dtype) {
    this.space = space;
    for (HomSpace.Block block : space.blocks()) {
      String name = "endomorphisms_" + endomorphisms.size();
      endomorphisms.add(buffers.add(name, Scopes.keep(endomorphisms(block, dtype))));
    }
    right = keep("right", dtype, space.in().changeOfBasis().transpose());
    left = keep("left", dtype, space.out().changeOfBasis());
  }

  /** The endomorphism basis of a block, flat: {@code [S, d d]}. */
  static Tensor endomorphisms(HomSpace.Block block, Dtype dtype) {
    long d = block.irrep().dimension();
    double[] flat =
        block.irrep().endomorphismBasis().stream()
            .flatMapToDouble(m -> Arrays.stream(m.toArray()))
            .toArray();
    return Tensors.of(dtype, flat, flat.length / (d * d), d * d);
  }

  private Tensor keep(String name, Dtype dtype, Matrix matrix) {
    return Scopes.keep(buffers.add(name, dtype, matrix));
  }

  @Override
  public Buffers buffers() {
    return buffers;
  }

  @Override
  public Tensor expand(Tensor coefficients) {
    List<Tensor> columns = new ArrayList<>();
    for (IsotypicDecomposition.Block in : space.in().blocks()) {
      Optional<HomSpace.Block> block =
          space.blocks().stream().filter(b -> b.in().equals(in)).findFirst();
      columns.add(
          block.isEmpty()
              ? coefficients.new_zeros(left.size(0), in.dimension())
              : turned(coefficients, block.get()));
    }
    return right.t().mm(Tensors.concatenate(-1, columns.toArray(Tensor[]::new)).t());
  }

  private Tensor turned(Tensor coefficients, HomSpace.Block block) {
    int d = block.irrep().dimension();
    int mIn = block.in().multiplicity();
    int mOut = block.out().multiplicity();
    int s = block.irrep().type().endomorphismDimension();
    Tensor own =
        coefficients
            .narrow(0, block.start(), block.dim())
            .view((long) mOut * mIn, s)
            .mm(endomorphisms.get(space.blocks().indexOf(block)))
            .view(mOut, mIn, d, d)
            .transpose(1, 2)
            .reshape((long) mOut * d, (long) mIn * d);
    return left.narrow(1, block.out().start(), block.out().dimension()).mm(own);
  }

  @Override
  public Tensor coefficients(Tensor weight) {
    Tensor turned = weight.mm(right.t());
    List<Tensor> parts = new ArrayList<>();
    for (HomSpace.Block block : space.blocks()) {
      int d = block.irrep().dimension();
      int mIn = block.in().multiplicity();
      int mOut = block.out().multiplicity();
      parts.add(
          left.narrow(1, block.out().start(), block.out().dimension())
              .t()
              .mm(turned.narrow(1, block.in().start(), block.in().dimension()))
              .view(mOut, d, mIn, d)
              .transpose(1, 2)
              .reshape((long) mOut * mIn, (long) d * d)
              .mm(endomorphisms.get(space.blocks().indexOf(block)).t())
              .div(new Scalar((double) d))
              .view(-1));
    }
    return Tensors.concatenate(0, parts.toArray(Tensor[]::new));
  }

  @Override
  public Tensor project(Tensor weight) {
    return expand(coefficients(weight));
  }
}
