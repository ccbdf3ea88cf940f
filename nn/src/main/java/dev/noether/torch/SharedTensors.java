package dev.noether.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Lets equal fixed tensors have one memory: the layers of a network act on few different
 * representations, and what follows from these is the same in each.
 *
 * <p>Every layer keeps its tensor, which goes its own way when the layer is moved or converted.
 */
public final class SharedTensors {
  private record Kind(String dtype, List<Long> shape) {}

  private final Map<Kind, List<Tensor>> known = new HashMap<>();

  /** Knows no tensor yet. */
  public SharedTensors() {}

  /**
   * Gives a tensor the memory of an equal one that came before, if there is one.
   *
   * @param tensor the tensor, which nothing changes from now on
   */
  public void add(Tensor tensor) {
    if (tensor.numel() == 0) {
      return;
    }
    List<Long> shape = new ArrayList<>();
    for (long size : Tensors.shape(tensor)) {
      shape.add(size);
    }
    List<Tensor> alike =
        known.computeIfAbsent(
            new Kind(Tensors.dtypeName(tensor), shape), kind -> new ArrayList<>());
    try (PointerScope scope = new PointerScope()) {
      for (Tensor other : alike) {
        if (areOne(tensor, other)) {
          return;
        }
        if (areEqual(tensor, other)) {
          tensor.set_data(other.detach());
          return;
        }
      }
    }
    alike.add(tensor);
  }

  private static boolean areOne(Tensor a, Tensor b) {
    return a.is_cuda() == b.is_cuda() && a.data_ptr().address() == b.data_ptr().address();
  }

  private static boolean areEqual(Tensor a, Tensor b) {
    if (a.is_cuda() || b.is_cuda()) {
      return a.is_cuda() && b.is_cuda() && a.device().index() == b.device().index() && a.equal(b);
    }
    return a.is_contiguous()
        && b.is_contiguous()
        && Pointer.memcmp(a.data_ptr(), b.data_ptr(), a.nbytes()) == 0;
  }
}
