package dev.noether.spectral;

import dev.noether.rep.HomSpace;
import dev.noether.torch.Dtype;
import org.jspecify.annotations.Nullable;

/**
 * What it costs to apply an equivariant map irrep by irrep, from its space alone: nothing of the
 * size of its coefficients is laid out.
 */
public final class SpectralWork {
  private final HomSpace space;
  private final SpectralBasis in;
  private final SpectralBasis out;
  private final @Nullable BatchedMap batched;

  SpectralWork(HomSpace space, SpectralBasis in, SpectralBasis out, @Nullable BatchedMap batched) {
    this.space = space;
    this.in = in;
    this.out = out;
    this.batched = batched;
  }

  /**
   * The work of the maps of a space, their coefficients in the isotypic order.
   *
   * @param space the space
   * @param dtype the dtype
   * @return the work
   */
  public static SpectralWork of(HomSpace space, Dtype dtype) {
    return new SpectralWork(
        space,
        SpectralMap.in(space, dtype),
        SpectralMap.out(space, dtype),
        BatchedMap.of(space).orElse(null));
  }

  /**
   * The predicted time of one call with both changes of basis.
   *
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return microseconds
   */
  public double microseconds(long samples, boolean training) {
    return batched == null
        ? inside(samples, training) + 2 * side(samples, training)
        : CostModel.batched(space.multiplyAddsPerSample(), samples, batched, training);
  }

  /**
   * The part of the time that remains where features come and go in a spectrum.
   *
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return microseconds
   */
  public double inside(long samples, boolean training) {
    int products = space.blocks().size();
    return CostModel.blocks(space.multiplyAddsPerSample(), samples, products, training);
  }

  /**
   * The mean of the two changes of basis.
   *
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return microseconds
   */
  public double side(long samples, boolean training) {
    return (CostModel.side(in, samples, training) + CostModel.side(out, samples, training)) / 2;
  }

  /**
   * The multiply-adds for one sample, changes of basis included.
   *
   * @return the number of multiply-adds
   */
  public long multiplyAdds() {
    return in.multiplyAdds() + space.multiplyAddsPerSample() + out.multiplyAdds();
  }
}
