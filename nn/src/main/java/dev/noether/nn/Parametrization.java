package dev.noether.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * A map that a parameter passes through whenever it is read, as in PyTorch's {@code
 * torch.nn.utils.parametrize}.
 *
 * <p>The unconstrained tensor is what trains; it stands in the state dict as {@code
 * parametrizations.NAME.original}.
 */
public abstract class Parametrization extends Layer {
  private final EvaluationCache cache = new EvaluationCache();

  /** For subclasses. */
  protected Parametrization() {}

  /**
   * The constrained tensor; in evaluation without gradients it is computed once and reused while
   * the original is unchanged.
   *
   * @param original the unconstrained tensor
   * @return the constrained tensor
   */
  public final Tensor apply(Tensor original) {
    return cache.get(isTraining(), original, () -> constrain(original));
  }

  /**
   * Computes the constrained tensor.
   *
   * @param original the unconstrained tensor
   * @return a new tensor
   */
  protected abstract Tensor constrain(Tensor original);

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
    cache.clear();
  }
}
