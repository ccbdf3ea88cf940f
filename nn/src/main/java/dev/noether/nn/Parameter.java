package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a layer that trains, and the way the layer reads it: as it is, or through a {@link
 * Parametrization} that its user attached.
 */
public final class Parameter {
  private final Tensor original;
  private volatile @Nullable Parametrization parametrization;
  private boolean byUser;

  Parameter(Tensor original) {
    this.original = Scopes.keep(original);
    original.set_requires_grad(true);
  }

  /**
   * What trains.
   *
   * @return the tensor itself
   */
  public Tensor original() {
    return original;
  }

  /**
   * What the layer computes with.
   *
   * @return the tensor, through its parametrization
   */
  public Tensor value() {
    Parametrization own = parametrization;
    return own == null ? original : own.apply(original);
  }

  /**
   * What the layer computes with, transposed, without a kept result: for training.
   *
   * @return the transposed matrix, through its parametrization
   */
  public Tensor transposed() {
    Parametrization own = parametrization;
    return own == null ? original.t() : own.constrainTransposed(original);
  }

  /**
   * The map that it passes through.
   *
   * @return empty where it is read as it is
   */
  public Optional<Parametrization> parametrization() {
    return Optional.ofNullable(parametrization);
  }

  /**
   * Sets the tensor; a parametrized one becomes an original that is sent to the value, or as close
   * as can be.
   *
   * @param value a tensor of the same shape, copied
   * @throws IllegalArgumentException if the shape differs
   */
  public void set(Tensor value) {
    require(
        Arrays.equals(Tensors.shape(value), Tensors.shape(original)),
        "the parameter must be %s, got %s",
        Arrays.toString(Tensors.shape(original)),
        Arrays.toString(Tensors.shape(value)));
    Parametrization own = parametrization;
    try (NoGradGuard guard = new NoGradGuard()) {
      original.copy_(own == null ? value : own.rightInverse(value));
    }
  }

  /** Checks that a parametrization fits. */
  void requireFits(String name, Parametrization candidate) {
    require(parametrization == null, "'%s' is constrained already; make a new layer", name);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor value = candidate.constrain(original);
      require(
          Arrays.equals(Tensors.shape(value), Tensors.shape(original))
              && Tensors.scalarType(value) == Tensors.scalarType(original),
          "a parametrization of '%s' must give %s %s, %s gives %s %s",
          name,
          Tensors.dtypeName(original),
          Arrays.toString(Tensors.shape(original)),
          candidate,
          Tensors.dtypeName(value),
          Arrays.toString(Tensors.shape(value)));
    }
  }

  void attach(Parametrization own, boolean user) {
    byUser = user;
    parametrization = own;
  }

  boolean isAttachedByUser() {
    return byUser;
  }
}
