package dev.noether.nn;

import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of a function of your own that is equivariant: what a chain takes where no class is worth
 * writing. {@link Equivariance#check} tells whether it is.
 *
 * <p>Code cannot be described, so a model that holds one is saved as a state dict only.
 */
public final class FunctionLayer extends EquivariantLayer {
  private final String name;
  private final UnaryOperator<Tensor> function;

  /**
   * A function of features on the last axis.
   *
   * @param name what it is called in messages
   * @param in how inputs transform
   * @param out how outputs transform
   * @param function from {@code [..., in.size]} to {@code [..., out.size]}
   */
  public FunctionLayer(
      String name, Representation in, Representation out, UnaryOperator<Tensor> function) {
    this(name, in, out, Axes.FEATURES, function);
  }

  /**
   * A function.
   *
   * @param name what it is called in messages
   * @param in how inputs transform
   * @param out how outputs transform
   * @param axes what the axes of inputs and outputs are
   * @param function the function
   */
  public FunctionLayer(
      String name,
      Representation in,
      Representation out,
      Axes axes,
      UnaryOperator<Tensor> function) {
    super(in, out, axes);
    this.name = name;
    this.function = function;
  }

  @Override
  protected Tensor compute(Tensor input) {
    return function.apply(input);
  }

  @Override
  protected Optional<Layer> rebuild() {
    return Optional.of(new FunctionLayer(name, in(), out(), axes(), function));
  }

  @Override
  public String toString() {
    return name;
  }
}
