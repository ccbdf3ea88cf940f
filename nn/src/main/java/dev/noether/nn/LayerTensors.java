package dev.noether.nn;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.LazyBuffers;
import dev.noether.torch.Scopes;
import dev.noether.torch.SharedTensors;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The tensors that a layer itself has, without those below it: what trains, what does not, and what
 * a state dict tells besides.
 */
abstract sealed class LayerTensors permits Layer {
  /** What the state dict says of a buffer. */
  enum Kind {
    TRANSIENT,
    PERSISTENT,
    /** In the state dict, but a load must agree with it and does not change it. */
    FIXED
  }

  /** A tensor that does not train; {@code exact} computes its numbers in float64. */
  record Buffer(Tensor tensor, Kind kind, @Nullable Supplier<Tensor> exact) {}

  /** What goes into a state dict. */
  record Told(
      Map<String, Tensor> own,
      Map<String, Supplier<Tensor>> fixed,
      Map<String, StateDict.Mark> marks) {}

  final Map<String, Parameter> parameters = new LinkedHashMap<>();
  final Map<String, Buffer> buffers = new LinkedHashMap<>();
  final Map<String, LazyBuffers<?>> lazy = new LinkedHashMap<>();
  private final Map<String, Supplier<Tensor>> derived = new LinkedHashMap<>();
  private final Map<String, StateDict.Mark> marks = new LinkedHashMap<>();

  /** Who sees what goes in and comes out. */
  private volatile List<BiConsumer<Tensor, Tensor>> hooks = List.of();

  LayerTensors() {}

  /**
   * Calls a function after each forward of one input, as PyTorch's {@code register_forward_hook}:
   * to look at activations, or for where numbers cease to be finite. A chain stays out of the basis
   * of the irreps between layers while one of them is looked at; a chain inside it has no forward.
   *
   * @param hook takes the input and the output, which it must not change
   * @return takes the hook away again
   */
  public final Runnable onForward(BiConsumer<Tensor, Tensor> hook) {
    hooks = Stream.concat(hooks.stream(), Stream.of(hook)).toList();
    return () -> hooks = hooks.stream().filter(other -> !other.equals(hook)).toList();
  }

  final boolean isWatched() {
    return !hooks.isEmpty();
  }

  /**
   * What a forward of one input returns: frees what was made on the way, and tells the hooks.
   *
   * @param input what came in
   * @param formula makes the output
   * @return the output
   */
  protected final Tensor computed(Tensor input, Supplier<Tensor> formula) {
    Tensor output = Scopes.compute(formula);
    for (BiConsumer<Tensor, Tensor> hook : hooks) {
      hook.accept(input, output);
    }
    return output;
  }

  /**
   * Registers a tensor that trains.
   *
   * @param name its name in this layer
   * @param value its first value; becomes the parameter itself, requiring gradients
   * @return the parameter, through which the layer reads it
   */
  protected final Parameter registerParameter(String name, Tensor value) {
    return register(name, new Parameter(value, true));
  }

  /**
   * Registers a tensor that trains and is no weight of a map, as the scales of a norm and tables of
   * positions are: weight decay would pull it from where it belongs. What is called a bias or a
   * scale needs no telling.
   *
   * @param name its name in this layer
   * @param value its first value; becomes the parameter itself, requiring gradients
   * @return the parameter, through which the layer reads it
   */
  protected final Parameter registerWithoutDecay(String name, Tensor value) {
    return register(name, new Parameter(value, false));
  }

  private Parameter register(String name, Parameter parameter) {
    parameters.put(name, parameter);
    return parameter;
  }

  /**
   * Registers a parameter of a child under a second name, as the reference's state dicts do.
   *
   * @param name the second name, in this layer
   * @param parameter the child's parameter
   */
  protected final void registerAlias(String name, Parameter parameter) {
    parameters.put(name, parameter);
  }

  /**
   * Registers a tensor that does not train.
   *
   * @param name its name in this layer
   * @param value the tensor; becomes the buffer itself
   * @param persistent whether it belongs to the state dict
   * @return the buffer
   */
  protected final Tensor registerBuffer(String name, Tensor value, boolean persistent) {
    return register(name, value, persistent ? Kind.PERSISTENT : Kind.TRANSIENT, null);
  }

  /**
   * Registers tensors that this layer computes with and that follow from what it is; they are not
   * in the state dict.
   *
   * @param prefix what goes before their names in this layer
   * @param tensors the tensors; become the buffers themselves
   */
  protected final void registerBuffers(String prefix, Buffers tensors) {
    tensors.forEach(
        (name, tensor) ->
            register(prefix + name, tensor, Kind.TRANSIENT, tensors.exact(name).orElse(null)));
    tensors.lazy().forEach((name, own) -> lazy.put(prefix + name, own));
  }

  /**
   * Registers a tensor of the state dict that follows from what the layer is: a state dict that has
   * another one is refused, because its weights mean another map.
   *
   * @param name its name in this layer
   * @param value the tensor; becomes the buffer itself
   * @return the buffer
   */
  protected final Tensor registerFixed(String name, Tensor value) {
    return register(name, value, Kind.FIXED, null);
  }

