package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The fixed tensors that something computes with, by name: what a layer registers, moves and
 * converts.
 *
 * <p>They live as long as the scope in which they were made, or as the layer that registers them. A
 * tensor that follows from a matrix is kept with it, so that a conversion to a wider dtype takes
 * the numbers anew instead of widening rounded ones.
 */
public final class Buffers {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Supplier<Tensor>> exact = new LinkedHashMap<>();
  private final Map<String, LazyBuffers<?>> lazy = new LinkedHashMap<>();

  /** No tensors yet. */
  public Buffers() {}

  /**
   * Adds a tensor.
   *
   * @param name its name
   * @param tensor the tensor
   * @return the same tensor
   * @throws IllegalArgumentException if the name is taken
   */
  public Tensor add(String name, Tensor tensor) {
    return add(name, tensor, null);
  }

  /**
   * Adds a matrix as a tensor.
   *
   * @param name its name
   * @param dtype the dtype of the tensor
   * @param matrix the numbers
   * @return {@code [rows, columns]} on the CPU
   * @throws IllegalArgumentException if the name is taken
   */
  public Tensor add(String name, Dtype dtype, Matrix matrix) {
    return add(name, Tensors.of(dtype, matrix), () -> Tensors.of(Dtype.FLOAT64, matrix));
  }

  /**
   * Adds a tensor with the way to its numbers in float64.
   *
   * @param name its name
   * @param tensor the tensor
   * @param numbers computes it in float64 on the CPU; null where its numbers are exact as they are
   * @return the same tensor
   * @throws IllegalArgumentException if the name is taken
   */
  public Tensor add(String name, Tensor tensor, @Nullable Supplier<Tensor> numbers) {
    require(tensors.putIfAbsent(name, tensor) == null, "two tensors are '%s'", name);
    if (numbers != null) {
      exact.put(name, numbers);
    }
    return tensor;
  }

  /**
   * Takes in the tensors of a part.
   *
   * @param prefix what goes before their names
   * @param part the tensors, which stay the part's own
   * @throws IllegalArgumentException if a name is taken
   */
  public void addAll(String prefix, Buffers part) {
    part.forEach((name, tensor) -> add(prefix + name, tensor, part.exact.get(name)));
    part.lazy.forEach((name, tensors) -> lazy.put(prefix + name, tensors));
  }

  /**
   * Tells of tensors that are made when they are needed, and then move by themselves.
   *
   * @param prefix what goes before their names
   * @param tensors the tensors
   */
  public void addLazy(String prefix, LazyBuffers<?> tensors) {
    lazy.put(prefix, tensors);
  }

  /**
   * The tensors that are made when they are needed.
   *
   * @return an unmodifiable view, by what goes before their names
   */
  public Map<String, LazyBuffers<?>> lazy() {
    return Collections.unmodifiableMap(lazy);
  }

  /**
   * Goes through all tensors in the order in which they came.
   *
   * @param visitor takes a name and its tensor
   */
  public void forEach(BiConsumer<String, Tensor> visitor) {
    tensors.forEach(visitor);
  }

  /**
   * The way to a tensor's numbers in float64.
   *
   * @param name the name of a tensor
   * @return computes it on the CPU; empty where its numbers are exact as they are
   */
  public Optional<Supplier<Tensor>> exact(String name) {
    return Optional.ofNullable(exact.get(name));
  }

  /**
   * The tensors.
   *
   * @return an unmodifiable view
   */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * The memory of all tensors that are there.
   *
   * @return bytes
   */
  public long bytes() {
    return Stream.concat(
            tensors.values().stream(),
            lazy.values().stream().flatMap(own -> own.tensors().values().stream()))
        .mapToLong(Tensor::nbytes)
        .sum();
  }

  /**
   * Moves the tensors to where another one is, in place.
   *
   * @param like a tensor on the device
   * @return these tensors
   */
  public Buffers moveTo(Tensor like) {
    if (like.is_cuda()) {
      tensors.values().forEach(t -> t.set_data(t.to(like.device(), t.scalar_type())));
    }
    return this;
  }
}
