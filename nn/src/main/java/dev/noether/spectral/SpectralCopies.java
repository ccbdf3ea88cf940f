package dev.noether.spectral;

import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The copies of all irreps of a representation in a spectrum.
 *
 * <p>Their numbers are ordered [irrep, run of equal summands, copy inside a summand, summand], as
 * the columns of the features are.
 */
public final class SpectralCopies implements CopyLayout<Spectrum> {
  /**
   * One irrep and the copies in each part of its columns. In a part the rows of the endomorphism
   * algebra stand side by side; written below each other, the d coordinates of a copy are a column.
   */
  private record Block(Irrep irrep, List<Long> parts) {
    long units() {
      return irrep.type().endomorphismDimension();
    }

    long copies() {
      return parts.stream().mapToLong(part -> part).sum();
    }

    long[] columns() {
      return parts.stream().mapToLong(copies -> copies * units()).toArray();
    }
  }

  private final SpectralBasis basis;
  private final List<Block> blocks = new ArrayList<>();
  private final Buffers buffers = new Buffers();
  private final long[] widths;
  private final long summands;
  private final @Nullable Tensor order;
  private final Tensor shares;

  /**
   * The copies of a representation.
   *
   * @param representation how the features transform
   * @param like a tensor of the layer, whose dtype and device the features share
   */
  public SpectralCopies(Representation representation, Tensor like) {
    Dtype dtype = Dtype.of(like);
    basis = SpectralBasis.of(representation, like);
    buffers.addAll("basis_", basis.buffers());
    LongStream.Builder places = LongStream.builder();
    for (int k = 0; k < basis.irreps().size(); k++) {
      Irrep irrep = basis.irreps().get(k);
      int s = irrep.type().endomorphismDimension();
      List<Integer> columns = basis.columns(k);
      blocks.add(new Block(irrep, s == 1 ? List.of((long) columns.size()) : basis.copiesOfRuns(k)));
      int[] own = places(representation, irrep);
      columns.stream().filter(c -> c % s == 0).forEach(c -> places.add(own[c / s]));
    }
    long[] copies = places.build().toArray();
    widths = blocks.stream().flatMap(b -> b.parts.stream()).mapToLong(part -> part).toArray();
    summands = transposed(copies);
    order = summands > 0 ? null : buffers.add("order", Tensors.ofIndices(copies));
    double[] inverse =
        Arrays.stream(copies)
            .mapToDouble(copy -> 1.0 / representation.irreps().get((int) copy).dimension())
            .toArray();
    shares =
        buffers.add(
            "shares",
            Tensors.of(dtype, inverse, inverse.length),
            () -> Tensors.of(Dtype.FLOAT64, inverse, inverse.length));
    buffers.moveTo(like);
  }

  /**
   * The basis of another representation, for features of this kind.
   *
   * @param representation how the other features transform
   * @return its basis, in this dtype and on this device
   */
  public SpectralBasis basisOf(Representation representation) {
    return SpectralBasis.of(representation, shares);
  }

  /** The places of an irrep's copies in the representation. */
  private static int[] places(Representation representation, Irrep irrep) {
    List<Irrep> all = representation.irreps();
    return IntStream.range(0, all.size()).filter(i -> all.get(i).equals(irrep)).toArray();
  }

  /** The rows of the matrix whose transposition an order is; 0 where it is none. */
  private static long transposed(long[] order) {
    int n = order.length;
    long columns = n > 1 ? order[1] : 1;
    if (columns == 0 || n % columns > 0) {
      return 0;
    }
    long rows = n / columns;
    return IntStream.range(0, n).allMatch(i -> order[i] == i % rows * columns + i / rows)
        ? rows
        : 0;
  }

  /**
   * The tensors, for a layer or a chain to register.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * The basis that the features are in.
   *
   * @return the basis of all irreps
   */
  public SpectralBasis basis() {
    return basis;
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

  /**
   * |x_c|^2 summed over all samples.
   *
   * @param features the features
   * @return {@code [copies]}
   */
  public Tensor squaresOfBatch(Spectrum features) {
    return sums(features, 0, 1);
  }

  /** Sums of squares over the coordinates of each copy, axis 1, and maybe the samples, axis 0. */
  private Tensor sums(Spectrum features, long... axes) {
    List<Tensor> sums = new ArrayList<>();
    for (Block block : blocks) {
      Optional<Tensor> own = features.of(block.irrep);
      if (own.isPresent()) {
        for (Tensor part : Tensors.split(Tensors.squares(own.get()), -1, block.columns())) {
          sums.add(below(part, features.samples(), block).sum(axes));
        }
      } else {
        sums.add(
            axes.length == 1
                ? shares.new_zeros(features.samples(), block.copies())
                : shares.new_zeros(block.copies()));
      }
    }
    return Tensors.join(-1, sums);
  }

  @Override
  public Spectrum scaled(Spectrum features, Tensor perCopy) {
    Tensor known = shares.element_size() == 2 ? Tensors.inDtypeOf(shares, perCopy) : perCopy;
    Iterator<Tensor> numbers = Tensors.split(known, -1, widths).iterator();
    Spectrum result = features;
    for (Block block : blocks) {
      List<Tensor> factors = new ArrayList<>();
      for (int i = 0; i < block.parts.size(); i++) {
        factors.add(numbers.next().unsqueeze(-2));
      }
      Tensor own = features.of(block.irrep).orElse(null);
      if (own != null) {
        List<Tensor> parts = Tensors.split(own, -1, block.columns());
        List<Tensor> products = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
          Tensor part = parts.get(i);
          products.add(
              below(part, features.samples(), block)
                  .mul(factors.get(i))
                  .reshape(part.size(0), part.size(1)));
        }
        result = result.with(block.irrep, Tensors.join(-1, products));
      }
    }
    return result;
  }

  /** {@code [samples, d, copies]}. */
  private static Tensor below(Tensor part, long samples, Block block) {
    return part.reshape(samples, block.irrep.dimension(), part.size(1) / block.units());
  }
}
