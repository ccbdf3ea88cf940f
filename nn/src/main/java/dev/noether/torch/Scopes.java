package dev.noether.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Native memory: results that leave a computation, and tensors that outlive every scope. */
public final class Scopes {
  private Scopes() {}

  /**
   * Runs a computation and frees every native handle that it made, except its result.
   *
   * <p>The result belongs to the caller's innermost {@link PointerScope}, or to the garbage
   * collector where there is none.
   *
   * <p>What a {@link KeptTensor} keeps stays its own: it leaves as an alias.
   *
   * @param body a computation that returns a tensor it has made, or a kept one
   * @return the result
   */
  public static Tensor compute(Supplier<Tensor> body) {
    LibTorch.joinThread();
    @Nullable PointerScope outer = PointerScope.getInnerScope();
    try (PointerScope inner = new PointerScope()) {
      Tensor result = KeptTensor.leaving(body.get());
      if (outer == null) {
        result.retainReference();
      } else {
        outer.attach(result);
      }
      inner.detach(result);
      return result;
    }
  }

  /**
   * Makes a tensor outlive the scopes that are open now, as a layer's own tensors must.
   *
   * @param tensor the tensor
   * @return the same tensor
   */
  public static Tensor keep(Tensor tensor) {
    tensor.retainReference();
    return tensor;
  }
}
