package dev.noether.nn.symmetry;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * Projections of dense maps on components of the action g: W to rho_out(g) W rho_in(g)^-1. The
 * component of an irrep of dimension d with S endomorphisms is the mean over the group of d / S
 * times the character times the image of W.
 */
final class Components {
  private static final long MOST_ENTRIES = 1L << 26;

  private final Representation in;
  private final Representation out;
  private final Tensor left;
  private final Tensor right;
  private final Tensor weights;

  private Components(
      Representation in, Representation out, Tensor left, Tensor right, Tensor weights) {
    this.in = in;
    this.out = out;
    this.left = left;
    this.right = right;
    this.weights = weights;
  }

  /** The projection on the sum of some components; its tensors go to {@code buffers}. */
  static Components of(
      Representation in,
      Representation out,
      List<FiniteIrrep> irreps,
      Dtype dtype,
      Buffers buffers) {
    FiniteGroup group = in.finiteGroup();
    long entries =
        (long) group.order() * (in.size() * (long) in.size() + out.size() * (long) out.size());
    require(
        entries <= MOST_ENTRIES,
        "components of maps from %s to %s need the matrices of all %d elements, %d numbers; at most"
            + " %d are kept",
        in,
        out,
        group.order(),
        entries,
        MOST_ENTRIES);
    double[] weights = new double[group.order()];
    for (FiniteIrrep irrep : irreps) {
      double share = (double) irrep.dimension() / irrep.type().endomorphismDimension();
      for (int g = 0; g < weights.length; g++) {
        weights[g] += share * irrep.character(g) / weights.length;
      }
    }
    return new Components(
        in,
        out,
        add(buffers, "left", dtype, wide -> stacked(out, wide)),
        add(buffers, "right", dtype, wide -> stacked(in, wide)),
        add(buffers, "weights", dtype, wide -> Tensors.of(wide, weights, weights.length, 1, 1)));
  }

  private static Tensor add(
      Buffers buffers, String name, Dtype dtype, Function<Dtype, Tensor> numbers) {
    return buffers.add(name, numbers.apply(dtype), () -> numbers.apply(Dtype.FLOAT64));
  }

  private static Tensor stacked(Representation rho, Dtype dtype) {
    FiniteGroup group = rho.finiteGroup();
    int size = rho.size();
    double[] all = new double[group.order() * size * size];
    for (int g = 0; g < group.order(); g++) {
      Matrix matrix = rho.at(group.element(g));
      System.arraycopy(matrix.toArray(), 0, all, g * size * size, size * size);
    }
    return Tensors.of(dtype, all, group.order(), size, size);
  }

  /** The part of a map in these components, {@code [out.size, in.size]}. */
  Tensor ofMap(Tensor map) {
    // sum_g a_g rho_out(g) W rho_in(g)^T: all left products at once, then one product of rows.
    long order = left.size(0);
    Tensor moved = left.reshape(-1, out.size()).matmul(map).view(order, out.size(), in.size());
    Tensor weighted = moved.mul(weights).permute(1, 0, 2).reshape(out.size(), -1);
    return weighted.matmul(right.permute(0, 2, 1).reshape(-1, in.size()));
  }

  /** The part of a vector of the output in these components. */
  Tensor ofVector(Tensor vector) {
    return left.mul(weights).sum(0).mv(vector);
  }

  /** All irreps but the trivial one. */
  static List<FiniteIrrep> nontrivial(FiniteGroup group) {
    return group.irreps().stream().filter(irrep -> !irrep.isTrivial()).toList();
  }
}
