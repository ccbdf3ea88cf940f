package dev.noether.nn;

import dev.noether.hom.SpectralBasis;
import dev.noether.hom.Spectrum;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer's work on features in the isotypic basis: in a chain of such layers the basis changes
 * only where they begin and where they end.
 */
interface SpectralStage {
  /** Tensors that the layer does not hold itself, for the chain to register. */
  Map<String, Tensor> buffers();

  /** How features come in. */
  SpectralBasis in();

  /** How features go out. */
  SpectralBasis out();

  /** What one call costs by the cost model. */
  Cost cost(long samples, boolean training);

  /**
   * Predicted microseconds of one call.
   *
   * @param alone the layer by itself, the way it would choose
   * @param inside on features that are in the isotypic basis and stay there
   * @param side one change of basis
   */
  record Cost(double alone, double inside, double side) {}

  /** Whether it is the layer's function at present; its cost inside is infinite where it is not. */
  default boolean isAdmitted() {
    return true;
  }

  /** Checks an input and takes it into the isotypic basis. */
  Spectrum enter(Tensor input);

  /** The layer, without a scope of its own. */
  Spectrum apply(Spectrum features);

  /** Brings the output back, with the leading axes of the input that it comes from. */
  Tensor leave(Spectrum features, Tensor input);
}
