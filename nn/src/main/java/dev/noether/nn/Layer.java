package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.torch.Device;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;

/**
 * A node of a model: parameters that train, buffers that do not, children, and a training flag.
 *
 * <p>A layer is complete when constructed. Its tensors keep their identity for life: a move, a load
 * or an optimizer changes what they hold, so an optimizer made before a move stays valid. Names
 * follow PyTorch's {@code state_dict}, children joined by dots.
 *
 * <p>A layer is confined to one thread at a time while it is trained, moved or loaded; several
 * threads may evaluate it at once.
 */
public abstract class Layer {
  private enum Kind {
    TRANSIENT,
    PERSISTENT,
    /** In the state dict, but a load must agree with it and does not change it. */
    FIXED
  }

  private record Buffer(Tensor tensor, Kind kind) {}

  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Buffer> buffers = new LinkedHashMap<>();
  private final Map<String, Supplier<Tensor>> derived = new LinkedHashMap<>();
  private final Map<String, Layer> children = new LinkedHashMap<>();
  private volatile boolean training = true;
  private @Nullable SpectralStage joined;

  /** For subclasses, which register their tensors and children. */
  protected Layer() {}

  /**
   * Registers a tensor that trains.
   *
   * @param name its name in this layer
   * @param value its first value; becomes the parameter itself
   * @return the parameter, requiring gradients
   */
  protected final Tensor registerParameter(String name, Tensor value) {
    parameters.put(name, Scopes.keep(value));
    value.set_requires_grad(true);
    return value;
  }

  /** Gives a parameter another name, as a parametrization does. */
  final void renameParameter(String from, String to) {
    parameters.put(
        to, requirePresent(parameters.remove(from), "%s has no parameter '%s'", this, from));
  }

  /** Registers a parameter of a child under a second name, as the reference's state dicts do. */
  final void registerAlias(String name, Tensor parameter) {
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
    buffers.put(
        name, new Buffer(Scopes.keep(value), persistent ? Kind.PERSISTENT : Kind.TRANSIENT));
    return value;
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
    buffers.put(name, new Buffer(Scopes.keep(value), Kind.FIXED));
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

  /** Registers the tensors of a basis, and the names under which the state dict shows it. */
  final void registerBasis(String name, GroupHomomorphismBasis basis) {
    basis.buffers().forEach((key, b) -> registerBuffer(name + "." + key, b, false));
    basis.stateDictEntries().forEach((key, value) -> registerDerived(name + "." + key, value));
  }

  /**
   * Registers a child.
   *
   * @param <L> the type of the child
   * @param name its name in this layer
   * @param child the child
   * @return the child
   */
  protected final <L extends Layer> L registerChild(String name, L child) {
    children.put(name, child);
    return child;
  }

  /**
   * What this layer is, without its weights, so that a file can hold it and build it again.
   *
   * @return the architecture; empty for layers of your own and chains that hold one, unless they
   *     override this
   */
  public Optional<Architecture> architecture() {
    return Optional.empty();
  }

  /** How this layer works on features in the isotypic basis; null where it does not. */
  @Nullable SpectralStage spectralStage() {
    return null;
  }

  /** The stage that chains use, the same one for all of them. */
  final @Nullable SpectralStage stage() {
    return joined == null ? spectralStage() : joined;
  }

  /** Keeps a stage, whose tensors then move with the layer's. */
  final void join(SpectralStage stage) {
    if (joined == null) {
      stage.buffers().forEach((name, b) -> registerBuffer("isotypic." + name, b, false));
      joined = stage;
    }
  }

  /** Called after a change of mode, a move or a load: a layer that keeps results drops them. */
  protected void stateChanged() {}

  private void walk(String prefix, BiConsumer<String, Layer> visitor) {
    visitor.accept(prefix, this);
    children.forEach((name, child) -> child.walk(join(prefix, name), visitor));
  }

  private static String join(String prefix, String name) {
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  /**
   * This layer and all below it by name; its own name is empty.
   *
   * @return the layers, parents first
   */
  public final Map<String, Layer> namedLayers() {
    Map<String, Layer> all = new LinkedHashMap<>();
    walk("", all::put);
    return Collections.unmodifiableMap(all);
  }

  /**
   * All parameters by name; one that has two names comes once, under the first.
   *
   * @return the parameters of this layer and those below it
   */
  public final Map<String, Tensor> namedParameters() {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) ->
            layer.parameters.forEach(
                (name, tensor) -> {
                  if (seen.add(tensor)) {
                    all.put(join(prefix, name), tensor);
                  }
                }));
    return Collections.unmodifiableMap(all);
  }

  /**
   * All parameters as an optimizer takes them.
   *
   * @return a new native list
   */
  public final TensorVector parameters() {
    return new TensorVector(namedParameters().values().toArray(Tensor[]::new));
  }

