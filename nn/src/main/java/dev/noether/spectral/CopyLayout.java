package dev.noether.spectral;

import org.bytedeco.pytorch.Tensor;

/**
 * The copies of irreps in features of some layout. A layer that treats every copy by itself says
 * once what it does, and does so for features one copy after the other ({@link CopiesInARow}) and
 * in a spectrum ({@link SpectralCopies}).
 *
 * <p>Numbers of the copies are {@code [..., copies]}, in an order that the layout chooses.
 *
 * @param <F> features in the layout
 */
public interface CopyLayout<F> {
  /**
   * Numbers of the copies in the layout's order.
   *
   * @param perCopy {@code [..., copies]} in the order of the representation
   * @return the same numbers in the layout's order
   */
  Tensor arranged(Tensor perCopy);

  /**
   * |x_c|^2 of every sample and copy.
   *
   * @param features the features
   * @return {@code [..., copies]}
   */
  Tensor squares(F features);

  /**
   * |x_c|^2 / d_c of every sample and copy.
   *
   * @param features the features
   * @return {@code [..., copies]}
   */
  Tensor meanSquares(F features);

  /**
   * Every copy times its number.
   *
   * @param features the features
   * @param perCopy numbers, the same for all samples or some for each
   * @return features in the same layout
   */
  F scaled(F features, Tensor perCopy);
}
