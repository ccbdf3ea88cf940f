package dev.noether.nn.symmetry;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.Subgroup;
import dev.noether.nn.Architecture;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parametrization;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.linear.Restricted;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** Builds the layers over the smaller group, from the leaves up. */
final class Restricting {
  private final Smaller smaller;
  private final Map<String, Carry> carries = new LinkedHashMap<>();
  private final Map<String, String> kept = new LinkedHashMap<>();
  private final IdentityHashMap<Layer, Layer> done = new IdentityHashMap<>();

  Restricting(Smaller smaller) {
    this.smaller = smaller;
  }

  /** How tensors pass, by name; those that are not named pass as they are. */
  Map<String, Carry> carries() {
    return carries;
  }

  /** The layers that stay as they are under the smaller group, and why. */
  Map<String, String> kept() {
    return kept;
  }

  /** The layer over the smaller group, by its name in the whole. */
  Layer of(Layer layer, String path) {
    Layer known = done.get(layer);
    if (known != null) {
      return known;
    }
    Optional<LayerType<?>> type = LayerRegistry.standard().of(layer);
    boolean holdsOthers =
        type.isPresent()
            && !type.get().layersOf(layer).isEmpty()
            && !isBound(type.get().bases(layer));
    Layer result = holdsOthers ? composite(layer, path, type.get()) : leaf(layer, path);
    done.put(layer, result);
    return result;
  }

  static String at(String path, String name) {
    return path.isEmpty() ? name : name.isEmpty() ? path : path + "." + name;
  }

