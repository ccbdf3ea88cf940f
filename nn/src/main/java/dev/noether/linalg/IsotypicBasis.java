package dev.noether.linalg;

import dev.noether.algebra.Matrix;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The isotypic basis of a representation as a tensor, and signals seen in it.
 *
 * <p>In isotypic coordinates x Q the copies of one irrep stand together, block by block in the
 * order of {@link IsotypicDecomposition}. All methods let gradients through. The tensor lives as
 * long as the scope in which the basis was made.
 */
public final class IsotypicBasis {
  private final IsotypicDecomposition decomposition;
  private final TensorKind kind;
  private final Tensor q;

  private IsotypicBasis(IsotypicDecomposition decomposition, TensorKind kind, Tensor q) {
    this.decomposition = decomposition;
    this.kind = kind;
    this.q = q;
  }

  /**
   * The basis in a dtype, on a device.
   *
   * @param decomposition the decomposition of the representation
   * @param kind dtype and device of the signals
   * @return the basis
   */
  public static IsotypicBasis of(IsotypicDecomposition decomposition, TensorKind kind) {
    Tensor q = Scopes.compute(() -> kind.convert(kind.float64(decomposition.changeOfBasis())));
    return new IsotypicBasis(decomposition, kind, q);
  }

  /**
   * The basis for a signal.
   *
   * @param representation how the signal transforms
   * @param like a tensor of the signal's dtype and device
   * @return the basis
   */
  static IsotypicBasis of(Representation representation, Tensor like) {
    return of(IsotypicDecomposition.of(representation), TensorKind.of(like));
  }

  /**
   * The blocks.
   *
   * @return the decomposition
   */
  public IsotypicDecomposition decomposition() {
    return decomposition;
  }

  /**
   * The matrix Q.
   *
   * @return {@code [size, size]}
   */
  public Tensor changeOfBasis() {
    return q;
  }

  /**
   * Turns a signal into isotypic coordinates.
   *
   * @param x {@code [..., size]}
   * @return x Q, {@code [..., size]}
   */
  public Tensor coordinates(Tensor x) {
    return x.matmul(q);
  }

  /**
   * Turns isotypic coordinates back into a signal.
   *
   * @param coordinates {@code [..., size]}
   * @return their product with Q^T, {@code [..., size]}
   */
  public Tensor vectors(Tensor coordinates) {
    return coordinates.matmul(q.t());
  }

  /**
   * The copies of one irrep.
   *
   * @param coordinates {@code [..., size]}
   * @param block a block of the decomposition
   * @return a view {@code [..., multiplicity, dimension]}
   */
  public static Tensor copies(Tensor coordinates, IsotypicDecomposition.Block block) {
    long[] shape = Tensors.shape(coordinates);
    long[] split = Arrays.copyOf(shape, shape.length + 1);
    split[shape.length - 1] = block.multiplicity();
    split[shape.length] = block.irrep().dimension();
    return coordinates.narrow(-1, block.start(), block.dimension()).reshape(split);
  }

  /**
   * One irrep's samples with the irrep's coordinates as further samples: column i holds copy i.
   *
   * @param coordinates {@code [N, size]}
   * @param block a block of the decomposition
   * @return {@code [N * dimension, multiplicity]}
   */
  public static Tensor stacked(Tensor coordinates, IsotypicDecomposition.Block block) {
    return copies(coordinates, block).transpose(-2, -1).reshape(-1, block.multiplicity());
  }

  /**
   * The same with each copy seen through all endomorphisms of the irrep: column (i, s) holds Psi_s
   * applied to copy i. The equivariant maps out of the block are exactly the linear combinations of
   * these columns.
   *
   * @param coordinates {@code [N, size]}
   * @param block a block of the decomposition
   * @return {@code [N * dimension, multiplicity * S]}, the endomorphism fastest
   */
  public Tensor stackedOverEndomorphisms(Tensor coordinates, IsotypicDecomposition.Block block) {
    List<Matrix> endomorphisms = block.irrep().endomorphismBasis();
    if (endomorphisms.size() == 1) {
      return stacked(coordinates, block);
    }
    long d = block.irrep().dimension();
    Tensor[] rows =
        endomorphisms.stream()
            .map(psi -> kind.convert(kind.float64(psi)))
            .toArray(Tensor[]::new); // [S d, d]
    Tensor all = Tensors.concatenate(0, rows);
    return copies(coordinates, block)
        .matmul(all.t()) // [N, m, S d]
        .reshape(-1, (long) block.multiplicity() * endomorphisms.size(), d)
        .transpose(-2, -1)
        .reshape(-1, (long) block.multiplicity() * endomorphisms.size());
  }
}
