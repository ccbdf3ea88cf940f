package dev.noether.nn.symmetry;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.group.Group;
import dev.noether.group.Subgroup;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The same function as a layer that commutes with a subgroup only, and is free to learn more: what
 * to do where data are less symmetric than a trained network.
 *
 * <pre>{@code
 * Subgroup mirror = group.subgroup("C2");
 * Restriction restriction = Restriction.of(model, mirror);
 * Layer free = restriction.layer();          // equal outputs, more parameters
 * // ... train it ...
 * Restriction.Back back = restriction.back(free);  // the nearest layer over the whole group
 * }</pre>
 *
 * <p>Every map that commutes with a group commutes with a subgroup, so weights pass exactly:
 * coefficients, biases, scales of copies, running statistics. A layer that treats the copies of
 * irreps one by one, as a norm nonlinearity, has no such form where these fall apart; it stays as
 * it is, in a {@link dev.noether.nn.linear.Restricted}, and {@link #kept} tells which and why.
 * Inside a model such layers stay those of the whole group too, and its maps become free, as {@link
 * dev.noether.nn.linear.MapOptions#within} says. Each layer is compared with what was made of it on
 * an example; one whose function would change is kept, or refused where it has several inputs.
 *
 * <p>Outputs are equal in evaluation. In training a batch norm uses the invariant mean under the
 * subgroup, and dropout on hidden features that a model makes itself drops smaller summands.
 */
public final class Restriction {
  private final Layer large;
  private final Layer layer;
  private final Map<String, Carry> carries;
  private final Map<String, String> kept;
  private final Map<String, Tensor> factors = new HashMap<>();

  private Restriction(Layer large, Smaller smaller) {
    requireGroup(large, smaller.group());
    this.large = large;
    Restricting work = new Restricting(smaller);
    layer = Seeds.undisturbed(() -> work.of(large, ""));
    carries = Collections.unmodifiableMap(work.carries());
    kept = Collections.unmodifiableMap(work.kept());
    takeModes();
  }

  /**
   * Restricts a layer or a model to a subgroup.
   *
   * @param layer the layer, over {@code subgroup.group()}; it stays as it is
   * @param subgroup the subgroup
   * @return the layer over {@code subgroup.asGroup()}, and the way back
   * @throws IllegalArgumentException if the layer is over another group, or one inside cannot be
   *     restricted; the message says which, and why
   */
  public static Restriction of(Layer layer, Subgroup subgroup) {
    return new Restriction(layer, Smaller.of(subgroup));
  }

  /**
   * Restricts a layer or a model over a compact group to a finite group inside it.
   *
   * @param layer the layer, over {@code embedding.into()}; it stays as it is
   * @param embedding the finite group and its place
   * @return the layer over {@code embedding.group()}, and the way back
   * @throws IllegalArgumentException if the layer is over another group, or one inside cannot be
   *     restricted; the message says which, and why
   */
  public static Restriction of(Layer layer, FiniteEmbedding embedding) {
    return new Restriction(layer, Smaller.of(embedding));
  }

  /**
   * Restricts a network over the plane or over space to a smaller group that acts there.
   *
   * @param layer a layer or a model of fields; it stays as it is
   * @param space the plane or space with the smaller group, whose elements move points as elements
   *     of the layer's group do
   * @return the layer of fields on that space, and the way back
   * @throws IllegalArgumentException if the layer is of no fields, the group does not lie in the
   *     layer's, or a layer inside cannot be restricted; the message says which, and why
   */
  public static Restriction of(Layer layer, Space space) {
    Space whole =
        requirePresent(
            spaceOf(layer).orElse(null),
            "%s is of no fields over the plane or space: restrict it to a subgroup",
            layer);
    return new Restriction(layer, Smaller.of(whole, space));
  }

  /**
   * The plane or space of a layer or a model.
   *
   * @param layer the layer
   * @return that of the first fields that it tells of; empty where it has none
   */
  public static Optional<Space> spaceOf(Layer layer) {
    return layer.namedLayers().values().stream()
        .filter(EquivariantLayer.class::isInstance)
        .map(EquivariantLayer.class::cast)
        .flatMap(own -> Stream.concat(own.inFields().stream(), own.outFields().stream()))
        .map(FieldType::space)
        .findFirst();
  }

  /**
   * The group of a layer or a model.
   *
   * @param layer the layer
   * @return the group of the first representation that it tells of; empty where it has none
   */
  public static Optional<Group> groupOf(Layer layer) {
    return layer.namedLayers().values().stream().flatMap(Restriction::groups).findFirst();
  }

  private static void requireGroup(Layer layer, Group group) {
    Optional<Group> own = groupOf(layer);
    require(own.isPresent(), "%s has no symmetry to restrict: no layer tells a group", layer);
    require(
        own.get().equals(group),
        "the subgroup must be one of %s, the group of %s, got one of %s",
        own.get(),
        layer,
        group);
  }

  private static Stream<Group> groups(Layer layer) {
    if (layer instanceof EquivariantLayer own) {
      return Stream.of(own.in().group());
    }
    Optional<EquivariantFunction> claim = layer.equivariance();
    if (claim.isPresent()) {
      return Stream.of(claim.get().out().group());
    }
    return LayerRegistry.standard().of(layer).stream()
        .flatMap(type -> type.describe(layer, List.of()).representations().values().stream())
        .map(Representation::group);
  }

  /**
   * The layer that was restricted.
   *
   * @return the layer itself
   */
  public Layer large() {
    return large;
  }

  /**
   * The layer over the subgroup, with the modes, dtype, device and frozen parameters of the first.
   *
   * @return the same layer at every call
   */
  public Layer layer() {
    return layer;
  }

  /**
   * The layers that are as they were, without new freedom.
   *
   * @return why, by the names of the layers; empty where all became free
   */
  public Map<String, String> kept() {
    return kept;
  }

  private void takeModes() {
    Map<String, Layer> own = layer.namedLayers();
    large
        .namedLayers()
        .forEach(
            (name, before) -> {
              Layer same = own.get(name);
              if (same != null) {
                if (before.isTraining()) {
                  same.train();
                } else {
                  same.eval();
                }
              }
            });
    Map<String, Tensor> before = large.namedParameters();
    layer
        .namedParameters()
        .forEach(
            (name, parameter) ->
                Optional.ofNullable(before.get(name))
                    .ifPresent(old -> parameter.set_requires_grad(old.requires_grad())));
  }

  /** What a tensor beside a parameter is a mean of, or stands for. */
  public enum Kind {
    /** The parameter itself, or a step of it, as SGD's momentum. */
    WEIGHTS,
    /** A gradient, or a mean of gradients, as Adam's first moment. */
    GRADIENT,
    /** A mean of squares of gradients, as Adam's second moment. */
    SQUARES
  }

  /**
   * Carries a tensor that an optimizer keeps for a parameter to the parameter of the same name.
   *
   * <p>Weights and gradients pass exactly. Squares pass exactly where each new number comes of one
   * old number, as between irreps of real type; else they are an estimate. Numbers that come of no
   * old one get zero, as a square the mean of the others.
   *
   * @param parameter the name of the parameter, as in {@link Layer#namedParameters}
   * @param kind what the tensor is
   * @param tensor of the shape of the parameter in the layer that was restricted
   * @return of the shape of the parameter in {@link #layer()}
   * @throws IllegalArgumentException if there is no such parameter in both, or the shape differs
   */
  public Tensor carry(String parameter, Kind kind, Tensor tensor) {
    Tensor before =
        requirePresent(
            large.namedParameters().get(parameter), "%s has no parameter '%s'", large, parameter);
    require(
        Arrays.equals(Tensors.shape(before), Tensors.shape(tensor)),
        "what belongs to '%s' must be %s, got %s",
        parameter,
        Arrays.toString(Tensors.shape(before)),
        Arrays.toString(Tensors.shape(tensor)));
    Carry carry = carries.get(parameter);
    if (carry == null) {
      return Scopes.compute(() -> tensor.detach().clone());
    }
    return switch (kind) {
      case WEIGHTS -> carry.forward(tensor);
      case GRADIENT -> carry.gradient(tensor);
      case SQUARES -> carry.squares(tensor);
    };
  }

  /**
   * Multiplies the gradients of {@link #layer()} so that a step of SGD moves its maps as the step
   * of the layer over the whole group would: an irrep that falls apart gives each part a share of
   * its gradient. To be called between {@code backward} and {@code step}. Adam and its kin divide
   * by the size of gradients and need no such thing.
   */
  public void rescaleGradients() {
    Map<String, Tensor> before = large.namedParameters();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      layer
          .namedParameters()
          .forEach(
              (name, parameter) -> {
                Carry carry = carries.get(name);
                Tensor old = before.get(name);
                if (carry != null && old != null && parameter.grad().defined()) {
                  parameter
                      .grad()
                      .mul_(factors.computeIfAbsent(name, n -> Scopes.keep(carry.factors(old))));
                }
              });
    }
  }

  /**
   * The way back.
   *
   * @param layer the nearest layer over the whole group
   * @param distance the Frobenius norm of what was lost, over all parameters, as a share of their
   *     norm: 0 where nothing was learned that the whole group forbids
   * @param distances the same for each parameter
   */
  public record Back(Layer layer, double distance, Map<String, Double> distances) {}

  /**
   * The nearest layer over the whole group: each weight is projected in the Frobenius norm of the
   * maps that it stands for.
   *
   * @param free {@link #layer()}, or a layer of the same structure, trained further
   * @return a new layer over the whole group, and how far the other one was
   * @throws IllegalArgumentException if the structure is another one
   */
  public Back back(Layer free) {
    Map<String, Tensor> from = free.trainedState();
    require(
        from.keySet().equals(layer.trainedState().keySet()),
        "only a layer of the structure of %s goes back, got %s",
        layer,
        free);
    Layer result = large.copy();
    Map<String, Double> distances = new LinkedHashMap<>();
    double lost = 0;
    double whole = 0;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Map<String, Tensor> values = new LinkedHashMap<>();
      result
          .trainedState()
          .keySet()
          .forEach(
              name -> {
                Tensor own = requirePresent(from.get(name), "%s has no '%s'", free, name);
                Carry carry = carries.get(name);
                values.put(name, carry == null ? own : carry.backward(own));
              });
      result.loadTrained(values);
      for (Map.Entry<String, Tensor> entry : free.namedParameters().entrySet()) {
        double[] lengths = lost(entry.getKey(), entry.getValue(), values);
        lost += lengths[0] * lengths[0];
        whole += lengths[1] * lengths[1];
        distances.put(entry.getKey(), share(lengths[0], lengths[1]));
      }
    }
    return new Back(
        result, share(Math.sqrt(lost), Math.sqrt(whole)), Collections.unmodifiableMap(distances));
  }

  /**
   * How far a layer is from the whole group's symmetry, as a term of a loss that pulls towards it:
   * the squared Frobenius norms of what {@link #back} would lose, summed over the parameters. So a
   * model of any layers is relaxed in chosen symmetries: those that the subgroup lacks.
   *
   * @param free {@link #layer()}, or a layer of the same structure
   * @return one number with its graph, 0 where nothing was learned that the whole group forbids
   * @throws IllegalArgumentException if no parameter of it became free
   */
  public Tensor penalty(Layer free) {
    return Scopes.compute(
        () ->
            free.namedParameters().entrySet().stream()
                .flatMap(
                    entry ->
                        Optional.ofNullable(carries.get(entry.getKey())).stream()
                            .map(carry -> carry.penalty(entry.getValue())))
                .reduce(Tensor::add)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            free + " has no parameter that " + this + " made free")));
  }

  private double[] lost(String name, Tensor own, Map<String, Tensor> values) {
    Carry carry = carries.get(name);
    if (carry != null && values.containsKey(name)) {
      return carry.lost(own);
    }
    double length = own.norm().item().toDouble();
    return new double[] {values.containsKey(name) ? 0 : length, length};
  }

  private static double share(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  /** Both layers. */
  @Override
  public String toString() {
    return "Restriction(" + large + " to " + layer + ")";
  }
}
