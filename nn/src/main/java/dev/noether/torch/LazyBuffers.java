package dev.noether.torch;

import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Fixed tensors that are made when they are first needed: most layers never take the way that needs
 * them.
 *
 * <p>They follow a tensor of their owner: where its dtype or its device has changed they are made
 * anew, from the exact numbers.
 *
 * @param <T> what holds the tensors
 */
public final class LazyBuffers<T> {
  private final Tensor like;
  private final Maker<T> maker;
  private volatile @Nullable Made<T> made;

  /**
   * Makes the tensors.
   *
   * @param <T> what holds them
   */
  @FunctionalInterface
  public interface Maker<T> {
    /**
     * Makes the tensors, on the CPU.
     *
     * @param dtype their dtype
     * @param buffers takes each of them
     * @return what holds them
     */
    T make(Dtype dtype, Buffers buffers);
  }

  private record Made<T>(T value, Buffers buffers, ScalarType type, int device) {}

  /**
   * Nothing is made yet.
   *
   * @param like the tensor to follow
   * @param maker makes the tensors
   */
  public LazyBuffers(Tensor like, Maker<T> maker) {
    this.like = like;
    this.maker = maker;
  }

  /**
   * What holds the tensors, in the dtype and on the device of the tensor that they follow.
   *
   * @return what was made, now or before
   */
  public T get() {
    Made<T> known = made;
    ScalarType type = Tensors.scalarType(like);
    int device = device();
    if (known == null || known.type != type || known.device != device) {
      known = make(type, device);
      made = known;
    }
    return known.value;
  }

  /** The number of the GPU; -1 on the CPU. */
  private int device() {
    if (!like.is_cuda()) {
      return -1;
    }
    try (PointerScope scope = new PointerScope()) {
      return like.device().index();
    }
  }

  private Made<T> make(ScalarType type, int device) {
    // What is made in inference mode could never take part in a gradient later.
    try (PointerScope scope = new PointerScope();
        InferenceMode normal = new InferenceMode(false);
        NoGradGuard guard = new NoGradGuard()) {
      Buffers buffers = new Buffers();
      T value = maker.make(Dtype.of(like), buffers);
      buffers.moveTo(like);
      buffers.tensors().values().forEach(Scopes::keep);
      return new Made<>(value, buffers, type, device);
    }
  }

  /**
   * The tensors that are there.
   *
   * @return an unmodifiable view; empty until they are needed
   */
  public Map<String, Tensor> tensors() {
    Made<T> known = made;
    return known == null ? Map.of() : known.buffers.tensors();
  }
}
