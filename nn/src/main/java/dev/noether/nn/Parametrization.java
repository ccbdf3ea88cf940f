package dev.noether.nn;

import dev.noether.torch.KeptTensor;
import org.bytedeco.pytorch.Tensor;

/**
 * A map that a parameter passes through whenever it is read, as in PyTorch's {@code
 * torch.nn.utils.parametrize}. {@link Layer#parametrize} attaches one to any parameter of any
 * layer.
 *
 * <p>The unconstrained tensor is what trains; it stands in the state dict as {@code
 * parametrizations.NAME.original}.
 */
public abstract class Parametrization extends Layer {
  private final KeptTensor kept = new KeptTensor();

  /** For subclasses. */
  protected Parametrization() {}

  /**
   * The constrained tensor; in evaluation without gradients it is computed once and reused while
   * the original is unchanged.
   *
   * @param original the unconstrained tensor
   * @return the constrained tensor; a kept one belongs to this parametrization
   */
  public final Tensor apply(Tensor original) {
    return kept.get(isTraining(), original, () -> constrain(original));
  }

  /**
   * Computes the constrained tensor.
   *
   * @param original the unconstrained tensor
   * @return a new tensor of the same shape
   */
  protected abstract Tensor constrain(Tensor original);

  /**
   * Computes a constrained matrix transposed, where that is what comes first.
   *
   * @param original the unconstrained matrix {@code [n, m]}
   * @return a tensor {@code [m, n]}
   */
  protected Tensor constrainTransposed(Tensor original) {
    return constrain(original).t();
  }

  /**
   * An original that is sent to a given tensor, or to the closest that can be reached.
   *
   * @param constrained the tensor wanted
   * @return an original
   */
  public Tensor rightInverse(Tensor constrained) {
    return constrained;
  }

  @Override
  protected void stateChanged() {
    kept.clear();
  }
}
