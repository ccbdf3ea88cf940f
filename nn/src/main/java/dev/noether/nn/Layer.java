package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.SharedTensors;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

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
public abstract non-sealed class Layer extends LayerTensors {
  private static final long SUMMARY_SAMPLES = 256;

  private final Map<String, Layer> children = new LinkedHashMap<>();
  private final SharedTensors shared = new SharedTensors();
  private volatile boolean training = true;
  private volatile Dtype moved = Dtype.FLOAT32;

  /** For subclasses, which register their tensors and children. */
  protected Layer() {}

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
    child.walk("", (below, layer) -> layer.share(shared));
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
    owner.drop();
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

  /**
   * Called after a change of mode, a move or a load: a layer that keeps results drops them. What is
   * {@linkplain Parameter#derived derived} from its parameters is dropped already.
   */
  protected void stateChanged() {}

  private void drop() {
    parameters.values().forEach(Parameter::drop);
    stateChanged();
  }

  /** How layers are copied; the registry of layers, which knows their types, provides it. */
  interface Copying {
    /**
     * A deep copy.
     *
     * @param layer any layer
     * @return a new layer
     * @throws IllegalArgumentException if a layer tells neither by its type nor by {@link
     *     Layer#rebuild} how it is built
     */
    Layer copied(Layer layer);
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
    return ServiceLoader.load(Copying.class, Layer.class.getClassLoader())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("noether-nn lacks its own services"))
        .copied(this);
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

  /** Takes the mode of another layer. */
  final void takeMode(Layer other) {
    training = other.training;
    moved = other.moved;
    drop();
  }

  /** Visits this layer and all below it, parents first; one that has two names comes twice. */
  void walk(String prefix, BiConsumer<String, Layer> visitor) {
    visitor.accept(prefix, this);
    children.forEach((name, child) -> child.walk(join(prefix, name), visitor));
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
   * The parameters that weight decay is for: weights of maps. Left out are biases, scales and
   * tables of positions.
   *
   * @return those of this layer and those below it, by name
   */
  public final Map<String, Tensor> namedWeights() {
    Map<String, Tensor> all = new LinkedHashMap<>(namedParameters());
    walk(
        "",
        (prefix, layer) ->
            layer.parameters.forEach(
                (name, parameter) -> {
                  if (!parameter.isWeight(name)) {
                    all.remove(join(prefix, name));
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
   * Equal ones that nothing changes may have one memory: they are to be read only.
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
                  if (seen.add(buffer.tensor())) {
                    all.put(join(prefix, name), buffer.tensor());
                  }
                }));
    return Collections.unmodifiableMap(all);
  }

  /**
   * Fixed tensors that have been made because they were needed, as those of the isotypic way are.
   * They follow the layer's dtype and device when they are needed again.
   *
   * @return those of this layer and those below it by name, as they are now
   */
  public final Map<String, Tensor> namedLazyBuffers() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) ->
            layer.lazy.forEach(
                (name, own) ->
                    own.tensors()
                        .forEach((key, tensor) -> all.put(join(prefix, name + key), tensor))));
    return all;
  }

  private StateDict state() {
    Told told = new Told(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    walk("", (prefix, layer) -> layer.tell(prefix, told));
    return new StateDict(told.own(), told.fixed(), told.marks(), like());
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
    walk("", (name, layer) -> layer.drop());
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
    walk("", (name, layer) -> layer.training = mode);
    walk("", (name, layer) -> layer.drop());
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

  private Layer convert(UnaryOperator<Tensor> conversion, Function<Buffer, Tensor> numbers) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      namedParameters().values().forEach(parameter -> convert(parameter, conversion));
      walk("", (prefix, layer) -> layer.convertBuffers(conversion, numbers));
    }
    shareBuffers();
    walk("", (name, layer) -> layer.drop());
    return this;
  }

  /** Lets equal fixed tensors have one memory. */
  final void shareBuffers() {
    SharedTensors all = new SharedTensors();
    walk("", (name, layer) -> layer.share(all));
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
