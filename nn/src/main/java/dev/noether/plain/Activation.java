package dev.noether.plain;

import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A function of one number, as PyTorch names and defines it with its default settings. */
public enum Activation {
  /** max(x, 0). */
  RELU,
  /** x above zero, 0.01 x below. */
  LEAKY_RELU,
  /** x above zero, exp(x) - 1 below. */
  ELU,
  /** x times the normal distribution function. */
  GELU,
  /** x / (1 + exp(-x)). */
  SILU,
  /** x tanh(log(1 + exp(x))). */
  MISH,
  /** log(1 + exp(x)). */
  SOFTPLUS,
  /** 1 / (1 + exp(-x)). */
  SIGMOID,
  /** The hyperbolic tangent. */
  TANH;

  /**
   * Whether f(-x) = -f(x), so that f commutes with changes of sign.
   *
   * @return true for {@link #TANH}
   */
  public boolean isOdd() {
    return this == TANH;
  }

  /**
   * Applies the function to every number.
   *
   * @param input any floating-point tensor
   * @return a new tensor of the same shape
   */
  public Tensor apply(Tensor input) {
    return switch (this) {
      case RELU -> input.relu();
      case LEAKY_RELU -> torch.leaky_relu(input);
      case ELU -> torch.elu(input);
      case GELU -> torch.gelu(input);
      case SILU -> torch.silu(input);
      case MISH -> torch.mish(input);
      case SOFTPLUS -> torch.softplus(input);
      case SIGMOID -> input.sigmoid();
      case TANH -> input.tanh();
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
