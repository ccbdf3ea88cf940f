package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.group.IrrepType;
import dev.noether.rep.HomSpace;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.LazyBuffers;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Small matrices: one gather, and signs, lay all of them out. */
final class GatheredMixing extends SpectralMixing {
  /** From so many entries on places would take more memory than the coefficients. */
  private static final long MANY_ENTRIES = 1L << 20;

  private final List<HomSpace.Block> blocks;
  private final LazyBuffers<Tables> tables;
  private final Buffers buffers = new Buffers();

  /**
   * How the coefficients become the entries of all matrices.
   *
   * @param places where each entry stands in the coefficients
   * @param signs its sign; none where all are positive
   */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  record Layout(int[] places, double[] signs) {
    /**
     * The layout of the maps of a space.
     *
     * @param placeOf where each coefficient in the isotypic order stands; empty where it is theirs
     */
    static Layout of(HomSpace space, SpectralBasis in, SpectralBasis out, int[] placeOf) {
      int[] places = new int[Math.toIntExact(entries(space))];
      double[] signs = new double[hasSigns(space) ? places.length : 0];
      int next = 0;
      for (int k = 0; k < space.blocks().size(); k++) {
        next = enter(space.blocks().get(k), out.columns(k), in.columns(k), places, signs, next);
      }
      for (int i = 0; i < places.length && placeOf.length > 0; i++) {
        places[i] = placeOf[places[i]];
      }
      return new Layout(places, signs);
    }

    private static int enter(
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
  }

  private record Tables(Tensor gather, @Nullable Tensor signs) {}

  /**
   * For maps whose layout is told when it is needed.
   *
   * @param like a tensor of the coefficients' dtype and device
   * @param layout tells it
   */
  GatheredMixing(HomSpace space, Tensor like, Supplier<Layout> layout) {
    super(space, space.blocks().stream().mapToLong(GatheredMixing::entries).toArray());
    blocks = space.blocks();
    tables = new LazyBuffers<>(like, (dtype, into) -> tables(layout.get(), dtype, into));
    buffers.addLazy("", tables);
  }

  private static Tables tables(Layout layout, Dtype dtype, Buffers into) {
    double[] signs = layout.signs;
    return new Tables(
        into.add("gather", Tensors.ofIndices(layout.places)),
        signs.length == 0 ? null : into.add("signs", Tensors.of(dtype, signs, signs.length)));
  }

  /** Whether the matrices are too large for this. */
  static boolean isLarge(HomSpace space) {
    return entries(space) > MANY_ENTRIES;
  }

  private static boolean hasSigns(HomSpace space) {
    return space.blocks().stream().anyMatch(block -> block.irrep().type() != IrrepType.REAL);
  }

  private static long entries(HomSpace space) {
    return space.blocks().stream().mapToLong(GatheredMixing::entries).sum();
  }

  private static long entries(HomSpace.Block block) {
    return (long) block.irrep().type().endomorphismDimension() * block.dim();
  }

  /** The bytes of the tensors, before anything is allocated. */
  static long predictedBytes(HomSpace space, Dtype dtype) {
    return entries(space) * (Integer.BYTES + (hasSigns(space) ? dtype.bytes() : 0));
  }

  @Override
  Buffers buffers() {
    return buffers;
  }

  @Override
  Tensor of(Tensor coefficients) {
    Tables own = tables.get();
    Tensor mixing = coefficients.index_select(0, own.gather);
    return own.signs == null ? mixing : mixing.mul(own.signs);
  }

  @Override
  Tensor product(int number, Tensor features, Tensor entries) {
    HomSpace.Block block = blocks.get(number);
    long s = block.irrep().type().endomorphismDimension();
    return features.mm(entries.view(s * block.in().multiplicity(), s * block.out().multiplicity()));
  }
}
