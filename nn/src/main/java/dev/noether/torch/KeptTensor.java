package dev.noether.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor derived from a parameter, kept in evaluation while the parameter is unchanged.
 *
 * <p>Kept is only what is computed without gradients, so no graph is held. It is reused while the
 * parameter has the same handle, version, memory, strides and size of numbers; the memory is held
 * too, so that no other tensor can get its address. LibTorch's SGD steps without raising the
 * version: where the parameter has a gradient, its numbers are compared with those that the result
 * was made from. A write through a raw pointer to a parameter without gradient is not seen; {@code
 * bump_version} tells of it.
 *
 * <p>The tensor belongs to this object, whoever computes with it, and its handle has a type of its
 * own, so that no {@link Scopes#compute scope} frees it: it leaves one as an alias.
 */
public final class KeptTensor {
  private record Entry(
      Tensor parameter, Tensor memory, Tensor snapshot, long version, long bytes, Tensor value) {
    boolean holdsFor(Tensor tensor) {
      return tensor.equals(parameter)
          && tensor._version() == version
          && tensor.is_set_to(memory)
          && tensor.element_size() == bytes
          && (!tensor.grad().defined() || isUnchanged(tensor));
    }

    /** Whether the numbers are those of the snapshot; memory is compared fastest. */
    private boolean isUnchanged(Tensor tensor) {
      try (PointerScope scope = new PointerScope()) {
        return (tensor.is_cuda() || !tensor.is_contiguous())
            ? tensor.detach().equal(snapshot)
            : Pointer.memcmp(tensor.data_ptr(), snapshot.data_ptr(), snapshot.nbytes()) == 0;
      }
    }
  }

  /** The handle of a kept tensor. It frees nothing: the tensor lives as long as its entry. */
  private static final class Handle extends Tensor {
    private final Tensor owner;

    Handle(Tensor owner) {
      super(owner);
      this.owner = owner;
    }

    Tensor aliased() {
      return owner.alias();
    }
  }

  private volatile @Nullable Entry entry;

  /** Nothing is kept yet. */
  public KeptTensor() {}

  /**
   * The derived tensor: the kept one where it may be, computed where it must be, in the dtype of
   * the parameter whether autocast is on or not.
   *
   * @param training whether the layer is in training mode, in which nothing is kept
   * @param parameter what the tensor is derived from
   * @param derivation computes it
   * @return the tensor
   */
  public Tensor get(boolean training, Tensor parameter, Supplier<Tensor> derivation) {
    if (training || (GradMode.is_enabled() && parameter.requires_grad())) {
      return Autocast.without(parameter, derivation);
    }
    Entry known = entry;
    if (known == null || !known.holdsFor(parameter)) {
      known = compute(parameter, derivation);
      entry = known;
    }
    return known.value;
  }

  /** A result as it leaves a scope: what is kept does so as an alias. */
  static Tensor leaving(Tensor result) {
    return result instanceof Handle kept ? kept.aliased() : result;
  }

  /** Whether a tensor is one that is kept now, or was. */
  static boolean isKept(Tensor tensor) {
    return tensor instanceof Handle;
  }

  /** Forgets what is kept. */
  public void clear() {
    entry = null;
  }

  private static Entry compute(Tensor parameter, Supplier<Tensor> derivation) {
    // What is made in inference mode could never take part in a gradient later.
    try (PointerScope scope = new PointerScope();
        InferenceMode normal = new InferenceMode(false);
        NoGradGuard guard = new NoGradGuard()) {
      Tensor memory = Scopes.keep(parameter.detach());
      Tensor snapshot = Scopes.keep(memory.clone());
      return new Entry(
          parameter,
          memory,
          snapshot,
          parameter._version(),
          parameter.element_size(),
          Scopes.keep(new Handle(Scopes.keep(Autocast.without(parameter, derivation).detach()))));
    }
  }
}
