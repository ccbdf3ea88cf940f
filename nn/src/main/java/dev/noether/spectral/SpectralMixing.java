package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepType;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The products with the matrices of all irreps, which mix copies, from the coefficients.
 *
 * <p>Small matrices are laid out by one gather and signs for all irreps. For large ones the places
 * would take more memory than the coefficients, which are then read as they are stored: the
 * features are turned by the units of the irrep's endomorphisms instead of the weights.
 */
final class SpectralMixing {
  /** From so many entries on none has a place that is kept. */
  private static final long MANY_ENTRIES = 1L << 20;

  private final HomSpace space;
  private final long[] sizes;
  private final List<Part> parts = new ArrayList<>();
  private final @Nullable Tensor order;
  private final @Nullable Tensor gather;
  private final @Nullable Tensor signs;
  private final Buffers buffers = new Buffers();

  /**
   * A large matrix: Column (u, e) of the units is row u of endomorphism e; the orders take columns
   * of features to [row of the endomorphism algebra, copy] and back, and are null where they do
   * nothing.
   */
  private record Part(
      HomSpace.Block block, @Nullable Tensor units, @Nullable Tensor in, @Nullable Tensor out) {
    /** From features {@code [rows, columns in]} and the block's coefficients. */
    Tensor apply(Tensor features, Tensor coefficients) {
      long s = block.irrep().type().endomorphismDimension();
      long from = block.in().multiplicity();
      long rows = features.size(0);
      Tensor own = in == null ? features : features.index_select(1, in);
      Tensor turned =
          units == null
              ? own
              : own.view(rows, s, from)
                  .transpose(1, 2)
                  .reshape(rows * from, s)
                  .mm(units)
                  .view(rows, from, s, s)
                  .transpose(1, 2)
                  .reshape(rows * s, from * s);
      Tensor mixed = turned.mm(coefficients.view(-1, from * s).t()).view(rows, -1);
      return out == null ? mixed : mixed.index_select(1, out);
    }
  }

  /**
   * The way from coefficients.
   *
   * @param placeOf where each coefficient in the isotypic order stands; empty where it is theirs
   * @param known the same as a tensor, where the map's owner keeps it; null elsewhere
   * @param large whether places would take too much memory
   */
  SpectralMixing(
      HomSpace space,
      SpectralBasis in,
      SpectralBasis out,
      int[] placeOf,
      @Nullable Tensor known,
      Dtype dtype,
      boolean large) {
    this.space = space;
    sizes = space.blocks().stream().mapToLong(b -> large ? b.dim() : entries(b)).toArray();
    if (large) {
      gather = null;
      signs = null;
      order = placeOf.length == 0 || known != null ? known : index("order", placeOf);
      for (int k = 0; k < space.blocks().size(); k++) {
        HomSpace.Block block = space.blocks().get(k);
        boolean real = block.irrep().type() == IrrepType.REAL;
        parts.add(
            new Part(
                block,
                real ? null : buffers.add("units_" + k, dtype, units(block)),
                index("in_" + k, inverse(places(block.in(), in.columns(k)))),
                index("out_" + k, places(block.out(), out.columns(k)))));
      }
      return;
    }
    order = null;
    int[] places = new int[Math.toIntExact(entries(space))];
    double[] signArray = new double[hasSigns(space) ? places.length : 0];
    int next = 0;
    for (int k = 0; k < space.blocks().size(); k++) {
      HomSpace.Block block = space.blocks().get(k);
      next = mixing(block, out.columns(k), in.columns(k), places, signArray, next);
    }
    if (placeOf.length > 0) {
      Arrays.setAll(places, i -> placeOf[places[i]]);
    }
    gather = buffers.add("gather", Tensors.ofIndices(places));
    signs =
        signArray.length == 0
            ? null
            : buffers.add("signs", Tensors.of(dtype, signArray, signArray.length));
  }

  private @Nullable Tensor index(String name, int[] places) {
    return isOrdered(places) ? null : buffers.add(name, Tensors.ofIndices(places));
  }

  private static boolean isOrdered(int[] places) {
    return IntStream.range(0, places.length).allMatch(i -> places[i] == i);
  }

  /** Where each column stands in the order [row of the endomorphism algebra, copy]. */
  private static int[] places(IsotypicDecomposition.Block side, List<Integer> columns) {
    int s = side.irrep().type().endomorphismDimension();
    int copies = side.multiplicity();
    return columns.stream().mapToInt(column -> column % s * copies + column / s).toArray();
  }

  private static int[] inverse(int[] places) {
    int[] inverse = new int[places.length];
    IntStream.range(0, places.length).forEach(i -> inverse[places[i]] = i);
    return inverse;
  }

