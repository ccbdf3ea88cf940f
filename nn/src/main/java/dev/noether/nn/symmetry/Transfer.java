package dev.noether.nn.symmetry;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.kernel.FieldType;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parametrization;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The numbers of one layer in the layer of the same description over the smaller group. */
final class Transfer {
  private final Layer large;
  private final Layer built;
  private final Smaller smaller;
  private final Map<String, Carry> carries = new LinkedHashMap<>();
  private @Nullable String obstacle;

  private Transfer(Layer large, Layer built, Smaller smaller) {
    this.large = large;
    this.built = built;
    this.smaller = smaller;
  }

  /** Copies the numbers where that gives the same function; else tells why not. */
  static Transfer between(Layer large, Layer built, Smaller smaller) {
    Transfer transfer = new Transfer(large, built, smaller);
    transfer.collect();
    if (transfer.obstacle == null) {
      transfer.load();
    }
    if (transfer.obstacle == null) {
      transfer.compare();
    }
    return transfer;
  }

  Optional<String> obstacle() {
    return Optional.ofNullable(obstacle);
  }

  Layer built() {
    return built;
  }

  Map<String, Carry> carries() {
    return carries;
  }

  private void collect() {
    Map<String, Layer> others = built.namedLayers();
    large
        .namedLayers()
        .forEach(
            (path, part) -> {
              Layer other = within(others.get(path), part.getClass());
              if (other == null) {
                obstacle = "built over " + smaller.small() + " it has no layer '" + path + "'";
              } else {
                collect(path, part, other);
              }
            });
  }

  /** A layer of a class, which may be inside one that tells it under the smaller group. */
  private static @Nullable Layer within(@Nullable Layer layer, Class<?> wanted) {
    if (layer == null || layer.getClass().equals(wanted)) {
      return layer;
    }
    return LayerRegistry.standard().of(layer).stream()
        .flatMap(type -> type.layersOf(layer).stream())
        .filter(inside -> inside.getClass().equals(wanted))
        .findFirst()
        .orElse(null);
  }

  private void collect(String path, Layer part, Layer other) {
    LayerType<?> type = LayerRegistry.standard().of(part).orElseThrow();
    List<BasisUse> uses = type.bases(other);
    boolean told = false;
    for (BasisUse use : type.bases(part)) {
      for (BasisUse same : uses) {
        if (same.getClass().equals(use.getClass())) {
          told |= collect(path, part, use, same);
        }
      }
    }
    if (part instanceof EquivariantLayer own && other instanceof EquivariantLayer its) {
      boolean same =
          isSame(own.in(), its.in(), own.inFields(), its.inFields())
              && isSame(own.out(), its.out(), own.outFields(), its.outFields());
      boolean plain = told || hasNoTensors(part);
      if (!same && !plain) {
        obstacle =
            "'"
                + path
                + "' ("
                + part
                + ") has numbers for hidden features that are others over "
                + smaller.small();
      }
    }
  }

  /** Whether features are the same, told under either group. */
  private boolean isSame(Representation rho, Representation its) {
    return rho.equals(its) || smaller.of(rho).equals(its);
  }

  private boolean isSame(
      Representation rho,
      Representation its,
      Optional<FieldType> fields,
      Optional<FieldType> others) {
    return (fields.isPresent() && smaller.space().isPresent())
        ? fields.map(smaller::of).equals(others)
        : isSame(rho, its);
  }

  private static boolean hasNoTensors(Layer part) {
    List<String> below =
        part.namedLayers().keySet().stream().filter(name -> !name.isEmpty()).toList();
    return part.trainedState().keySet().stream()
        .allMatch(name -> below.stream().anyMatch(own -> name.startsWith(own + ".")));
  }