  /**
   * Registers a matrix of the state dict that follows from what the layer is.
   *
   * @param name its name in this layer
   * @param dtype the dtype of the buffer
   * @param value the matrix
   * @return the buffer, {@code [rows, columns]}
   */
  protected final Tensor registerFixed(String name, Dtype dtype, Matrix value) {
    Tensor tensor = Tensors.of(dtype, value);
    return register(name, tensor, Kind.FIXED, () -> Tensors.of(Dtype.FLOAT64, value));
  }

  private Tensor register(String name, Tensor value, Kind kind, @Nullable Supplier<Tensor> exact) {
    buffers.put(name, new Buffer(Scopes.keep(value), kind, exact));
    return value;
  }

  /**
   * Registers a tensor that belongs to the state dict without being kept: it follows from what the
   * layer is, and is computed when the state dict is asked for.
   *
   * @param name its name in this layer
   * @param value computes it, on the CPU in float64
   */
  protected final void registerDerived(String name, Supplier<Tensor> value) {
    derived.put(name, value);
  }

  /**
   * Registers a name by which a state dict tells under which of two rules its weights were trained:
   * where the Python package computes something that Noether mends, its weights need the old rule.
   * A load does not miss the name, refuses another value, and tells whether it was there.
   *
   * @param name its name in this layer
   * @param value computes what stands under it, on the CPU in float64
   * @param isGiven whether this layer's own state dict has it now
   * @param found called after a load with whether the state dict had it; not called by {@link
   *     Layer#loadTrained}, nor by a lenient load that does not find it
   */
  protected final void registerMark(
      String name, Supplier<Tensor> value, BooleanSupplier isGiven, Consumer<Boolean> found) {
    marks.put(name, new StateDict.Mark(value, isGiven, found));
  }

  /**
   * Registers a name of the Python package's state dicts that tells nothing: a load takes it or
   * does without, whatever stands there.
   *
   * @param name its name in this layer
   * @param value computes what this layer's state dict has under it, on the CPU in float64
   * @param isGiven whether it has it now
   */
  protected final void registerIgnored(
      String name, Supplier<Tensor> value, BooleanSupplier isGiven) {
    marks.put(name, new StateDict.Mark(value, isGiven, null));
  }

  static String join(String prefix, String name) {
    return prefix.isEmpty() ? name : name.isEmpty() ? prefix : prefix + "." + name;
  }

  /** Tells of all tensors. */
  final void tell(String prefix, Told told) {
    parameters.forEach((name, p) -> told.own.put(join(prefix, name), p.original()));
    // A basis first: what a refusal names should be the reason, not an index that follows it.
    derived.forEach((name, value) -> told.fixed.put(join(prefix, name), value));
    marks.forEach((name, mark) -> told.marks.put(join(prefix, name), mark));
    buffers.forEach(
        (name, buffer) -> {
          switch (buffer.kind) {
            case PERSISTENT -> told.own.put(join(prefix, name), buffer.tensor);
            case FIXED -> told.fixed.put(join(prefix, name), buffer.tensor::detach);
            case TRANSIENT -> {}
          }
        });
  }

  /** Moves or converts a parameter and its gradient, in place. */
  static void convert(Tensor parameter, UnaryOperator<Tensor> conversion) {
    Tensor gradient = parameter.grad();
    Tensor moved = gradient.defined() ? conversion.apply(gradient.detach()) : gradient;
    parameter.mutable_grad().put(new Tensor());
    parameter.set_data(conversion.apply(parameter.detach()));
    if (moved.defined()) {
      parameter.mutable_grad().put(moved);
    }
  }

  /** Moves or converts what does not train, in place. */
  final void convertBuffers(UnaryOperator<Tensor> conversion, Function<Buffer, Tensor> numbers) {
    buffers
        .values()
        .forEach(buffer -> buffer.tensor.set_data(conversion.apply(numbers.apply(buffer))));
  }

  /** Lets what nothing changes have the memory of equal tensors. */
  final void share(SharedTensors shared) {
    buffers.values().stream()
        .filter(buffer -> buffer.kind != Kind.PERSISTENT)
        .forEach(buffer -> shared.add(buffer.tensor));
  }

  /** What a buffer is converted from: exact numbers where the new dtype has digits it has not. */
  static Tensor numbers(Buffer buffer, Dtype dtype) {
    Tensor tensor = buffer.tensor;
    Supplier<Tensor> exact = buffer.exact;
    boolean fits =
        dtype.bytes() < tensor.element_size() || dtype.scalarType() == Tensors.scalarType(tensor);
    return exact == null || fits ? tensor : exact.get().to(tensor.device(), dtype.scalarType());
  }

  /** Copies numbers and what is frozen, bit for bit. */
  static void copyAll(Map<String, Tensor> from, Map<String, Tensor> into) {
    from.forEach(
        (name, tensor) -> {
          Tensor own = Objects.requireNonNull(into.get(name));
          own.set_data(tensor.detach().clone());
          own.set_requires_grad(tensor.requires_grad());
        });
  }

  /**
   * Refuses null for what says how features transform: for constructors that ask it something
   * before the layer is made.
   *
   * @param <T> a representation, or fields
   * @param space how features transform
   * @param layer the layer that needs it
   * @return the same
   * @throws IllegalArgumentException if it is null
   */
  protected static <T> T requireSpace(@Nullable T space, Class<?> layer) {
    return requirePresent(
        space, "%s needs to know how its features transform, got null", layer.getSimpleName());
  }
}
