package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.KeptTensor;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a layer that trains, and the way the layer reads it: as it is, or through a {@code
 * Parametrization} that its user attached.
 */
public final class Parameter {
  private final Tensor original;
  private final boolean decays;
  private volatile @Nullable Reading reading;
  private boolean byUser;
  private final List<Runnable> kept = new ArrayList<>();

  /**
   * How a parametrization reads it.
   *
   * @param map the parametrization, which is a layer: a parameter knows no layers
   * @param value what the layer computes with
   * @param transposed the same transposed, without a kept result
   * @param inverse an original that is sent to a tensor
   */
  record Reading(
      Object map,
      UnaryOperator<Tensor> value,
      UnaryOperator<Tensor> transposed,
      UnaryOperator<Tensor> inverse) {}

  /** A tensor that is made of a parameter: anew in training, kept in evaluation. */
  public final class Derived {
    private final UnaryOperator<Tensor> derivation;
    private final KeptTensor tensor = new KeptTensor();

    private Derived(UnaryOperator<Tensor> derivation) {
      this.derivation = derivation;
      whenDropped(tensor::clear);
    }

    /**
     * The tensor, of the parameter's present value.
     *
     * @param training whether the layer is in training mode, in which nothing is kept
     * @return the tensor; a kept one is not the caller's to free
     */
    public Tensor get(boolean training) {
      Tensor own = value();
      return tensor.get(training, own, () -> derivation.apply(own));
    }
  }

  /**
   * A parameter.
   *
   * @param decays whether weight decay is for it, if its name does not say otherwise
   */
  Parameter(Tensor original, boolean decays) {
    this.original = Scopes.keep(original);
    this.decays = decays;
    original.set_requires_grad(true);
  }

  /** Whether it is the weight of a map: neither registered as something else nor called so. */
  boolean isWeight(String name) {
    return decays && !name.contains("bias") && !name.contains("scale");
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
    Reading own = reading;
    return own == null ? original : own.value().apply(original);
  }

  /**
   * What the layer computes with, transposed, without a kept result: for training.
   *
   * @return the transposed matrix, through its parametrization
   */
  public Tensor transposed() {
    Reading own = reading;
    return own == null ? original.t() : own.transposed().apply(original);
  }

  /**
   * A tensor that is made of this one and kept while it may be; the layer drops it where its mode,
   * place or numbers change.
   *
   * @param derivation makes it of the parameter's value
   * @return how to read it
   */
  public Derived derived(UnaryOperator<Tensor> derivation) {
    return new Derived(derivation);
  }

  /**
   * Has something done whenever the layer drops what it keeps.
   *
   * @param drop drops what was made for this parameter's dtype, place or numbers
   */
  public void whenDropped(Runnable drop) {
    kept.add(drop);
  }

  void drop() {
    kept.forEach(Runnable::run);
  }

  /**
   * Whether it passes through a parametrization.
   *
   * @return false where it is read as it is
   */
  public boolean isParametrized() {
    return reading != null;
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
    Reading own = reading;
    try (NoGradGuard guard = new NoGradGuard()) {
      original.copy_(own == null ? value : own.inverse().apply(value));
    }
  }

  /** Checks that a parametrization fits. */
  void requireFits(String name, Object candidate, UnaryOperator<Tensor> constrain) {
    require(reading == null, "'%s' is constrained already; make a new layer", name);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor value = constrain.apply(original);
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

  void attach(Reading own, boolean user) {
    byUser = user;
    reading = own;
  }

  /** The parametrization, if a user attached it. */
  Optional<Object> attachedByUser() {
    return byUser ? Optional.ofNullable(reading).map(Reading::map) : Optional.empty();
  }
}
