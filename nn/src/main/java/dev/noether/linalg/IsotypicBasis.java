package dev.noether.linalg;

import dev.noether.algebra.Matrix;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The isotypic basis of a representation, and signals seen in it.
 *
 * <p>In isotypic coordinates x Q the copies of one irrep stand together, block by block in the
 * order of {@link IsotypicDecomposition}. Each summand of the representation is turned by itself,
 * equal ones in one product: m copies of size n cost m n^2 per sample, not (m n)^2. All methods let
 * gradients through. The tensors live as long as the scope in which the basis was made.
 */
public final class IsotypicBasis {
  /** Equal summands next to each other, and their change of basis. */
  private record Run(int start, int count, Matrix q, Tensor basis) {
    static Run of(int start, int count, Matrix q, TensorKind kind) {
      return new Run(start, count, q, Scopes.compute(() -> kind.convert(kind.float64(q))));
    }

    /** The features of the run, each summand times the matrix. */
    Tensor times(Tensor x, Tensor matrix) {
      long width = (long) count * q.rows();
      Tensor own = width == x.size(-1) ? x : x.narrow(-1, start, width);
      long[] shape = Tensors.shape(own);
      return own.reshape(-1, q.rows()).matmul(matrix).reshape(shape);
    }
  }

  private final IsotypicDecomposition decomposition;
  private final TensorKind kind;
  private final List<Run> runs = new ArrayList<>();
  private final @Nullable Tensor order;
  private final @Nullable Tensor places;

  private IsotypicBasis(IsotypicDecomposition decomposition, TensorKind kind) {
    this.decomposition = decomposition;
    this.kind = kind;
    List<Representation> summands = decomposition.representation().summands();
    if (summands.size() == 1) {
      runs.add(Run.of(0, 1, decomposition.changeOfBasis(), kind));
      order = null;
      places = null;
      return;
    }
    int start = 0;
    for (int first = 0, end; first < summands.size(); first = end) {
      Representation summand = summands.get(first);
      end = first + 1;
      while (end < summands.size() && summands.get(end).equals(summand)) {
        end++;
      }
      runs.add(Run.of(start, end - first, summand.changeOfBasis(), kind));
      start += (end - first) * summand.size();
    }
    int[] sorted = decomposition.order();
    int[] back = new int[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      back[sorted[i]] = i;
    }
    order = index(sorted);
    places = index(back);
  }

  private Tensor index(int[] entries) {
    Tensor tensor = Tensors.ofIndices(Arrays.stream(entries).asLongStream().toArray());
    return tensor.to(kind.device().toTorch(), ScalarType.Int);
  }

  /**
   * The basis in a dtype, on a device.
   *
   * @param decomposition the decomposition of the representation
   * @param kind dtype and device of the signals
   * @return the basis
   */
  public static IsotypicBasis of(IsotypicDecomposition decomposition, TensorKind kind) {
    return new IsotypicBasis(decomposition, kind);
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
   * Turns a signal into isotypic coordinates.
   *
   * @param x {@code [..., size]}
   * @return x Q, {@code [..., size]}
   */
  public Tensor coordinates(Tensor x) {
    Tensor turned = each(x, Run::basis);
    return order == null ? turned : turned.index_select(-1, order);
  }

  /**
   * Turns isotypic coordinates back into a signal.
   *
   * @param coordinates {@code [..., size]}
   * @return their product with Q^T, {@code [..., size]}
   */
  public Tensor vectors(Tensor coordinates) {
    Tensor turned = places == null ? coordinates : coordinates.index_select(-1, places);
    return each(turned, run -> run.basis.t());
  }

  private Tensor each(Tensor x, Function<Run, Tensor> matrix) {
    Tensor[] parts =
        runs.stream().map(run -> run.times(x, matrix.apply(run))).toArray(Tensor[]::new);
    return parts.length == 1 ? parts[0] : Tensors.concatenate(-1, parts);
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