  /** Takes one way in which a layer depends on bases; whether it tells of weights. */
  private boolean collect(String path, Layer part, BasisUse use, BasisUse same) {
    if (use instanceof BasisUse.Products own && same instanceof BasisUse.Products its) {
      products(Restricting.at(path, own.weights()), own, its);
      return true;
    }
    if (use instanceof BasisUse.Coefficients own
        && carries.containsKey(Restricting.at(path, own.weights()))) {
      return true; // the layer around it has told
    }
    if (use instanceof BasisUse.Coefficients own
        && same instanceof BasisUse.Coefficients its
        && own.weights().equals(its.weights())) {
      map(
          Restricting.at(path, own.weights()),
          Weights.Map.of(own.basis()),
          Weights.Map.of(its.basis()));
      return true;
    }
    if (use instanceof BasisUse.Projection own && same instanceof BasisUse.Projection its) {
      map(original(path), Weights.Projected.of(own.basis()), Weights.Projected.of(its.basis()));
      return true;
    }
    if (use instanceof BasisUse.Projector own
        && same instanceof BasisUse.Projector its
        && part instanceof Parametrization) {
      rows(original(path), own.representation(), its.representation());
      return true;
    }
    if (use instanceof BasisUse.InvariantRows own && same instanceof BasisUse.InvariantRows its) {
      rows(Restricting.at(path, own.weights()), own.representation(), its.representation());
      return true;
    }
    if (use instanceof BasisUse.Kernels own && same instanceof BasisUse.Kernels its) {
      kernels(path, own, its);
      return true;
    }
    if (use instanceof BasisUse.InvariantVector own
        && same instanceof BasisUse.InvariantVector its) {
      order(own.representation(), its.representation())
          .ifPresent(
              order ->
                  carries.put(
                      Restricting.at(path, own.weights()),
                      new Carry(
                          Weights.Vector.of(own.representation()),
                          Weights.Vector.of(its.representation()),
                          order,
                          null)));
      return true;
    }
    if (use instanceof BasisUse.CopyNumbers own && same instanceof BasisUse.CopyNumbers its) {
      if (!isSame(own.representation(), its.representation())) {
        obstacle = "'" + path + "' has numbers for copies of irreps that are split otherwise";
      }
      carries.put(
          Restricting.at(path, own.weights()),
          new Carry(
              Weights.Copies.of(own.representation()),
              Weights.Copies.of(its.representation()),
              Smaller.identity(own.representation().size()),
              null));
      return true;
    }
    return false;
  }

  private void kernels(String path, BasisUse.Kernels own, BasisUse.Kernels its) {
    carries.put(
        Restricting.at(path, own.weights()),
        carry(Weights.Kernels.of(own.expansion()), Weights.Kernels.of(its.expansion())));
    carries.put(
        Restricting.at(path, own.bias()),
        carry(Weights.Vector.of(own.invariants()), Weights.Vector.of(its.invariants())));
  }

  /** Of numbers whose channels stay where they are. */
  private static Carry carry(Weights from, Weights to) {
    return new Carry(from, to, List.of(), null);
  }

  private void products(String name, BasisUse.Products own, BasisUse.Products its) {
    if (its.pairs() * its.basis().in().size() > Weights.Bilinear.MOST) {
      obstacle = "its " + its.pairs() + " pairs of features are too many to carry their products";
      return;
    }
    order(own.basis().out(), its.basis().out())
        .ifPresent(
            order ->
                carries.put(
                    name,
                    new Carry(
                        Weights.Bilinear.of(own),
                        Weights.Bilinear.of(its),
                        order,
                        Smaller.identity(Math.toIntExact(own.pairs())))));
  }

  /** The parameter that a parametrization reads. */
  private static String original(String path) {
    return path.substring(0, path.length() - 1) + "original";
  }

  private void rows(String name, Representation own, Representation its) {
    order(own, its)
        .ifPresent(
            order ->
                carries.put(
                    name, new Carry(Weights.Rows.of(own), Weights.Rows.of(its), order, null)));
  }

  private void map(String name, Weights.Map own, Weights.Map its) {
    map(name, own, its, own.basis(), its.basis());
  }

  private void map(String name, Weights.Projected own, Weights.Projected its) {
    map(name, own, its, own.basis(), its.basis());
  }

  private void map(
      String name,
      Weights own,
      Weights its,
      GroupHomomorphismBasis from,
      GroupHomomorphismBasis to) {
    Optional<List<Integer>> rows = order(from.out(), to.out());
    Optional<List<Integer>> columns = order(from.in(), to.in());
    if (rows.isPresent() && columns.isPresent()) {
      carries.put(name, new Carry(own, its, rows.get(), columns.get()));
    }
  }

