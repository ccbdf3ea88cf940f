package dev.noether.spectral;

import java.util.Optional;

/**
 * A layer that can work on features in a {@link Spectrum}. In a chain, layers of this kind that
 * follow each other hand on their features there.
 */
public interface SpectralLayer {
  /**
   * How this layer works there. It may hold tensors that the layer itself does not; whoever asks
   * for a form registers them.
   *
   * @return a new form in the layer's present dtype and on its device; empty where this layer can
   *     not work there
   */
  Optional<SpectralForm> spectralForm();
}
