package dev.noether.nn.activation;

import dev.noether.algebra.Matrix;
import dev.noether.basis.BasisChange;
import dev.noether.basis.BlockDiagonal;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The isometric embedding A of a representation into the fewest copies of the regular one that hold
 * its irreps: features as Fourier coefficients, and the values of their functions at all elements.
 *
 * <p>A small A is kept as one matrix, which takes fewer calls. A large one goes by the bases of the
 * irreps on both sides, between which it only says which copy stands where: work and memory grow
 * with the copies, not with their square.
 */
final class GroupSamples {
  private static final long FEW = 1L << 18;

  private final int size;
  private final int order;
  private final int copies;
  private final Buffers buffers = new Buffers();
  private final Tensor like;
  private final @Nullable Whole whole;
  private final @Nullable ByIrreps byIrreps;

  /** A^T and A. */
  private record Whole(Tensor values, Tensor features) {}

  /**
   * The changes of basis, where each coordinate of the regular copies comes from, one behind the
   * last for zero, and where each of the representation's goes to.
   */
  private record ByIrreps(BlockDiagonal turn, BasisChange regular, Tensor sources, Tensor places) {}

  GroupSamples(Representation representation, Dtype dtype) {
    Representation regular = Representation.regular(representation.finiteGroup());
    int[] places = places(representation, regular);
    size = representation.size();
    order = regular.size();
    copies = 1 + Arrays.stream(places).max().orElse(0) / order;
    if ((long) samples() * size <= FEW) {
      Matrix embedding = embedding(representation, regular, places);
      Tensor features = buffers.add("embedding", dtype, embedding);
      like = features;
      whole = new Whole(buffers.add("samples", dtype, embedding.transpose()), features);
      byIrreps = null;
      return;
    }
    int[] sources = new int[samples()];
    Arrays.fill(sources, size);
    IntStream.range(0, size).forEach(i -> sources[places[i]] = i);
    BlockDiagonal turn = BlockDiagonal.changeOfBasis(representation, dtype);
    BasisChange change = BasisChange.of(regular.changeOfBasis(), dtype);
    buffers.addAll("basis.", turn.buffers());
    buffers.addAll("regular.", change.buffers());
    whole = null;
    byIrreps =
        new ByIrreps(
            turn,
            change,
            buffers.add("sources", Tensors.ofIndices(sources)),
            buffers.add("places", Tensors.ofIndices(places)));
    like = buffers.add("like", Tensors.of(dtype, new double[1], 1));
  }

  /** Where each coordinate in the basis of the irreps stands in those of the regular copies. */
  private static int[] places(Representation representation, Representation regular) {
    IntStream.Builder places = IntStream.builder();
    for (Representation.Copy copy : representation.copies()) {
      List<Representation.Copy> slots = regular.copies(copy.irrep());
      int first =
          copy.number() / slots.size() * regular.size()
              + slots.get(copy.number() % slots.size()).start();
      IntStream.range(first, first + copy.irrep().dimension()).forEach(places::add);
    }
    return places.build().toArray();
  }

  /** A with A rho(g) = regular(g) A and A^T A = I, {@code [copies * order, size]}. */
  private Matrix embedding(Representation representation, Representation regular, int[] places) {
    Matrix q = regular.changeOfBasis();
    double[] columns = new double[Matrix.entries(samples(), size)];
    for (int column = 0; column < size; column++) {
      int first = places[column] / order * order;
      for (int row = 0; row < order; row++) {
        columns[(first + row) * size + column] = q.get(row, places[column] - first);
      }
    }
    return Matrix.of(samples(), size, columns).times(representation.changeOfBasis().transpose());
  }

  private int samples() {
    return Math.multiplyExact(copies, order);
  }

  /** The tensors, for a layer to register. */
  Buffers buffers() {
    return buffers;
  }

  /** The values of functions, {@code [..., copies * order]}, of features {@code [..., size]}. */
  Tensor values(Tensor features) {
    if (whole != null) {
      return features.matmul(whole.values);
    }
    ByIrreps way = Objects.requireNonNull(byIrreps);
    Tensor turned = way.turn.times(features);
    Tensor zero = turned.new_zeros(Tensors.shapeWithLast(turned, 1));
    Tensor placed = Tensors.concatenate(-1, turned, zero).index_select(-1, way.sources);
    return way.regular
        .timesTranspose(placed.reshape(-1, order))
        .view(Tensors.shapeWithLast(features, samples()));
  }

  /** The features, {@code [..., size]}, of values {@code [..., copies * order]}. */
  Tensor features(Tensor values) {
    if (whole != null) {
      return values.matmul(whole.features);
    }
    ByIrreps way = Objects.requireNonNull(byIrreps);
    Tensor turned = way.regular.times(values.reshape(-1, order)).view(Tensors.shape(values));
    return way.turn.timesTranspose(turned.index_select(-1, way.places));
  }

  /** A^T as one matrix, {@code [size, copies * order]}. */
  Tensor matrix() {
    return whole != null
        ? whole.values
        : Scopes.compute(() -> values(torch.eye(size).to(like.device(), like.scalar_type())));
  }
}
