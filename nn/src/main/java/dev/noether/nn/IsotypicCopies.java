package dev.noether.nn;

import dev.noether.group.Irrep;
import dev.noether.hom.SpectralBasis;
import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The copies of all irreps of a representation in the isotypic basis.
 *
 * <p>Their numbers are ordered [irrep, run of equal summands, copy inside a summand, summand], as
 * the columns of the features are.
 */
final class IsotypicCopies implements Copies<Spectrum> {
  /**
   * One irrep and the copies in each part of its columns. In a part the rows of the endomorphism
   * algebra stand side by side; written below each other, the d coordinates of a copy are a column.
   */
  private record Block(int place, int dimension, int units, List<Long> parts) {
    long[] columns() {
      return parts.stream().mapToLong(copies -> copies * units).toArray();
    }
  }

  private final SpectralBasis basis;
  private final List<Block> blocks = new ArrayList<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final long[] widths;
  private final long summands;
  private final @Nullable Tensor order;
  private final Tensor shares;

  /**
   * The copies of a representation.
   *
   * @param like a tensor of the layer, whose dtype and device the features share
   */
  IsotypicCopies(Representation representation, Tensor like) {
    Dtype dtype = Dtype.of(like);
    List<Irrep> irreps = representation.irreps().stream().distinct().toList();
    basis = SpectralBasis.of(representation, irreps, dtype);
    basis.buffers().forEach((name, tensor) -> buffers.put("basis_" + name, tensor));
    IntStream.Builder places = IntStream.builder();
    for (int k = 0; k < irreps.size(); k++) {
      Irrep irrep = irreps.get(k);
      int s = irrep.type().endomorphismDimension();
      List<Integer> columns = basis.columns(k);
      List<Long> parts = s == 1 ? List.of((long) columns.size()) : basis.copiesOfRuns(k);
      blocks.add(new Block(basis.place(k), irrep.dimension(), s, parts));
      int[] own = places(representation, irrep);
      columns.stream().filter(c -> c % s == 0).forEach(c -> places.add(own[c / s]));
    }
    int[] copies = places.build().toArray();
    widths = blocks.stream().flatMap(b -> b.parts.stream()).mapToLong(part -> part).toArray();
    summands = transposed(copies);
    order =
        summands > 0
            ? null
            : keep("order", Tensors.ofIndices(Arrays.stream(copies).asLongStream().toArray()));
    double[] inverse =
        Arrays.stream(copies)
            .mapToDouble(copy -> 1.0 / representation.irreps().get(copy).dimension())
            .toArray();
    shares = keep("shares", Tensors.of(dtype, inverse, inverse.length));
    move(buffers, like);
  }

  /** Moves new tensors to the device of a layer. */
  private static void move(Map<String, Tensor> tensors, Tensor like) {
    if (like.is_cuda()) {
      tensors.values().forEach(b -> b.set_data(b.to(like.device(), b.scalar_type())));
    }
  }

  /** The basis of all irreps of another representation, for features of this kind. */
  SpectralBasis basisOf(Representation representation) {
    List<Irrep> irreps = representation.irreps().stream().distinct().toList();
    SpectralBasis other = SpectralBasis.of(representation, irreps, Dtype.of(shares));
    move(other.buffers(), shares);
    return other;
  }

  private Tensor keep(String name, Tensor tensor) {
    buffers.put(name, tensor);
    return tensor;
  }

  /** The places of an irrep's copies in the representation. */
  private static int[] places(Representation representation, Irrep irrep) {
    List<Irrep> all = representation.irreps();
    return IntStream.range(0, all.size()).filter(i -> all.get(i).equals(irrep)).toArray();
  }

  /** The rows of the matrix whose transposition an order is; 0 where it is none. */
  private static long transposed(int[] order) {
    int n = order.length;
    int columns = n > 1 ? order[1] : 1;
    if (columns == 0 || n % columns > 0) {
      return 0;
    }
    int rows = n / columns;
    return IntStream.range(0, n).allMatch(i -> order[i] == i % rows * columns + i / rows)
        ? rows
        : 0;
  }

  /** The tensors, for a layer to register. */
  Map<String, Tensor> buffers() {
    return buffers;
  }

  /** The basis that the features are in. */
  SpectralBasis basis() {
    return basis;
  }

  /** A tensor of the dtype and device of the features. */
  Tensor like() {
    return shares;
  }

  @Override
  public Tensor arranged(Tensor perCopy) {
    Tensor places = order;
    if (places != null) {
      return perCopy.index_select(-1, places);
    }
    long n = perCopy.size(-1);
    // The gradient of a transposition is one, that of a gather adds number by number.
    return summands == n
        ? perCopy
        : perCopy
            .unflatten(-1, new long[] {summands, n / summands})
            .transpose(-1, -2)
            .flatten(-2, -1);
  }

  @Override
  public Tensor squares(Spectrum features) {
    return sums(features, 1);
  }

  @Override
  public Tensor meanSquares(Spectrum features) {
    return squares(features).mul(shares);
  }

  /** |x_c|^2 summed over all samples, {@code [copies]}. */
  Tensor squaresOfBatch(Spectrum features) {
    return sums(features, 0, 1);
  }

  /** Sums of squares over the coordinates of each copy, axis 1, and maybe the samples, axis 0. */
  private Tensor sums(Spectrum features, long... axes) {
    List<Tensor> sums = new ArrayList<>();
    for (Block block : blocks) {
      Optional<Tensor> own = features.of(block.place);
      if (own.isPresent()) {
        for (Tensor part : split(Tensors.squares(own.get()), block.columns())) {
          sums.add(below(part, features.samples(), block).sum(axes));
        }
      } else {
        long copies = block.parts.stream().mapToLong(part -> part).sum();
        sums.add(
            axes.length == 1
                ? shares.new_zeros(features.samples(), copies)
                : shares.new_zeros(copies));
      }
    }
    return join(sums);
  }

  @Override
  public Spectrum scaled(Spectrum features, Tensor perCopy) {
    Iterator<Tensor> numbers = split(perCopy, widths).iterator();
    Spectrum result = features;
    for (Block block : blocks) {
      List<Tensor> factors = new ArrayList<>();
      for (int i = 0; i < block.parts.size(); i++) {
        factors.add(numbers.next().unsqueeze(-2));
      }
      Tensor own = features.of(block.place).orElse(null);
      if (own != null) {
        List<Tensor> parts = split(own, block.columns());
        List<Tensor> products = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
          Tensor part = parts.get(i);
          products.add(
              below(part, features.samples(), block)
                  .mul(factors.get(i))
                  .reshape(part.size(0), part.size(1)));
        }
        result = result.with(block.place, join(products));
      }
    }
    return result;
  }

  /** {@code [samples, d, copies]}. */
  private static Tensor below(Tensor part, long samples, Block block) {
    return part.reshape(samples, block.dimension, part.size(1) / block.units);
  }

  private static List<Tensor> split(Tensor tensor, long[] widths) {
    if (widths.length == 1) {
      return List.of(tensor);
    }
    TensorVector parts = torch.split_with_sizes(tensor, widths, -1);
    List<Tensor> list = new ArrayList<>();
    for (long i = 0; i < parts.size(); i++) {
      list.add(parts.get(i));
    }
    return list;
  }

  private static Tensor join(List<Tensor> parts) {
    return parts.size() == 1 ? parts.get(0) : Tensors.concatenate(-1, parts.toArray(Tensor[]::new));
  }
}