  private Layer composite(Layer layer, String path, LayerType<?> type) {
    List<Layer> parts = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Layer part : type.layersOf(layer)) {
      names.add(nameOf(part, layer));
      parts.add(of(part, at(path, names.get(names.size() - 1))));
    }
    Layer built = type.build(branched(type.describe(layer, List.of())), parts);
    if (!names.contains("")) {
      Map<String, Tensor> own = new LinkedHashMap<>(layer.trainedState());
      own.keySet().removeIf(name -> names.stream().anyMatch(part -> name.startsWith(part + ".")));
      require(
          built.trainedState().keySet().containsAll(own.keySet()),
          "layer '%s' (%s) cannot be restricted to %s: built there it lacks %s",
          path,
          layer,
          smaller.small(),
          own.keySet());
      built.loadLenient(own);
    }
    return built;
  }

  private static String nameOf(Layer part, Layer whole) {
    return whole.namedLayers().entrySet().stream()
        .filter(entry -> entry.getValue() == part)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }

  private Architecture branched(Architecture own) {
    return LayerRegistry.standard().named(own.type()).mapped(own, smaller::of, smaller::of);
  }

  private Layer leaf(Layer layer, String path) {
    Optional<String> obstacle = obstacle(layer);
    if (obstacle.isEmpty() && !hasFreeMaps(layer)) {
      try {
        Transfer transfer = Transfer.between(layer, anew(layer), smaller);
        obstacle = transfer.obstacle();
        if (obstacle.isEmpty()) {
          return built(transfer, path);
        }
      } catch (IllegalArgumentException e) {
        obstacle = Optional.of(String.valueOf(e.getMessage()));
      }
    }
    String reason = obstacle.orElse("its maps commute with a subgroup already");
    return withFreeMaps(layer)
        .map(free -> Transfer.between(layer, free, smaller))
        .filter(transfer -> transfer.obstacle().isEmpty())
        .map(transfer -> built(transfer, path))
        .orElseGet(() -> asItIs(layer, path, reason));
  }

  private Layer built(Transfer transfer, String path) {
    transfer.carries().forEach((name, carry) -> carries.put(at(path, name), carry));
    return transfer.built();
  }

  /** The layer itself, but for its maps, which commute with the smaller group only. */
  private Optional<Layer> withFreeMaps(Layer layer) {
    Optional<LayerType<?>> type = LayerRegistry.standard().of(layer);
    Optional<Subgroup> subgroup = smaller.subgroup();
    if (type.isEmpty()
        || subgroup.isEmpty()
        || !type.get().settingNames().contains(MapOptions.SUBGROUP)
        || LayerRegistry.standard().describe(layer).isEmpty()) {
      return Optional.empty();
    }
    Architecture own = type.get().describe(layer, List.of());
    Map<String, String> settings = new LinkedHashMap<>(own.settings());
    settings.put(MapOptions.SUBGROUP, MapOptions.within(told(settings), subgroup.get()).toString());
    try {
      return Optional.of(
          type.get()
              .build(
                  new Architecture(own.type(), own.representations(), settings, List.of()),
                  List.of()));
    } catch (IllegalArgumentException knowsNoSubgroup) {
      return Optional.empty();
    }
  }

  private static List<Integer> told(Map<String, String> settings) {
    String list = settings.getOrDefault(MapOptions.SUBGROUP, "[]");
    return Arrays.stream(list.substring(1, list.length() - 1).split(",", -1))
        .map(String::strip)
        .filter(number -> !number.isEmpty())
        .map(Integer::valueOf)
        .toList();
  }

  /** Whether the maps of a layer commute with less than the group that it is told of with. */
  private static boolean hasFreeMaps(Layer layer) {
    return LayerRegistry.standard()
        .of(layer)
        .map(type -> type.describe(layer, List.of()).settings().containsKey(MapOptions.SUBGROUP))
        .orElse(false);
  }

  /** A layer of the same description over the smaller group, with any weights. */
  private Layer anew(Layer layer) {
    LayerType<?> type = LayerRegistry.standard().of(layer).orElseThrow();
    Layer built = type.build(branched(type.describe(layer, List.of())), List.of());
    LayerRegistry.standard().describe(layer).orElseThrow().parametrizations().entrySet().stream()
        .forEach(
            map ->
                built.parametrize(
                    map.getKey(),
                    (Parametrization) LayerRegistry.standard().build(branched(map.getValue()))));
    return built;
  }

  /** The layer itself, which commutes with the smaller group too. */
  private Layer asItIs(Layer layer, String path, String reason) {
    require(
        layer instanceof EquivariantLayer,
        "layer '%s' (%s) cannot be restricted to %s: %s",
        path,
        layer,
        smaller.small(),
        reason);
    EquivariantLayer own = (EquivariantLayer) layer;
    boolean isOfFields = own.inFields().isPresent() || own.outFields().isPresent();
    require(
        !isOfFields || smaller.space().isPresent(),
        "layer '%s' (%s) is one of fields over the plane or space: restrict it to the Space of the"
            + " smaller group",
        path,
        layer);
    require(
        own.equivariance().map(claim -> claim.inputs().size() == 1).orElse(true),
        "layer '%s' (%s) cannot be restricted to %s: %s",
        path,
        layer,
        smaller.small(),
        reason);
    kept.put(path, reason);
    return isOfFields
        ? new Restricted(own.copy(), smaller.space().orElseThrow())
        : new Restricted(own.copy(), smaller.of(own.in()), smaller.of(own.out()));
  }

  /** Why a layer, or one inside, is none of the same description over the smaller group. */
  private Optional<String> obstacle(Layer layer) {
    if (LayerRegistry.standard().describe(layer).isEmpty()) {
      return Optional.of("the LayerType of it, or of a layer inside, is not registered");
    }
    if (layer instanceof EquivariantLayer own
        && own.inFields().isPresent()
        && smaller.space().isEmpty()) {
      return Optional.of("it is a layer of fields");
    }
    return layer.namedLayers().entrySet().stream()
        .flatMap(entry -> obstacle(entry.getKey(), entry.getValue()).stream())
        .findFirst();
  }

  private Optional<String> obstacle(String name, Layer part) {
    Optional<LayerType<?>> type = LayerRegistry.standard().of(part);
    String who = name.isEmpty() ? "it" : "'" + name + "' (" + part + ")";
    if (type.isEmpty()) {
      return Optional.of(who + " has no registered LayerType");
    }
    List<BasisUse> uses = type.get().bases(part);
    if (!isBound(uses)) {
      return Optional.empty();
    }
    if (!type.get().layersOf(part).isEmpty()) {
      return Optional.of(who + " depends on all elements of " + smaller.group());
    }
    Stream<Representation> all =
        type.get().describe(part, List.of()).representations().values().stream();
    return all.allMatch(smaller::keepsCopies)
        ? Optional.empty()
        : Optional.of(
            who
                + " treats copies of irreps of "
                + smaller.group()
                + " one by one, and under "
                + smaller.small()
                + " they fall apart");
  }

  /** Whether a function depends on how features split into irreps, beyond its weights. */
  private static boolean isBound(List<BasisUse> uses) {
    boolean weights =
        uses.stream()
            .anyMatch(
                use -> use instanceof BasisUse.Coefficients || use instanceof BasisUse.Products);
    return uses.stream()
        .anyMatch(
            use ->
                use instanceof BasisUse.Copies
                    || use instanceof BasisUse.Coordinates
                    || (use instanceof BasisUse.Unstored && !weights));
  }
}
