package dev.noether.spectral;

import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.torch.Buffers;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The products with the matrices of all irreps, which mix copies, from the coefficients. */
abstract class SpectralMixing {
  private final HomSpace space;
  private final long[] sizes;

  /**
   * For the products of a space.
   *
   * @param space the maps
   * @param sizes the numbers of each irrep in what {@link #of} gives
   */
  SpectralMixing(HomSpace space, long[] sizes) {
    this.space = space;
    this.sizes = sizes;
  }

  /** Its tensors, which are made when they are needed. */
  abstract Buffers buffers();

  /**
   * What may be kept while the coefficients are the same: the entries of all matrices, flat, or the
   * coefficients in the isotypic order.
   */
  abstract Tensor of(Tensor coefficients);

  /** The features of an irrep times its matrix, from its part of what {@link #of} gives. */
  abstract Tensor product(int block, Tensor features, Tensor numbers);

  /** The features of all irreps times their matrices. */
  final Spectrum apply(Spectrum input, Tensor mixing) {
    List<HomSpace.Block> blocks = space.blocks();
    List<Tensor> own = Tensors.split(mixing, 0, sizes);
    Map<Irrep, Tensor> answers = new LinkedHashMap<>();
    for (int k = 0; k < blocks.size(); k++) {
      Irrep irrep = blocks.get(k).irrep();
      Tensor x = input.of(irrep).orElse(null);
      if (x != null) {
        answers.put(irrep, product(k, x, own.get(k)));
      }
    }
    return new Spectrum(input.samples(), answers);
  }
}
