package dev.noether.spectral;

import dev.noether.rep.HomSpace;
import dev.noether.spectral.CostModel.ChangeWork;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What it costs to apply an equivariant map irrep by irrep, from its space alone: nothing of the
 * size of its coefficients is laid out.
 */
public final class SpectralWork {
  private final HomSpace space;
  private final ChangeWork in;
  private final ChangeWork out;
  private final @Nullable BatchedMap batched;
  private final @Nullable PaddedMap padded;
  private final long blocks;

  SpectralWork(HomSpace space, ChangeWork in, ChangeWork out, @Nullable BatchedMap batched) {
    this.space = space;
    this.in = in;
    this.out = out;
    this.batched = batched;
    blocks = space.multiplyAddsPerSample();
    padded = batched == null ? PaddedMap.of(space, multiplyAdds()).orElse(null) : null;
  }

  /**
   * The work of the maps of a space, their coefficients in the isotypic order.
   *
   * @param space the space
   * @return the work
   */
  static SpectralWork of(HomSpace space) {
    return new SpectralWork(
        space,
        SpectralBasis.work(space.in().representation(), SpectralMap.inIrreps(space)),
        SpectralBasis.work(space.out().representation(), SpectralMap.outIrreps(space)),
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
    if (batched != null) {
      return CostModel.batched(blocks, samples, batched, training);
    }
    double byIrrep = byIrrep(samples, training);
    return padded == null
        ? byIrrep
        : Math.min(byIrrep, CostModel.padded(samples, padded, training));
  }

  private double byIrrep(long samples, boolean training) {
    return inside(samples, training) + 2 * side(samples, training);
  }

  /**
   * All irreps as one product filled up with zeros.
   *
   * @return the form; empty where zeros would be most of it
   */
  public Optional<PaddedMap> padded() {
    return Optional.ofNullable(padded);
  }

  /**
   * Whether {@link #padded} is less work than irrep by irrep.
   *
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return false where there is no such form
   */
  public boolean isPadded(long samples, boolean training) {
    return padded != null
        && CostModel.padded(samples, padded, training) < byIrrep(samples, training);
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
    return CostModel.blocks(blocks, samples, products, training);
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
    return in.multiplyAdds() + blocks + out.multiplyAdds();
  }
}
