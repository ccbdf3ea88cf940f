package dev.noether.nn;

import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;

/** A layer f with f(rho_in(g) x) = rho_out(g) f(x) for every element g of a group. */
public interface EquivariantLayer {
  /**
   * How inputs transform.
   *
   * @return the representation on the last axis of the input
   */
  Representation in();

  /**
   * How outputs transform.
   *
   * @return the representation on the last axis of the output
   */
  Representation out();

  /**
   * The axis on which the group acts: the last, unless a layer says otherwise.
   *
   * @return -1 for the last axis, -2 for the one before it, as the channels of a convolution
   */
  default int featureAxis() {
    return -1;
  }

  /**
   * Applies the layer.
   *
   * @param input {@code [..., in.size]}, or with the features on {@link #featureAxis}
   * @return {@code [..., out.size]}
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  Tensor forward(Tensor input);
}
