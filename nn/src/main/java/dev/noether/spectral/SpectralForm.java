package dev.noether.spectral;

import dev.noether.torch.Buffers;

/**
 * A layer's work on features in a {@link Spectrum}: in a chain of such layers the basis changes
 * only where they begin and where they end.
 */
public interface SpectralForm {
  /**
   * Tensors that the layer does not hold itself, for the chain to register.
   *
   * @return the buffers, in the dtype and on the device of the layer
   */
  Buffers buffers();

  /**
   * How features come in.
   *
   * @return the basis of the input
   */
  SpectralBasis in();

  /**
   * How features go out.
   *
   * @return the basis of the output
   */
  SpectralBasis out();

  /**
   * What one call costs by the cost model.
   *
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return predicted times
   */
  Cost cost(long samples, boolean training);

  /**
   * Predicted microseconds of one call.
   *
   * @param alone the layer by itself, the way it would choose
   * @param inside on features that are in a spectrum and stay there
   * @param side one change of basis
   */
  record Cost(double alone, double inside, double side) {}

  /**
   * Whether this is the layer's function at present; its cost inside is infinite where it is not.
   *
   * @return true unless something that a layer may hold, such as statistics that a state dict
   *     brought, mixes copies
   */
  default boolean isAdmitted() {
    return true;
  }

  /**
   * The layer's function, without a scope of its own.
   *
   * @param features features in the basis {@link #in}
   * @return features in the basis {@link #out}
   */
  Spectrum apply(Spectrum features);
}
