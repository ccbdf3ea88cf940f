package dev.noether.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * The copies of irreps in features of some layout. A layer that treats every copy by itself says
 * once what it does, and does so for features one after the other ({@link IrrepCopies}) and in the
 * isotypic basis ({@link IsotypicCopies}).
 *
 * <p>Numbers of the copies are {@code [..., copies]}, in an order that the layout chooses.
 *
 * @param <F> features in the layout
 */
interface Copies<F> {
  /** Numbers of the copies, from the order of the representation into the layout's. */
  Tensor arranged(Tensor perCopy);

  /** |x_c|^2 of every sample. */
  Tensor squares(F features);

  /** |x_c|^2 / d_c of every sample. */
  Tensor meanSquares(F features);

  /** Every copy times its number, which is the same for all samples or one for each. */
  F scaled(F features, Tensor perCopy);
}
