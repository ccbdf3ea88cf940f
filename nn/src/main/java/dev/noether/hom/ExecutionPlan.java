package dev.noether.hom;

import java.util.Locale;

/**
 * Which way of applying an equivariant map is fastest, and why.
 *
 * <p>The model has a few constants, measured once on one core of an x86-64 processor with AVX-512;
 * they decide between ways that differ by factors, and are the same everywhere, so that the choice
 * is too.
 *
 * @param choice DENSE or SPECTRAL
 * @param denseMicroseconds the predicted time of the dense way, forward and backward in training
 * @param spectralMicroseconds the predicted time of the spectral way
 * @param insideMicroseconds the part of it that remains where the features come and go in the
 *     isotypic basis
 * @param denseMultiplyAdds multiply-adds per sample of the dense way, forward
 * @param spectralMultiplyAdds multiply-adds per sample of the spectral way, forward
 */
public record ExecutionPlan(
    Execution choice,
    double denseMicroseconds,
    double spectralMicroseconds,
    double insideMicroseconds,
    long denseMultiplyAdds,
    long spectralMultiplyAdds) {
  /** Multiply-adds per microsecond of one large product. */
  private static final double DENSE_RATE = 50_000;

  /** Multiply-adds per microsecond of products with a few dozen columns. */
  private static final double SPECTRAL_RATE = 35_000;

  /** Microseconds to lay out one entry of the dense weight, forward and backward. */
  private static final double EXPANSION = 2.4e-3;

  /** Microseconds to move one feature of one sample in and out of the isotypic order. */
  private static final double MOVE = 1e-3;

  /** Microseconds of one call into LibTorch, with what autograd adds. */
  private static final double CALL = 5;

  private static final int CALLS_AROUND = 5;
  private static final int CALLS_A_PRODUCT = 1;
  private static final int CALLS_A_SIDE = 2;
  private static final double EXPANSION_CALLS = 12;

  /**
   * Predicts both ways.
   *
   * @param basis the equivariant maps
   * @param spectral the same maps, block by block
   * @param samples the samples in a batch
   * @param training whether the weight is expanded at every call and gradients are computed
   * @return the plan
   */
  public static ExecutionPlan of(
      GroupHomomorphismBasis basis, SpectralMap spectral, long samples, boolean training) {
    long dense = basis.space().denseMultiplyAddsPerSample();
    long blocks = spectral.multiplyAddsPerSample();
    double passes = training ? 2 : 1;
    double denseTime = passes * samples * dense / DENSE_RATE;
    if (training) {
      denseTime += EXPANSION * dense + CALL * EXPANSION_CALLS;
    }
    long features = (long) basis.in().size() + basis.out().size();
    long changes = spectral.in().multiplyAdds() + spectral.out().multiplyAdds();
    double inside =
        passes
            * (samples * (blocks - changes) / SPECTRAL_RATE
                + CALL * (CALLS_A_PRODUCT * spectral.products() + CALLS_AROUND));
    double spectralTime =
        inside
            + passes
                * (samples * changes / SPECTRAL_RATE
                    + MOVE * samples * features
                    + CALL * (CALLS_A_SIDE * spectral.products() + CALLS_AROUND));
    return new ExecutionPlan(
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
