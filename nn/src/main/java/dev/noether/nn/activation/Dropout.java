package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Forward;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The plain dropout, as PyTorch's: in training every number is zero with probability p and else
 * multiplied by 1 / (1 - p); in evaluation it is the identity. {@link EquivariantDropout} is the
 * one that keeps a symmetry.
 */
public final class Dropout extends Layer implements Forward {
  /** How an architecture describes it. */
  public static final LayerType<Dropout> TYPE =
      LayerType.independentOfBases(Dropout.class)
          .setting("p", layer -> layer.probability, 0.5)
          .builds(s -> new Dropout(s.number("p")));

  private final double probability;

  /**
   * A layer that draws from LibTorch's generator.
   *
   * @param probability p, at least 0 and below 1
   * @throws IllegalArgumentException if p is out of range
   */
  public Dropout(double probability) {
    this.probability = requireDropout(probability);
  }

  /**
   * Applies the layer.
   *
   * @param input any floating-point tensor
   * @return the same shape
   * @throws IllegalArgumentException if the tensor holds other numbers
   */
  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireFloatingPoint(input);
    return isTraining() && probability > 0
        ? computed(input, () -> torch.dropout(input, probability, true))
        : input.alias();
  }

  @Override
  public String toString() {
    return "Dropout(" + probability + ")";
  }
}