  /**
   * All buffers by name, persistent or not.
   *
   * @return the buffers of this layer and those below it
   */
  public final Map<String, Tensor> namedBuffers() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) ->
            layer.buffers.forEach((name, buffer) -> all.put(join(prefix, name), buffer.tensor)));
    return Collections.unmodifiableMap(all);
  }

  private Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) -> {
          layer.parameters.forEach((name, tensor) -> all.put(join(prefix, name), tensor));
          layer.buffers.forEach(
              (name, buffer) -> {
                if (buffer.kind == Kind.PERSISTENT) {
                  all.put(join(prefix, name), buffer.tensor);
                }
              });
        });
    return all;
  }

  /** What a state dict shows and a load must agree with. */
  private Map<String, Supplier<Tensor>> fixed() {
    Map<String, Supplier<Tensor>> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) -> {
          // A basis first: what a refusal names should be the reason, not an index that follows it.
          layer.derived.forEach((name, value) -> all.put(join(prefix, name), value));
          layer.buffers.forEach(
              (name, buffer) -> {
                if (buffer.kind == Kind.FIXED) {
                  all.put(join(prefix, name), buffer.tensor::detach);
                }
              });
        });
    return all;
  }

  /**
   * Parameters and persistent buffers by name.
   *
   * @return tensors without gradient; parameters and buffers share the layer's memory, as in
   *     PyTorch's {@code state_dict}, and what follows from the representations is computed anew
   */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    state().forEach((name, tensor) -> all.put(name, tensor.detach()));
    fixed().forEach((name, value) -> all.put(name, Scopes.compute(() -> like(value.get()))));
    return Collections.unmodifiableMap(all);
  }

  /** The tensor in the dtype and on the device of the layer. */
  private Tensor like(Tensor tensor) {
    if (!tensor.is_floating_point()) {
      return tensor;
    }
    return Stream.concat(namedParameters().values().stream(), namedBuffers().values().stream())
        .filter(Tensor::is_floating_point)
        .findFirst()
        .map(own -> tensor.to(own.device(), own.scalar_type()))
        .orElse(tensor);
  }

  /**
   * Copies a state dict into this layer; every name must be there, and none besides.
   *
   * @param state tensors by name; converted to the layer's dtype and device
   * @throws IllegalArgumentException if a tensor is missing, unexpected, of another shape, or a
   *     basis other than this layer's; the layer is then as it was
   */
  public final void load(Map<String, Tensor> state) {
    StateMatch match = match(state);
    LoadReport report = match.report();
    require(
        report.isComplete(),
        "state dict does not fit: missing %s, unexpected %s; the layer is unchanged",
        report.missing(),
        report.unexpected());
    copy(match);
  }

  /**
   * Copies those tensors of a state dict that this layer has.
   *
   * @param state tensors by name; converted to the layer's dtype and device
   * @return the names that were missing and those that were not expected
   * @throws IllegalArgumentException if a tensor is of another shape, or a basis other than this
   *     layer's; the layer is then as it was
   */
  public final LoadReport loadLenient(Map<String, Tensor> state) {
    StateMatch match = match(state);
    LoadReport report = match.report();
    copy(match);
    return report;
  }

  private void copy(StateMatch match) {
    match.copy();
    walk("", (name, layer) -> layer.stateChanged());
  }

  /**
   * What a lenient load found.
   *
   * @param missing names of the layer that the state dict lacks
   * @param unexpected names of the state dict that the layer lacks
   */
  public record LoadReport(List<String> missing, List<String> unexpected) {
    /**
     * Copies the lists.
     *
     * @param missing names of the layer that the state dict lacks
     * @param unexpected names of the state dict that the layer lacks
     */
    public LoadReport {
      missing = List.copyOf(missing);
      unexpected = List.copyOf(unexpected);
    }

    /**
     * Whether both sides have the same names.
     *
     * @return true if nothing was missing or unexpected
     */
    public boolean isComplete() {
      return missing.isEmpty() && unexpected.isEmpty();
    }
  }

  private StateMatch match(Map<String, Tensor> state) {
    return new StateMatch(state(), fixed(), state);
  }

  /**
   * The bases of a state dict that are not this layer's, so that {@link #load} would refuse it.
   *
   * @param state tensors by name
   * @return the names of those that are in the state dict and differ by more than roundings
   */
  public final Set<String> otherBases(Map<String, Tensor> state) {
    return match(state).otherBases();
  }

  /**
   * Sets training mode for this layer and all below it.
   *
   * @return this layer
   */
  public final Layer train() {
    return setTraining(true);
  }

  /**
   * Sets evaluation mode for this layer and all below it.
   *
   * @return this layer
   */
  public final Layer eval() {
    return setTraining(false);
  }

  private Layer setTraining(boolean mode) {
    walk(
        "",
        (name, layer) -> {
          layer.training = mode;
          layer.stateChanged();
        });
    return this;
  }

  /**
   * Whether this layer is in training mode.
   *
   * @return true after construction and {@link #train}, false after {@link #eval}
   */
  public final boolean isTraining() {
    return training;
  }

  /**
   * Moves all tensors to a device, in place.
   *
   * @param device where to
   * @return this layer
   */
  public final Layer to(Device device) {
    return convert(tensor -> tensor.to(device.toTorch(), tensor.scalar_type()));
  }

  /**
   * Converts all floating-point tensors to a dtype, in place.
   *
   * @param dtype the new dtype
   * @return this layer
   */
  public final Layer to(Dtype dtype) {
    return convert(tensor -> tensor.is_floating_point() ? tensor.to(dtype.scalarType()) : tensor);
  }

  private Layer convert(UnaryOperator<Tensor> conversion) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      namedParameters()
          .values()
          .forEach(
              parameter -> {
                Tensor gradient = parameter.grad();
                Tensor moved = gradient.defined() ? conversion.apply(gradient.detach()) : gradient;
                parameter.mutable_grad().put(new Tensor());
                parameter.set_data(conversion.apply(parameter.detach()));
                if (moved.defined()) {
                  parameter.mutable_grad().put(moved);
                }
              });
      namedBuffers().values().forEach(buffer -> buffer.set_data(conversion.apply(buffer)));
    }
    walk("", (name, layer) -> layer.stateChanged());
    return this;
  }

  /** Forgets the gradients of all parameters, as PyTorch's {@code zero_grad}. */
  public final void zeroGrad() {
    try (PointerScope scope = new PointerScope()) {
      namedParameters().values().forEach(p -> p.mutable_grad().put(new Tensor()));
    }
  }

  /** The class of the layer. */
  @Override
  public String toString() {
    return getClass().getSimpleName();
  }
}
