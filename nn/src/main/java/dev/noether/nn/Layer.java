package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Buffers;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
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
  /** What the state dict says of a buffer. */
  private enum Kind {
    TRANSIENT,
    PERSISTENT,
    /** In the state dict, but a load must agree with it and does not change it. */
    FIXED
  }

  /** A tensor that does not train; {@code exact} computes its numbers in float64. */
  private record Buffer(Tensor tensor, Kind kind, @Nullable Supplier<Tensor> exact) {}

  private static final long SUMMARY_SAMPLES = 256;

  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Buffer> buffers = new LinkedHashMap<>();
  private final Map<String, Supplier<Tensor>> derived = new LinkedHashMap<>();
  private final Map<String, StateDict.Mark> marks = new LinkedHashMap<>();
  private final Map<String, Layer> children = new LinkedHashMap<>();
  private volatile boolean training = true;
  private volatile Dtype moved = Dtype.FLOAT32;

  /** For subclasses, which register their tensors and children. */
  protected Layer() {}

  /**
   * Registers a tensor that trains.
   *
   * @param name its name in this layer
   * @param value its first value; becomes the parameter itself, requiring gradients
   * @return the parameter, through which the layer reads it
   */
  protected final Parameter registerParameter(String name, Tensor value) {
    Parameter parameter = new Parameter(value);
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
   *     #loadTrained}, nor by a lenient load that does not find it
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
   * Registers a child whose tensors have their names in this layer itself, as if they were its own.
   *
   * @param <L> the type of the part
   * @param part the child
   * @return the child
   */
  protected final <L extends Layer> L registerPart(L part) {
    return registerChild("", part);
  }

  /**
   * Routes a parameter through a map from now on, as PyTorch's {@code register_parametrization}.
   * The tensor that trains stays the same; in the state dict it is called {@code
   * parametrizations.NAME.original} from now on.
   *
   * @param name the name of a parameter of this layer or of one below it
   * @param parametrization the map; becomes a child of the layer that holds the parameter
   * @throws IllegalArgumentException if there is no such parameter, it has a map already, or the
   *     map gives another shape or dtype; nothing is changed then
   */
  public final void parametrize(String name, Parametrization parametrization) {
    int dot = name.lastIndexOf('.');
    Layer owner =
        requirePresent(
            namedLayers().get(name.substring(0, Math.max(dot, 0))),
            "%s has no parameter '%s'",
            this,
            name);
    owner.parametrizeOwn(name.substring(dot + 1), parametrization, true);
    owner.stateChanged();
  }

  /**
   * Routes a parameter of this layer through a map that belongs to what the layer is: for
   * constructors.
   *
   * @param name the name of the parameter
   * @param parametrization the map
   */
  protected final void registerParametrization(String name, Parametrization parametrization) {
    parametrizeOwn(name, parametrization, false);
  }

  private void parametrizeOwn(String name, Parametrization parametrization, boolean byUser) {
    require(
        !parameters.containsKey("parametrizations." + name + ".original"),
        "'%s' is constrained already; make a new layer",
        name);
    Parameter parameter =
        requirePresent(parameters.get(name), "%s has no parameter '%s'", this, name);
    parameter.requireFits(name, parametrization, parametrization::constrain);
    parameters.remove(name);
    parameters.put("parametrizations." + name + ".original", parameter);
    registerChild("parametrizations." + name + ".0", parametrization);
    parameter.attach(
        new Parameter.Reading(
            parametrization,
            parametrization::apply,
            parametrization::constrainTransposed,
            parametrization::rightInverse),
        byUser);
  }

  /**
   * What this layer claims to be: a function of its inputs that commutes with a group, and an
   * example of them, by which {@link Equivariance#checkEach} judges it.
   *
   * @return the function; empty for layers that claim nothing
   */
  public Optional<EquivariantFunction> equivariance() {
    return Optional.empty();
  }

  /** Called after a change of mode, a move or a load: a layer that keeps results drops them. */
  protected void stateChanged() {}

  /** How layers are built again; the registry of layers, which knows their types, provides it. */
  interface Rebuilding {
    /**
     * A layer of the same structure.
     *
     * @param layer any layer
     * @return a new layer, whose tensors have any values
     * @throws IllegalArgumentException if a layer tells neither by its type nor by {@link
     *     Layer#rebuild} how it is built
     */
    Layer rebuilt(Layer layer);
  }

  /**
   * A deep copy, as Python's {@code copy.deepcopy}: parameters, buffers, modes, dtypes, devices and
   * what is frozen are the same, nothing is shared, and training one leaves the other as it is.
   * Gradients and hooks stay with the original. LibTorch's random numbers go on as if nothing had
   * been built.
   *
   * <p>Layers are built again from their {@link LayerType} or by {@link #rebuild}, then their
   * numbers are copied bit for bit. A function in a {@link FunctionLayer} is shared.
   *
   * @return the copy
   * @throws IllegalArgumentException if this layer, or one below, tells neither way how it is built
   */
  public Layer copy() {
    Rebuilding rebuilding =
        ServiceLoader.load(Rebuilding.class, Layer.class.getClassLoader())
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("noether-nn lacks its own services"));
    Layer copy = Seeds.undisturbed(() -> rebuilding.rebuilt(this));
    copy.takeAll(this);
    return copy;
  }

  /**
   * Builds a layer like this one, with weights of any value: what {@link #copy} needs of a layer
   * whose {@link LayerType} is not registered. Children are copied by their own {@link #copy}.
   *
   * @return a new layer of the same class and structure; empty where none is built
   */
  protected Optional<Layer> rebuild() {
    return Optional.empty();
  }

  /** Copies every number and flag of a layer of the same structure. */
  private void takeAll(Layer other) {
    List<Layer> own = new ArrayList<>();
    List<Layer> others = new ArrayList<>();
    walk("", (name, layer) -> own.add(layer));
    other.walk("", (name, layer) -> others.add(layer));
    require(
        own.stream()
                .map(Layer::getClass)
                .toList()
                .equals(others.stream().map(Layer::getClass).toList())
            && namedParameters().keySet().equals(other.namedParameters().keySet())
            && namedBuffers().keySet().equals(other.namedBuffers().keySet()),
        "%s cannot be copied: built again it has other layers or tensors; a function of one's own "
            + "cannot hold layers, and rebuild() must repeat how the layer was made",
        other);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      copyAll(other.namedParameters(), namedParameters());
      copyAll(other.namedBuffers(), namedBuffers());
    }
    for (int i = 0; i < own.size(); i++) {
      own.get(i).training = others.get(i).training;
      own.get(i).moved = others.get(i).moved;
      own.get(i).stateChanged();
    }
  }

  private static void copyAll(Map<String, Tensor> from, Map<String, Tensor> into) {
    from.forEach(
        (name, tensor) -> {
          Tensor own = Objects.requireNonNull(into.get(name));
          own.set_data(tensor.detach().clone());
          own.set_requires_grad(tensor.requires_grad());
        });
  }

  /** Visits this layer and all below it, parents first; one that has two names comes twice. */
  void walk(String prefix, BiConsumer<String, Layer> visitor) {
    visitor.accept(prefix, this);
    children.forEach((name, child) -> child.walk(join(prefix, name), visitor));
  }

  static String join(String prefix, String name) {
    return prefix.isEmpty() ? name : name.isEmpty() ? prefix : prefix + "." + name;
  }

  /**
   * This layer and all below it by name; its own name is empty. A part without a name of its own is
   * left out.
   *
   * @return the layers, parents first
   */
  public final Map<String, Layer> namedLayers() {
    Map<String, Layer> all = new LinkedHashMap<>();
    walk("", all::putIfAbsent);
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
                (name, parameter) -> {
                  if (seen.add(parameter.original())) {
                    all.put(join(prefix, name), parameter.original());
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
   * All buffers by name, persistent or not; one that has two names comes once, under the first.
   *
   * @return the buffers of this layer and those below it
   */
  public final Map<String, Tensor> namedBuffers() {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) ->
            layer.buffers.forEach(
                (name, buffer) -> {
                  if (seen.add(buffer.tensor)) {
                    all.put(join(prefix, name), buffer.tensor);
                  }
                }));
    return Collections.unmodifiableMap(all);
  }

  private StateDict state() {
    Map<String, Tensor> own = new LinkedHashMap<>();
    Map<String, Supplier<Tensor>> fixed = new LinkedHashMap<>();
    Map<String, StateDict.Mark> told = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) -> {
          layer.parameters.forEach((name, p) -> own.put(join(prefix, name), p.original()));
          // A basis first: what a refusal names should be the reason, not an index that follows it.
          layer.derived.forEach((name, value) -> fixed.put(join(prefix, name), value));
          layer.marks.forEach((name, mark) -> told.put(join(prefix, name), mark));
          layer.buffers.forEach(
              (name, buffer) -> {
                switch (buffer.kind) {
                  case PERSISTENT -> own.put(join(prefix, name), buffer.tensor);
                  case FIXED -> fixed.put(join(prefix, name), buffer.tensor::detach);
                  case TRANSIENT -> {}
                }
              });
        });
    return new StateDict(own, fixed, told, like());
  }

  /**
   * Parameters and persistent buffers by name.
   *
   * @return tensors without gradient; parameters and buffers share the layer's memory, as in
   *     PyTorch's {@code state_dict}, and what follows from the representations is computed anew
   */
  public final Map<String, Tensor> stateDict() {
    return state().tensors();
  }

  /**
   * The part of {@link #stateDict} that does not follow from the representations: parameters and
   * persistent buffers.
   *
   * @return tensors by name, without gradient, sharing the layer's memory
   */
  public final Map<String, Tensor> trainedState() {
    return state().trained().tensors();
  }

  /**
   * Copies what {@link #trainedState} gives into this layer; every name must be there, and none
   * besides. Without the bases nothing tells that the weights are coordinates in this layer's: that
   * is for the caller to know.
   *
   * @param state tensors by name; converted to the layer's dtype and device
   * @throws IllegalArgumentException if a tensor is missing, unexpected or of another shape; the
   *     layer is then as it was
   */
  public final void loadTrained(Map<String, Tensor> state) {
    load(state().trained(), state);
  }

  /**
   * Copies a state dict into this layer; every name must be there, and none besides.
   *
   * @param state tensors by name; converted to the layer's dtype and device
   * @throws IllegalArgumentException if a tensor is missing, unexpected, of another shape, or a
   *     basis other than this layer's; the layer is then as it was
   */
  public final void load(Map<String, Tensor> state) {
    load(state(), state);
  }

  private void load(StateDict own, Map<String, Tensor> state) {
    LoadReport report = own.compare(state);
    require(
        report.isComplete(),
        "state dict does not fit: missing %s, unexpected %s; the layer is unchanged",
        report.missing(),
        report.unexpected());
    copy(own, state);
    own.tell(state, true);
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
    StateDict own = state();
    LoadReport report = own.compare(state);
    copy(own, state);
    own.tell(state, report.isComplete());
    return report;
  }

  private void copy(StateDict own, Map<String, Tensor> state) {
    own.copy(state);
    walk("", (name, layer) -> layer.stateChanged());
  }

  /**
   * The bases of a state dict that are not this layer's, so that {@link #load} would refuse it.
   *
   * @param state tensors by name
   * @return the names of those that are in the state dict and differ by more than roundings
   */
  public final Set<String> otherBases(Map<String, Tensor> state) {
    return state().otherBases(state);
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
   * Freezes all parameters, or lets them train again, as PyTorch's {@code requires_grad_}.
   *
   * @param trains whether they get gradients
   * @return this layer
   */
  public final Layer requiresGrad(boolean trains) {
    namedParameters().values().forEach(parameter -> parameter.set_requires_grad(trains));
    return this;
  }

  /**
   * Moves all tensors to a device, in place.
   *
   * @param device where to
   * @return this layer
   */
  public final Layer to(ComputeDevice device) {
    return convert(tensor -> tensor.to(device.toTorch(), tensor.scalar_type()), Buffer::tensor);
  }

  /**
   * Converts all floating-point tensors to a dtype, in place.
   *
   * @param dtype the new dtype
   * @return this layer
   */
  public final Layer to(Dtype dtype) {
    walk("", (name, layer) -> layer.moved = dtype);
    return convert(
        tensor -> tensor.is_floating_point() ? tensor.to(dtype.scalarType()) : tensor,
        buffer -> numbers(buffer, dtype));
  }

  /**
   * The dtype in which this layer works.
   *
   * @return that of its first floating-point tensor; where it has none, the one it was moved to
   *     last, float32 at first
   */
  public final Dtype dtype() {
    return like().map(Dtype::of).orElse(moved);
  }

  /** What a buffer is converted from: exact numbers where the new dtype has digits it has not. */
  private static Tensor numbers(Buffer buffer, Dtype dtype) {
    Tensor tensor = buffer.tensor;
    Supplier<Tensor> exact = buffer.exact;
    boolean fits =
        dtype.bytes() < tensor.element_size() || dtype.scalarType() == Tensors.scalarType(tensor);
    return exact == null || fits ? tensor : exact.get().to(tensor.device(), dtype.scalarType());
  }

  private Layer convert(UnaryOperator<Tensor> conversion, Function<Buffer, Tensor> numbers) {
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
      walk(
          "",
          (prefix, layer) ->
              layer
                  .buffers
                  .values()
                  .forEach(
                      buffer -> buffer.tensor.set_data(conversion.apply(numbers.apply(buffer)))));
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

  /** The maps that users attached to parameters of this layer itself, each parameter once. */
  final Map<String, Parametrization> attachedByUser(IdentityHashMap<Parameter, Boolean> seen) {
    Map<String, Parametrization> attached = new LinkedHashMap<>();
    parameters.forEach(
        (name, parameter) -> {
          Optional<Object> map = parameter.attachedByUser();
          if (map.isPresent() && seen.put(parameter, true) == null) {
            String own = name.replace("parametrizations.", "").replace(".original", "");
            attached.put(own, (Parametrization) map.get());
          }
        });
    return attached;
  }

  /** A tensor of the layer's dtype and device: its first floating-point one, or one below it. */
  final Optional<Tensor> like() {
    return Stream.concat(namedParameters().values().stream(), namedBuffers().values().stream())
        .filter(Tensor::is_floating_point)
        .findFirst();
  }

  /**
   * This layer and all below it as a table: what each acts on, how many numbers train in it, its
   * bytes, and how it applies its map to a batch of 256 samples.
   *
   * @return lines to print
   */
  public final String summary() {
    return summary(SUMMARY_SAMPLES);
  }

  /**
   * The same for batches of another size.
   *
   * @param samples the samples of a batch
   * @return lines to print
   * @throws IllegalArgumentException if there is none
   */
  public final String summary(long samples) {
    require(samples >= 1, "a batch has at least one sample, got %d", samples);
    return MemoryFootprint.summary(this, samples);
  }

  /**
   * How this layer applies its map to a batch, where it has several ways.
   *
   * @param samples the samples of a batch
   * @return a few words; empty where there is one way
   */
  protected String planned(long samples) {
    return "";
  }

  /** The class of the layer. */
  @Override
  public String toString() {
    return getClass().getSimpleName();
  }
}