  static boolean isLarge(HomSpace space) {
    return entries(space) > MANY_ENTRIES;
  }

  private static boolean hasSigns(HomSpace space) {
    return space.blocks().stream().anyMatch(block -> block.irrep().type() != IrrepType.REAL);
  }

  private static long entries(HomSpace space) {
    return space.blocks().stream().mapToLong(SpectralMixing::entries).sum();
  }

  private static long entries(HomSpace.Block block) {
    return (long) block.irrep().type().endomorphismDimension() * block.dim();
  }

  /** Row v, column (u, e): entry (u, v) of the unit of endomorphism e, {@code [S, S * S]}. */
  private static Matrix units(HomSpace.Block block) {
    List<Matrix> units = block.irrep().units();
    int s = units.size();
    double[] entries = new double[s * s * s];
    for (int e = 0; e < s; e++) {
      for (int u = 0; u < s; u++) {
        for (int v = 0; v < s; v++) {
          entries[(v * s + u) * s + e] = units.get(e).get(u, v);
        }
      }
    }
    return Matrix.of(s, s * s, entries);
  }

  /** Writes the matrix of an irrep as a gather from the coefficients. */
  private static int mixing(
      HomSpace.Block block,
      List<Integer> out,
      List<Integer> in,
      int[] places,
      double[] signs,
      int start) {
    int next = start;
    int s = block.irrep().type().endomorphismDimension();
    List<Matrix> units = block.irrep().units();
    for (int i : in) {
      for (int o : out) {
        for (int e = 0; e < s; e++) {
          double sign = units.get(e).get(o % s, i % s);
          if (sign != 0) {
            places[next] = block.start() + (o / s * block.in().multiplicity() + i / s) * s + e;
            if (signs.length > 0) {
              signs[next] = sign;
            }
            next++;
          }
        }
      }
    }
    return next;
  }

  /** The bytes of the tensors, before anything is allocated. */
  static long predictedBytes(HomSpace space, boolean isOrdered, Dtype dtype) {
    if (!isLarge(space)) {
      return entries(space) * (Integer.BYTES + (hasSigns(space) ? dtype.bytes() : 0));
    }
    long bytes = isOrdered ? 0 : (long) space.dim() * Integer.BYTES;
    for (HomSpace.Block block : space.blocks()) {
      long s = block.irrep().type().endomorphismDimension();
      bytes += s > 1 ? s * s * s * dtype.bytes() : 0;
      bytes += predictedBytes(space.in(), block.in()) + predictedBytes(space.out(), block.out());
    }
    return bytes;
  }

  private static long predictedBytes(
      IsotypicDecomposition space, IsotypicDecomposition.Block side) {
    int[] places = places(side, SpectralBasis.columns(space.representation(), side.irrep()));
    return isOrdered(places) ? 0 : (long) places.length * Integer.BYTES;
  }

  Buffers buffers() {
    return buffers;
  }

  /** Where each entry stands in the coefficients; null where the maps are large. */
  @Nullable Tensor gather() {
    return gather;
  }

  /** The signs of the entries; null where all are positive, or the maps are large. */
  @Nullable Tensor signs() {
    return signs;
  }

  /**
   * What may be kept while the coefficients are the same: the entries of all matrices, flat, or the
   * coefficients in the isotypic order.
   */
  Tensor of(Tensor coefficients) {
    if (gather == null) {
      return order == null ? coefficients : coefficients.index_select(0, order);
    }
    Tensor mixing = coefficients.index_select(0, gather);
    return signs == null ? mixing : mixing.mul(signs);
  }

  /** The features of all irreps times their matrices. */
  Spectrum apply(Spectrum input, Tensor mixing) {
    List<HomSpace.Block> blocks = space.blocks();
    List<Tensor> own = Tensors.split(mixing, 0, sizes);
    Map<Irrep, Tensor> answers = new LinkedHashMap<>();
    for (int k = 0; k < blocks.size(); k++) {
      HomSpace.Block block = blocks.get(k);
      Tensor x = input.of(block.irrep()).orElse(null);
      if (x != null) {
        Tensor weights = own.get(k);
        answers.put(
            block.irrep(),
            gather == null ? parts.get(k).apply(x, weights) : x.mm(matrix(block, weights)));
      }
    }
    return new Spectrum(input.samples(), answers);
  }

  private static Tensor matrix(HomSpace.Block block, Tensor entries) {
    long s = block.irrep().type().endomorphismDimension();
    return entries.view(s * block.in().multiplicity(), s * block.out().multiplicity());
  }
}
