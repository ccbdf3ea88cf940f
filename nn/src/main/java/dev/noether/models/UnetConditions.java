package dev.noether.models;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a conditional U-Net is told besides the signal and the step.
 *
 * @param global features of the whole sample, {@code [batch, size]}; null where the network was
 *     made without
 * @param local features of each step of time, {@code [batch, size, time]}, or {@code [batch, size]}
 *     for the same ones at every step; null where the network was made without
 */
public record UnetConditions(@Nullable Tensor global, @Nullable Tensor local) {
  /**
   * Nothing.
   *
   * @return no conditions
   */
  public static UnetConditions none() {
    return new UnetConditions(null, null);
  }

  /**
   * Features of the whole sample.
   *
   * @param global {@code [batch, size]}
   * @return the condition
   */
  public static UnetConditions of(Tensor global) {
    return new UnetConditions(global, null);
  }

  /**
   * The same with features of each step of time.
   *
   * @param other {@code [batch, size, time]}, or {@code [batch, size]} for all steps
   * @return new conditions
   */
  public UnetConditions withLocal(Tensor other) {
    return new UnetConditions(global, other);
  }
}