  private Optional<List<Integer>> order(Representation large, Representation built) {
    Optional<List<Integer>> order = smaller.order(large, built);
    if (order.isEmpty()) {
      obstacle =
          String.format(
              Locale.ROOT,
              "its hidden features %s (size %d) are built anew over %s as %s (size %d)%s",
              large,
              large.size(),
              smaller.small(),
              built,
              built.size(),
              large.size() == built.size()
                  ? ", in other coordinates"
                  : "; a hidden width that is a multiple of the order of "
                      + smaller.group()
                      + " stays");
    }
    return order;
  }

  private void load() {
    Map<String, Tensor> from = large.trainedState();
    Map<String, Tensor> into = built.trainedState();
    if (!into.keySet().containsAll(from.keySet())) {
      obstacle = "built over " + smaller.small() + " it has other tensors";
      return;
    }
    shareAliases(into);
    Map<String, Tensor> values = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      into.forEach(
          (name, own) -> {
            Tensor given = from.get(name);
            Carry carry = carries.get(name);
            if (given == null || given.numel() == 0) {
              values.put(name, own);
              return;
            }
            Tensor value = carry == null ? given : carry.forward(given);
            if (!Arrays.equals(Tensors.shape(value), Tensors.shape(own))) {
              obstacle =
                  String.format(
                      Locale.ROOT,
                      "its '%s' is %s here and %s over %s",
                      name,
                      Arrays.toString(Tensors.shape(given)),
                      Arrays.toString(Tensors.shape(own)),
                      smaller.small());
            }
            values.put(name, value);
          });
      if (obstacle == null) {
        from.values().stream().findFirst().ifPresent(like -> built.to(Tensors.device(like)));
        built.loadTrained(values);
      }
    }
  }

  /** A tensor of two names passes in one way. */
  private void shareAliases(Map<String, Tensor> state) {
    Map<Long, Carry> known = new LinkedHashMap<>();
    state.forEach(
        (name, tensor) -> {
          Carry carry = carries.get(name);
          if (carry != null && tensor.numel() > 0) {
            known.put(tensor.data_ptr().address(), carry);
          }
        });
    state.forEach(
        (name, tensor) -> {
          Carry carry = tensor.numel() > 0 ? known.get(tensor.data_ptr().address()) : null;
          if (carry != null) {
            carries.put(name, carry);
          }
        });
  }

  /** Both on the example that the layer gives: what its LayerType does not tell shows here. */
  private void compare() {
    Optional<EquivariantFunction> claim = large.equivariance();
    Optional<EquivariantFunction> its = built.equivariance();
    if (claim.isEmpty() || its.isEmpty()) {
      return;
    }
    List<Integer> sizes = sizes(claim.get());
    if (!sizes.equals(sizes(its.get()))) {
      obstacle =
          String.format(
              Locale.ROOT,
              "built over %s it takes inputs of sizes %s, here %s",
              smaller.small(),
              sizes(its.get()),
              sizes);
      return;
    }
    Modes before = Modes.of(large);
    large.eval();
    built.eval();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      List<Tensor> inputs =
          claim.get().inputs().stream().map(EquivariantFunction.Input::example).toList();
      Tensor expected = claim.get().function().apply(inputs);
      Tensor found = its.get().function().apply(inputs);
      double distance = distance(expected, found);
      if (!(distance <= tolerance(Dtype.of(expected)))) {
        obstacle =
            String.format(
                Locale.ROOT,
                "built over %s it computes another function: its outputs differ by %.1e",
                smaller.small(),
                distance);
      }
    } finally {
      before.restore();
    }
  }

  private static List<Integer> sizes(EquivariantFunction function) {
    return function.inputs().stream().map(input -> input.representation().size()).toList();
  }

  private static double distance(Tensor expected, Tensor found) {
    if (!Arrays.equals(Tensors.shape(expected), Tensors.shape(found))) {
      return Double.POSITIVE_INFINITY;
    }
    double size = Objects.requireNonNull(expected.abs().max()).item().toDouble();
    return expected.sub(found).abs().max().item().toDouble() / Math.max(1, size);
  }

  private static double tolerance(Dtype dtype) {
    return switch (dtype) {
      case FLOAT64 -> 1e-9;
      case FLOAT32 -> 1e-3;
      case BFLOAT16, FLOAT16 -> 0.1;
    };
  }
}
