package dev.noether.plain;

import org.bytedeco.pytorch.Tensor;

/** What takes one tensor and gives one, as most layers and models do, equivariant or plain. */
@FunctionalInterface
public interface Forward {
  /**
   * Applies it.
   *
   * @param input the input
   * @return the output
   * @throws IllegalArgumentException if the shape, dtype or device of the input do not fit
   */
  Tensor forward(Tensor input);
}
