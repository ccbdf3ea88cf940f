package dev.noether.nn;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Initialization;
import dev.noether.torch.Dtype;
import java.util.OptionalLong;

/**
 * How a linear layer is made. Start from {@link #defaults()} and change what differs.
 *
 * @param bias whether the layer adds a bias
 * @param expansion how the basis of equivariant maps is kept
 * @param initialization how the weight is drawn
 * @param seed the seed of the layer's own generator; empty draws from LibTorch's
 * @param dtype the dtype of the layer
 */
public record LinearOptions(
    boolean bias,
    BasisExpansion expansion,
    Initialization initialization,
    OptionalLong seed,
    Dtype dtype) {
  /**
   * A bias, isotypic expansion, Xavier normal, LibTorch's generator, float32.
   *
   * @return the defaults
   */
  public static LinearOptions defaults() {
    return new LinearOptions(
        true,
        BasisExpansion.ISOTYPIC_EXPANSION,
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
    return new LinearOptions(false, expansion, initialization, seed, dtype);
  }

  /**
   * The same with another expansion.
   *
   * @param other the expansion
   * @return new options
   */
  public LinearOptions with(BasisExpansion other) {
    return new LinearOptions(bias, other, initialization, seed, dtype);
  }

  /**
   * The same with another initialization.
   *
   * @param other the initialization
   * @return new options
   */
  public LinearOptions with(Initialization other) {
    return new LinearOptions(bias, expansion, other, seed, dtype);
  }

  /**
   * The same with a seed of its own.
   *
   * @param value the seed
   * @return new options
   */
  public LinearOptions withSeed(long value) {
    return new LinearOptions(bias, expansion, initialization, OptionalLong.of(value), dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public LinearOptions with(Dtype other) {
    return new LinearOptions(bias, expansion, initialization, seed, other);
  }
}
