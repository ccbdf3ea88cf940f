package dev.noether.nn;

import dev.noether.rep.Representation;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** A layer of a user's own: any function, claimed to be equivariant, without a plain form. */
public final class OwnLayer extends Layer implements EquivariantLayer {
  private final Representation rho;
  private final UnaryOperator<Tensor> function;

  /** The function on features that transform by a representation, before and after. */
  public OwnLayer(Representation rho, UnaryOperator<Tensor> function) {
    this.rho = rho;
    this.function = function;
  }

  @Override
  public Representation in() {
    return rho;
  }

  @Override
  public Representation out() {
    return rho;
  }

  @Override
  public Tensor forward(Tensor input) {
    return function.apply(input);
  }

  @Override
  public String toString() {
    return "mine";
  }
}
