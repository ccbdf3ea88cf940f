package dev.noether.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor derived from two {@link KeptTensor kept ones}, itself kept as long as both are the same:
 * each knows when it no longer holds, and gives another handle then.
 */
public final class KeptPair {
  private record Entry(Tensor first, Tensor second, Tensor value) {}

  private volatile @Nullable Entry entry;

  /** Nothing is kept yet. */
  public KeptPair() {}

  /**
   * The derived tensor, for evaluation without gradients.
   *
   * @param first what it is derived from
   * @param second what else
   * @param derivation computes it
   * @return the tensor; computed at every call where one of the two is not kept
   */
  public Tensor get(Tensor first, Tensor second, Supplier<Tensor> derivation) {
    if (!KeptTensor.isKept(first) || !KeptTensor.isKept(second)) {
      return Autocast.without(first, derivation);
    }
    Entry known = entry;
    if (known == null || !known.first.equals(first) || !known.second.equals(second)) {
      try (PointerScope scope = new PointerScope();
          InferenceMode normal = new InferenceMode(false);
          NoGradGuard guard = new NoGradGuard()) {
        known = new Entry(first, second, Scopes.keep(Autocast.without(first, derivation).detach()));
      }
      entry = known;
    }
    return known.value;
  }
}
