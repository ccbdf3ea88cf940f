package dev.noether.basis;

import dev.noether.algebra.Matrix;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The isotypic basis of a representation, and signals seen in it.
 *
 * <p>In isotypic coordinates x Q the copies of one irrep stand together, block by block in the
 * order of {@link IsotypicDecomposition}. Each summand of the representation is turned by itself,
 * equal ones in one product: m copies of size n cost m n^2 per sample, not (m n)^2. All methods let
 * gradients through.
 */
public final class IsotypicBasis {
  private final IsotypicDecomposition decomposition;
  private final TensorKind kind;
  private final BlockDiagonal turn;
  private final @Nullable Tensor order;
  private final @Nullable Tensor places;
  private final Buffers buffers = new Buffers();

  private IsotypicBasis(IsotypicDecomposition decomposition, TensorKind kind) {
    this.decomposition = decomposition;
    this.kind = kind;
    turn = new BlockDiagonal(blocks(decomposition), Dtype.FLOAT64);
    buffers.addAll("", turn.buffers());
    int[] sorted = order(decomposition);
    if (isInOrder(sorted)) {
      order = null;
      places = null;
    } else {
      int[] back = new int[sorted.length];
      for (int i = 0; i < sorted.length; i++) {
        back[sorted[i]] = i;
      }
      order = index("order", sorted);
      places = index("places", back);
    }
    buffers.tensors().values().forEach(t -> t.set_data(kind.place(t)));
  }

  private static boolean isSingle(IsotypicDecomposition decomposition) {
    return decomposition.representation().summands().size() == 1;
  }

  /** A single summand is turned and sorted at once. */
  private static List<Matrix> blocks(IsotypicDecomposition decomposition) {
    return isSingle(decomposition)
        ? List.of(decomposition.changeOfBasis())
        : decomposition.representation().summands().stream()
            .map(Representation::changeOfBasis)
            .toList();
  }

  private static int[] order(IsotypicDecomposition decomposition) {
    return isSingle(decomposition)
        ? IntStream.range(0, decomposition.representation().size()).toArray()
        : decomposition.order();
  }

  private static boolean isInOrder(int[] places) {
    return IntStream.range(0, places.length).allMatch(i -> places[i] == i);
  }

  /**
   * The bytes of the tensors that a basis computes with.
   *
   * @param decomposition the decomposition of the representation
   * @param dtype the dtype of the signals
   * @return those of {@link #buffers}
   */
  public static long predictedBytes(IsotypicDecomposition decomposition, Dtype dtype) {
    long numbers = BlockDiagonal.predictedNumbers(blocks(decomposition));
    int[] order = order(decomposition);
    return numbers * dtype.bytes() + (isInOrder(order) ? 0 : 2L * Integer.BYTES * order.length);
  }

  private Tensor index(String name, int[] entries) {
    return buffers.add(name, Tensors.ofIndices(Arrays.stream(entries).asLongStream().toArray()));
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
  public static IsotypicBasis of(Representation representation, Tensor like) {
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
   * Whether the representation is in this basis already.
   *
   * @return true where coordinates are the signal itself
   */
  public boolean isIdentity() {
    return turn.isIdentity() && order == null;
  }

  /**
   * Turns a signal into isotypic coordinates.
   *
   * @param x {@code [..., size]}
   * @return x Q, {@code [..., size]}
   */
  public Tensor coordinates(Tensor x) {
    Tensor turned = turn.times(x);
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
    return turn.timesTranspose(turned);
  }

  /**
   * The tensors that it computes with.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * Q as one matrix.
   *
   * @return {@code [size, size]}, in the dtype and on the device of the signals
   */
  public Tensor dense() {
    Tensor any = buffers.tensors().values().iterator().next();
    return Scopes.compute(
        () -> {
          Tensor q = Tensors.of(Dtype.FLOAT64, decomposition.changeOfBasis());
          return q.to(any.device(), kind.type());
        });
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
