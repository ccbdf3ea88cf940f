package dev.noether.nn.symmetry;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Subgroup;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer that may leave the symmetry where data demand it: y = (W + a R) x + b + a r, with
 * W equivariant and b invariant, and a remainder (R, r) that lies in chosen components of the
 * group's action on maps, orthogonal to the equivariant ones.
 *
 * <p>The remainder is zero at first. {@link #penalty} is its squared length, a term of the loss
 * that pulls towards the symmetry; {@link #defect} tells how far the layer is from it. The factor
 * a, the {@link #freedom}, is 1: at 0 the layer is exactly equivariant, and going there over some
 * epochs is a way from free to exact.
 *
 * <pre>{@code
 * RelaxedLinear layer = new RelaxedLinear(rho, rho);
 * Tensor loss = error.add(RelaxedLinear.penaltyOf(model).mul(new Scalar(0.1)));
 * }</pre>
 *
 * <p>By itself it claims no symmetry: {@link dev.noether.nn.Equivariance#check} measures what is
 * left of it.
 */
public final class RelaxedLinear extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<RelaxedLinear> TYPE =
      LayerType.of(RelaxedLinear.class, RelaxedLinear::bases)
          .representation("in", RelaxedLinear::in)
          .representation("out", RelaxedLinear::out)
          .setting("components", RelaxedLinear::places, List.of())
          .settings(MapOptions.SETTINGS, layer -> layer.options)
          .builds(RelaxedLinear::built);

  private final MapOptions options;
  private final List<FiniteIrrep> components;
  private final GroupHomomorphismBasis basis;
  private final Components projection;
  private final Parameter coefficients;
  private final Parameter remainder;
  private final @Nullable InvariantBias bias;
  private final @Nullable Parameter biasRemainder;
  private final Tensor freedom;
  private final Parameter.Derived symmetric;
  private final Parameter.Derived departure;

  /**
   * A layer that may leave every symmetry.
   *
   * @param in how inputs transform, under a finite group
   * @param out how outputs transform
   */
  public RelaxedLinear(Representation in, Representation out) {
    this(
        in,
        out,
        Components.nontrivial(requireSpace(in, RelaxedLinear.class).finiteGroup()),
        MapOptions.defaults());
  }

  /**
   * A layer that may leave chosen symmetries.
   *
   * @param in how inputs transform, under a finite group
   * @param out how outputs transform
   * @param components the irreps of the group whose components of maps are free; see {@link
   *     #keeping}
   * @param options bias, expansion, initialization, seed and dtype
   * @throws IllegalArgumentException if the groups differ, Hom_G(in, out) is empty, a component is
   *     trivial or of another group or there is none, or the matrices of all elements are too many
   */
  public RelaxedLinear(
      Representation in, Representation out, List<FiniteIrrep> components, MapOptions options) {
    super(in, out);
    options.requireWhole("RelaxedLinear");
    FiniteGroup group = in.finiteGroup();
    require(!components.isEmpty(), "a relaxed layer needs components to be free in, got none");
    for (FiniteIrrep irrep : components) {
      require(
          irrep.group().equals(group) && !irrep.isTrivial(),
          "components are irreps of %s other than the trivial one, got %s of %s",
          group,
          irrep,
          irrep.group());
    }
    this.options = options;
    this.components = List.copyOf(components);
    Dtype dtype = options.dtype();
    basis = GroupHomomorphismBasis.of(in, out, options.expansion(), dtype);
    coefficients =
        registerParameter("weight_dof", basis.initialize(options.initialization(), options.seed()));
    registerBuffers("homo_basis.", basis.buffers());
    basis.stateDictEntries().forEach((name, value) -> registerDerived("homo_basis." + name, value));
    remainder =
        registerParameter(
            "remainder",
            Tensors.of(dtype, new double[out.size() * in.size()], out.size(), in.size()));
    Buffers buffers = new Buffers();
    projection = Components.of(in, out, components, dtype, buffers);
    registerBuffers("components.", buffers);
    symmetric = coefficients.derived(own -> basis.expandTransposed(own).t().contiguous());
    departure = remainder.derived(projection::ofMap);
    bias = options.bias() ? registerChild("bias_module", new InvariantBias(out, dtype)) : null;
    biasRemainder =
        options.bias()
            ? registerParameter(
                "bias_remainder", Tensors.of(dtype, new double[out.size()], out.size()))
            : null;
    freedom = registerBuffer("freedom", Tensors.of(dtype, new double[] {1}, 1), true);
  }

  private static RelaxedLinear built(Settings settings) {
    Representation in = settings.representation("in");
    FiniteGroup group = in.finiteGroup();
    List<Integer> places = settings.wholes("components");
    for (int place : places) {
      require(
          place >= 1 && place < group.irreps().size(),
          "the components of %s are numbered 1 to %d, got %d",
          group,
          group.irreps().size() - 1,
          place);
    }
    return new RelaxedLinear(
        in,
        settings.representation("out"),
        places.isEmpty()
            ? Components.nontrivial(group)
            : places.stream().map(group.irreps()::get).toList(),
        MapOptions.of(settings));
  }

  private List<Integer> places() {
    FiniteGroup group = in().finiteGroup();
    return components.equals(Components.nontrivial(group))
        ? List.of()
        : components.stream().map(group.irreps()::indexOf).toList();
  }

  private List<BasisUse> bases() {
    return List.of(
        new BasisUse.Coefficients("weight_dof", "homo_basis.", basis), new BasisUse.Unstored());
  }

  /**
   * The components that keep a normal subgroup's symmetry: a layer that is free in these commutes
   * with the subgroup whatever it learns.
   *
   * @param subgroup a normal subgroup, as the rotations among rotations and reflections
   * @return the irreps, other than the trivial one, in which the subgroup does nothing
   * @throws IllegalArgumentException if the subgroup is not normal, or is the whole group
   */
  public static List<FiniteIrrep> keeping(Subgroup subgroup) {
    require(
        subgroup.isNormal(),
        "components keep normal subgroups, and %s is none; use Restriction for others",
        subgroup);
    require(subgroup.index() > 1, "nothing is free that keeps all of %s", subgroup.group());
    return Components.nontrivial(subgroup.group()).stream()
        .filter(
            irrep ->
                subgroup.elements().stream()
                    .allMatch(h -> Math.abs(irrep.character(h) - irrep.dimension()) < 1e-9))
        .toList();
  }

  /**
   * The components in which the remainder is free.
   *
   * @return irreps of the group
   */
  public List<FiniteIrrep> components() {
    return components;
  }

  /**
   * The factor of the remainder.
   *
   * @return 1 at first
   */
  public double freedom() {
    try (PointerScope scope = new PointerScope()) {
      return freedom.item().toDouble();
    }
  }

  /**
   * Sets the factor of the remainder in every relaxed layer of a model.
   *
   * @param model the model
   * @param factor 0 for exactly equivariant layers, 1 for free ones
   * @throws IllegalArgumentException if it is not between 0 and 1
   */
  public static void setFreedom(Layer model, double factor) {
    require(factor >= 0 && factor <= 1, "the freedom is between 0 and 1, got %s", factor);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      all(model).values().forEach(layer -> layer.freedom.fill_(new Scalar(factor)));
    }
  }

  private static Map<String, RelaxedLinear> all(Layer model) {
    Map<String, RelaxedLinear> found = new LinkedHashMap<>();
    model
        .namedLayers()
        .forEach(
            (name, layer) -> {
              if (layer instanceof RelaxedLinear own) {
                found.put(name, own);
              }
            });
    require(!found.isEmpty(), "%s has no RelaxedLinear", model);
    return found;
  }

  /** The dense weight with its departure from the symmetry. */
  private Tensor full() {
    return symmetric.get(isTraining()).add(departure.get(isTraining()).mul(freedom));
  }

  private @Nullable Tensor fullBias() {
    if (bias == null || biasRemainder == null) {
      return null;
    }
    Tensor free = projection.ofVector(biasRemainder.value()).mul(freedom);
    Tensor own = bias.bias();
    return own == null ? free : own.add(free);
  }

  @Override
  protected Tensor compute(Tensor input) {
    return DenseProduct.apply(input, full(), fullBias());
  }

  /**
   * The dense weight.
   *
   * @return {@code [out.size, in.size]}
   */
  public Tensor weight() {
    return Scopes.compute(this::full);
  }

  /**
   * The squared length of the remainder as it acts, with its graph.
   *
   * @return one number
   */
  public Tensor penalty() {
    return Scopes.compute(
        () -> {
          Tensor map = departure.get(isTraining()).mul(freedom);
          return withBias(map.mul(map).sum(), projection);
        });
  }

  private Tensor withBias(Tensor sum, Components parts) {
    if (biasRemainder == null) {
      return sum;
    }
    Tensor shift = parts.ofVector(biasRemainder.value()).mul(freedom);
    return sum.add(shift.mul(shift).sum());
  }

  /**
   * The squared length of the remainder in each component, to weigh them one by one.
   *
   * @return one number with its graph for each of {@link #components}; their sum is {@link
   *     #penalty}
   */
  public Map<FiniteIrrep, Tensor> penalties() {
    Map<FiniteIrrep, Tensor> all = new LinkedHashMap<>();
    for (FiniteIrrep irrep : components) {
      all.put(
          irrep,
          Scopes.compute(
              () -> {
                Components one = one(irrep);
                Tensor map = one.ofMap(remainder.value()).mul(freedom);
                return withBias(map.mul(map).sum(), one);
              }));
    }
    return all;
  }

  private Components one(FiniteIrrep irrep) {
    Buffers own = new Buffers();
    Components found =
        Components.of(in(), out(), List.of(irrep), Dtype.of(remainder.original()), own);
    own.moveTo(remainder.original());
    return found;
  }

  /**
   * The penalties of all relaxed layers of a model: what the loss adds, times a weight.
   *
   * @param model a model with such layers
   * @return one number with its graph
   * @throws IllegalArgumentException if there is no such layer
   */
  public static Tensor penaltyOf(Layer model) {
    return Scopes.compute(
        () ->
            all(model).values().stream()
                .map(RelaxedLinear::penalty)
                .reduce(Tensor::add)
                .orElseThrow());
  }

  /**
   * How far the layer is from the symmetry: the length of the remainder as it acts over that of the
   * whole, weight and bias together.
   *
   * @return 0 for an equivariant layer, at most 1
   */
  public double defect() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      double lost = penalty().item().toDouble();
      Tensor map = full();
      double whole = map.mul(map).sum().item().toDouble();
      Tensor shift = fullBias();
      whole += shift == null ? 0 : shift.mul(shift).sum().item().toDouble();
      return whole == 0 ? 0 : Math.sqrt(lost / whole);
    }
  }

  /**
   * How far each relaxed layer of a model is from the symmetry.
   *
   * @param model a model with such layers
   * @return the defects by the names of the layers
   * @throws IllegalArgumentException if there is no such layer
   */
  public static Map<String, Double> defectsOf(Layer model) {
    Map<String, Double> defects = new LinkedHashMap<>();
    all(model).forEach((name, layer) -> defects.put(name, layer.defect()));
    return defects;
  }

  /**
   * The nearest equivariant layer: without the remainder, which is orthogonal to it.
   *
   * @return a new layer with copies of the numbers
   */
  public EquivariantLinear exact() {
    EquivariantLinear exact = new EquivariantLinear(in(), out(), options);
    exact.to(Tensors.device(coefficients.original()));
    exact.to(Dtype.of(coefficients.original()));
    Map<String, Tensor> own = new LinkedHashMap<>(trainedState());
    own.keySet().removeAll(List.of("remainder", "bias_remainder", "freedom"));
    exact.loadTrained(own);
    return exact;
  }

  /**
   * A relaxed layer that is an equivariant one at first.
   *
   * @param exact the layer, over a finite group
   * @param components the irreps whose components are free
   * @return a new layer with copies of the numbers
   * @throws IllegalArgumentException as the constructor
   */
  public static RelaxedLinear of(EquivariantLinear exact, List<FiniteIrrep> components) {
    RelaxedLinear relaxed = new RelaxedLinear(exact.in(), exact.out(), components, exact.options());
    relaxed.to(Tensors.device(exact.coefficients()));
    relaxed.to(Dtype.of(exact.coefficients()));
    Map<String, Tensor> state = new LinkedHashMap<>(relaxed.trainedState());
    state.putAll(exact.trainedState());
    relaxed.loadTrained(state);
    return relaxed;
  }

  /** None: how far it is equivariant is what training decides. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.empty();
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.linear(x, weight(), fullBias());
  }

  @Override
  public String toString() {
    return "RelaxedLinear(" + in() + " -> " + out() + ", free in " + components + ")";
  }
}
