package dev.noether.hom;

import dev.noether.basis.IsotypicBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.torch.Buffers;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Maps between any representations, through their isotypic bases: blocks are expanded, then turned
 * on both sides.
 *
 * <p>Its coefficients are ordered [block, copy out, copy in, endomorphism].
 */
final class IsotypicRealization implements Realization {
  private final HomSpace space;
  private final Buffers buffers = new Buffers();
  private final List<Tensor> endomorphisms = new ArrayList<>();
  private final IsotypicBasis in;
  private final IsotypicBasis out;

  IsotypicRealization(HomSpace space, Dtype dtype) {
    this.space = space;
    for (HomSpace.Block block : space.blocks()) {
      String name = "endomorphisms_" + endomorphisms.size();
      endomorphisms.add(buffers.add(name, Scopes.keep(endomorphisms(block, dtype))));
    }
    in = basis("in.", space.in(), dtype);
    out = basis("out.", space.out(), dtype);
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

  private IsotypicBasis basis(String prefix, IsotypicDecomposition side, Dtype dtype) {
    TensorKind kind = new TensorKind(dtype.scalarType(), ComputeDevice.CPU);
    IsotypicBasis basis = IsotypicBasis.of(side, kind);
    basis.buffers().tensors().values().forEach(Scopes::keep);
    buffers.addAll(prefix, basis.buffers());
    return basis;
  }

  @Override
  public Buffers buffers() {
    return buffers;
  }

  @Override
  public Tensor expand(Tensor coefficients) {
    List<Tensor> columns = new ArrayList<>();
    for (IsotypicDecomposition.Block side : space.in().blocks()) {
      Optional<HomSpace.Block> block =
          space.blocks().stream().filter(b -> b.in().equals(side)).findFirst();
      columns.add(
          block.isEmpty()
              ? zeros(coefficients, rows(), side.dimension())
              : column(coefficients, block.get()));
    }
    Tensor isotypic = Tensors.join(-1, columns);
    return out.vectors(in.vectors(isotypic).t()).contiguous();
  }

  private int rows() {
    return space.out().representation().size();
  }

  private static Tensor zeros(Tensor like, int rows, int columns) {
    return like.new_zeros(rows, columns);
  }

  /** What maps the copies of one irrep, with zeros above and below. */
  private Tensor column(Tensor coefficients, HomSpace.Block block) {
    int start = block.out().start();
    int end = start + block.out().dimension();
    int width = block.in().dimension();
    return Tensors.concatenate(
        0,
        zeros(coefficients, start, width),
        expanded(coefficients, block),
        zeros(coefficients, rows() - end, width));
  }

  private Tensor expanded(Tensor coefficients, HomSpace.Block block) {
    int d = block.irrep().dimension();
    int mIn = block.in().multiplicity();
    int mOut = block.out().multiplicity();
    int s = block.irrep().type().endomorphismDimension();
    return coefficients
        .narrow(0, block.start(), block.dim())
        .view((long) mOut * mIn, s)
        .mm(endomorphisms.get(space.blocks().indexOf(block)))
        .view(mOut, mIn, d, d)
        .transpose(1, 2)
        .reshape((long) mOut * d, (long) mIn * d);
  }

  @Override
  public Tensor coefficients(Tensor weight) {
    Tensor isotypic = out.coordinates(in.coordinates(weight).t()).t();
    List<Tensor> parts = new ArrayList<>();
    for (HomSpace.Block block : space.blocks()) {
      int d = block.irrep().dimension();
      int mIn = block.in().multiplicity();
      int mOut = block.out().multiplicity();
      parts.add(
          isotypic
              .narrow(0, block.out().start(), block.out().dimension())
              .narrow(1, block.in().start(), block.in().dimension())
              .reshape(mOut, d, mIn, d)
              .transpose(1, 2)
              .reshape((long) mOut * mIn, (long) d * d)
              .mm(endomorphisms.get(space.blocks().indexOf(block)).t())
              .div(new Scalar((double) d))
              .view(-1));
    }
    return Tensors.join(0, parts);
  }

  @Override
  public Tensor project(Tensor weight) {
    return expand(coefficients(weight));
  }
}
