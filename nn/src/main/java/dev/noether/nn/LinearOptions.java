package dev.noether.nn;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Execution;
import dev.noether.hom.Initialization;
import dev.noether.torch.Dtype;
import java.util.OptionalLong;

/**
 * How a linear layer is made. Start from {@link #defaults()} and change what differs.
 *
 * @param bias whether the layer adds a bias
 * @param expansion the coordinates of the equivariant map
 * @param execution how the equivariant map is applied
 * @param initialization how the weight is drawn
 * @param seed the seed of the layer's own generator; empty draws from LibTorch's
 * @param dtype the dtype of the layer
 */
public record LinearOptions(
    boolean bias,
    BasisExpansion expansion,
    Execution execution,
    Initialization initialization,
    OptionalLong seed,
    Dtype dtype) {
  /**
   * A bias, isotypic expansion, automatic execution, Xavier normal, LibTorch's generator, float32.
   *
   * @return the defaults
   */
  public static LinearOptions defaults() {
    return new LinearOptions(
        true,
        BasisExpansion.ISOTYPIC_EXPANSION,
        Execution.AUTO,
        Initialization.XAVIER_NORMAL,
        OptionalLong.empty(),
        Dtype.FLOAT32);
  }

  /**
   * The same without a bias.
   *
   * @return new options
   */
  public LinearOptions withoutBias() {
    return new LinearOptions(false, expansion, execution, initialization, seed, dtype);
  }

  /**
   * The same with another expansion.
   *
   * @param other the expansion
   * @return new options
   */
  public LinearOptions with(BasisExpansion other) {
    return new LinearOptions(bias, other, execution, initialization, seed, dtype);
  }

  /**
   * The same with another execution.
   *
   * @param other how the equivariant map is applied
   * @return new options
   */
  public LinearOptions with(Execution other) {
    return new LinearOptions(bias, expansion, other, initialization, seed, dtype);
  }

  /**
   * The same with another initialization.
   *
   * @param other the initialization
   * @return new options
   */
  public LinearOptions with(Initialization other) {
    return new LinearOptions(bias, expansion, execution, other, seed, dtype);
  }

  /**
   * The same with a seed of its own.
   *
   * @param value the seed
   * @return new options
   */
  public LinearOptions withSeed(long value) {
    return new LinearOptions(
        bias, expansion, execution, initialization, OptionalLong.of(value), dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public LinearOptions with(Dtype other) {
    return new LinearOptions(bias, expansion, execution, initialization, seed, other);
  }
}
