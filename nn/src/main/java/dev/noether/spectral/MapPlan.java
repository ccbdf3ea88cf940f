package dev.noether.spectral;

import dev.noether.hom.GroupHomomorphismBasis;
import java.util.Locale;

/**
 * Which way of applying an equivariant map is fastest, and why.
 *
 * <p>The choice follows from the {@link CostModel}, so it is the same on every run and machine.
 *
 * @param choice DENSE or SPECTRAL
 * @param denseMicroseconds the predicted time of the dense way, forward and backward in training
 * @param spectralMicroseconds the predicted time of the spectral way
 * @param insideMicroseconds the part of it that remains where the features come and go in the
 *     isotypic basis
 * @param denseMultiplyAdds multiply-adds per sample of the dense way, forward
 * @param spectralMultiplyAdds multiply-adds per sample of the spectral way, forward
 */
public record MapPlan(
    Execution choice,
    double denseMicroseconds,
    double spectralMicroseconds,
    double insideMicroseconds,
    long denseMultiplyAdds,
    long spectralMultiplyAdds) {
  /**
   * Predicts both ways.
   *
   * @param basis the equivariant maps
   * @param spectral the same maps, block by block
   * @param samples the samples in a batch
   * @param training whether the weight is expanded at every call and gradients are computed
   * @return the plan
   */
  public static MapPlan of(
      GroupHomomorphismBasis basis, SpectralMap spectral, long samples, boolean training) {
    long dense = basis.space().denseMultiplyAddsPerSample();
    long blocks = spectral.multiplyAddsPerSample();
    double denseTime = CostModel.dense(dense, samples, training);
    double inside =
        CostModel.blocks(
            basis.space().multiplyAddsPerSample(), samples, spectral.products(), training);
    double spectralTime =
        inside
            + CostModel.side(spectral.in(), samples, training)
            + CostModel.side(spectral.out(), samples, training);
    return new MapPlan(
        spectralTime < denseTime ? Execution.SPECTRAL : Execution.DENSE,
        denseTime,
        spectralTime,
        inside,
        dense,
        blocks);
  }

  /** The choice and its reason in one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: dense %,d multiply-adds per sample and about %,.0f us a batch, spectral %,d and about"
            + " %,.0f us",
        choice,
        denseMultiplyAdds,
        denseMicroseconds,
        spectralMultiplyAdds,
        spectralMicroseconds);
  }
}
