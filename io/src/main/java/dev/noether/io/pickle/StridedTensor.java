package dev.noether.io.pickle;

import dev.noether.algebra.Limits;
import dev.noether.io.DamagedFileException;
import dev.noether.io.TensorFile;
import dev.noether.io.bytes.StoredType;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor as PyTorch stores it: a view of numbers in a storage.
 *
 * @param storage where its numbers are
 * @param type the dtype
 * @param offset the place of its first number in the storage
 * @param shape its axes
 * @param strides how far apart neighbours along each axis are
 * @param span how many numbers lie between its first and its last, both included
 * @param count how many numbers it has
 */
record StridedTensor(
    Storage storage,
    StoredType type,
    long offset,
    List<Long> shape,
    List<Long> strides,
    long span,
    long count)
    implements PickledTensor {
  /** Numbers in the file beside the pickle, with the key that names them. */
  record Storage(StoredType type, String key, long bytes) {}

  /** Checks a view against its storage. */
  static StridedTensor of(
      Storage storage, StoredType type, long offset, List<Long> shape, List<Long> strides)
      throws DamagedFileException {
    if (shape.size() != strides.size() || shape.size() > Limits.AXES) {
      throw new DamagedFileException(
          "a tensor of shape " + shape + " cannot have strides " + strides);
    }
    String view = "a tensor of shape " + shape + ", strides " + strides + " and offset " + offset;
    List<Long> all = new ArrayList<>(shape);
    all.addAll(strides);
    all.add(offset);
    if (all.stream().anyMatch(number -> number < 0)) {
      throw new DamagedFileException(view + " has a number below 0");
    }
    try {
      long count = type.bytes(shape) / type.bytes();
      long span = count == 0 ? 0 : span(shape, strides);
      long end = Math.multiplyExact(Math.addExact(offset, span), type.bytes());
      if (count > 0 && end > storage.bytes) {
        throw new DamagedFileException(
            view + " ends at byte " + end + " of a storage of " + storage.bytes);
      }
      return new StridedTensor(
          storage, type, offset, List.copyOf(shape), List.copyOf(strides), span, count);
    } catch (ArithmeticException e) {
      throw new DamagedFileException("a tensor has a shape beyond any memory: " + shape, e);
    }
  }

  private static long span(List<Long> shape, List<Long> strides) {
    long last = 0;
    for (int i = 0; i < shape.size(); i++) {
      last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides.get(i)));
    }
    return Math.addExact(last, 1);
  }

  @Override
  public TensorFile.Entry entry() {
    return new TensorFile.Entry(type.dtype(), shape, count * type.bytes());
  }

  /** Whether its numbers lie one after the other, last axis fastest. */
  boolean isContiguous() {
    long step = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != step) {
        return false;
      }
      step *= shape.get(i);
    }
    return true;
  }
}
