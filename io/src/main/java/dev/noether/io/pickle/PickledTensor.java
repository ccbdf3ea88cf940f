package dev.noether.io.pickle;

import dev.noether.io.TensorFile;
import java.util.List;
import java.util.Optional;

/** A tensor that a pickle tells of. */
sealed interface PickledTensor permits StridedTensor, PickledTensor.Foreign {
  /** What the file says of it. */
  TensorFile.Entry entry();

  /**
   * A tensor of a kind that is not read; the others are.
   *
   * @param dtype as PyTorch names it
   * @param shape its axes, where they are known
   * @param refusal the rest of a sentence that begins with its name
   */
  record Foreign(String dtype, List<Long> shape, String refusal) implements PickledTensor {
    @Override
    public TensorFile.Entry entry() {
      return new TensorFile.Entry(dtype, shape, 0, Optional.of(refusal));
    }
  }
}
