package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.torch.Seeds;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.jspecify.annotations.Nullable;

/**
 * The types of layers that are known, by name and by class: describes layers and builds them again.
 * Only registered names are ever built.
 */
public final class LayerRegistry {
  /** The type of a layer that is one of those before it once more. */
  private static final String SHARED = "Shared";

  /** The setting that tells which: numbers in the lists of layers from the outermost, with dots. */
  private static final String SAME_AS = "same_as";

  private static volatile @Nullable LayerRegistry standard;

  private final Map<String, LayerType<?>> byName = new TreeMap<>();
  private final Map<Class<?>, LayerType<?>> byClass = new LinkedHashMap<>();

  /**
   * A registry of some types.
   *
   * @param types the types
   * @throws IllegalArgumentException if two have one name or one class
   */
  public LayerRegistry(Collection<? extends LayerType<?>> types) {
    for (LayerType<?> type : types) {
      LayerType<?> other = byName.putIfAbsent(type.name(), type);
      require(
          other == null,
          "two layers are registered as '%s': %s and %s; give one another name",
          type.name(),
          other == null ? "" : other.layer().getName(),
          type.layer().getName());
      require(
          byClass.putIfAbsent(type.layer(), type) == null,
          "%s is registered twice",
          type.layer().getName());
    }
  }

  /**
   * Chains and residuals, and all types that {@link LayerTypes} services tell of, found once.
   *
   * @return the registry
   * @throws IllegalArgumentException if two have one name or one class
   */
  public static LayerRegistry standard() {
    LayerRegistry known = standard;
    if (known == null) {
      List<LayerType<?>> all = new ArrayList<>(List.of(EquivariantSequential.TYPE, Residual.TYPE));
      ServiceLoader.load(LayerTypes.class).forEach(service -> all.addAll(service.types()));
      known = new LayerRegistry(all);
      standard = known;
    }
    return known;
  }

  /**
   * The types.
   *
   * @return all of them, by name
   */
  public Collection<LayerType<?>> types() {
    return List.copyOf(byName.values());
  }

  /**
   * The type of a layer.
   *
   * @param layer a layer
   * @return its type; empty where its class is not registered
   */
  public Optional<LayerType<?>> of(Layer layer) {
    return Optional.ofNullable(byClass.get(layer.getClass()));
  }

  /**
   * The type of a name.
   *
   * @param name the name of a layer
   * @return its type
   * @throws IllegalArgumentException if there is none of that name
   */
  public LayerType<?> named(String name) {
    require(
        !name.isEmpty(),
        "an architecture needs \"type\", the name of its layer, as EquivariantLinear");
    return requirePresent(
        byName.get(name),
        "unknown layer '%s': know %s; a layer of your own is known when its LayerType is registered "
            + "as a service of %s",
        name,
        new TreeSet<>(byName.keySet()),
        LayerTypes.class.getName());
  }

  /**
   * What a layer is, without its weights, so that a file can hold it and build it again.
   *
   * @param layer the layer
   * @return the architecture; empty where the class of the layer, or of one below, is not
   *     registered
   */
  public Optional<Architecture> describe(Layer layer) {
    Optional<Architecture> described = describe(layer, "", new IdentityHashMap<>());
    if (described.isEmpty()) {
      return described;
    }
    Map<String, Architecture> maps = new LinkedHashMap<>();
    IdentityHashMap<Parameter, Boolean> seen = new IdentityHashMap<>();
    for (Map.Entry<String, Layer> entry : layer.namedLayers().entrySet()) {
      for (Map.Entry<String, Parametrization> attached :
          entry.getValue().attachedByUser(seen).entrySet()) {
        Optional<Architecture> map = describe(attached.getValue());
        if (map.isEmpty()) {
          return map;
        }
        maps.put(Layer.join(entry.getKey(), attached.getKey()), map.get());
      }
    }
    Architecture plain = described.get();
    return Optional.of(
        new Architecture(
            plain.type(), plain.representations(), plain.settings(), plain.layers(), maps));
  }

  private Optional<Architecture> describe(
      Layer layer, String path, IdentityHashMap<Layer, String> seen) {
    String known = seen.putIfAbsent(layer, path);
    if (known != null) {
      return Optional.of(
          new Architecture(SHARED, Map.of(), Map.of(SAME_AS, known), List.of(), Map.of()));
    }
    Optional<LayerType<?>> type = of(layer);
    if (type.isEmpty()) {
      return Optional.empty();
    }
    List<? extends Layer> children = type.get().layersOf(layer);
    List<Architecture> parts = new ArrayList<>();
    for (int i = 0; i < children.size(); i++) {
      Optional<Architecture> part =
          describe(children.get(i), Layer.join(path, Integer.toString(i)), seen);
      if (part.isEmpty()) {
        return part;
      }
      parts.add(part.get());
    }
    return Optional.of(type.get().describe(layer, parts));
  }

  /**
   * Builds the layer, with first weights of its own. A setting that is left out is the layer's
   * default.
   *
   * @param architecture what the layer is
   * @return a new layer on the CPU
   * @throws IllegalArgumentException if the type is not registered, or a representation, or a
   *     setting without a default, is missing, unknown or does not fit
   */
  public Layer build(Architecture architecture) {
    Layer layer = build(architecture, "", new HashMap<>());
    architecture
        .parametrizations()
        .forEach(
            (name, map) -> {
              Layer built = build(map);
              require(
                  built instanceof Parametrization,
                  "'%s' passes through a Parametrization, got %s",
                  name,
                  built);
              layer.parametrize(name, (Parametrization) built);
            });
    return layer;
  }

  private Layer build(Architecture architecture, String path, Map<String, Layer> built) {
    if (architecture.type().equals(SHARED)) {
      String other = architecture.settings().getOrDefault(SAME_AS, "");
      return requirePresent(
          built.get(other),
          "layer '%s' is '%s' once more, which does not come before",
          path,
          other);
    }
    LayerType<?> known = named(architecture.type());
    List<Architecture> layers = architecture.layers();
    List<Layer> parts = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      parts.add(build(layers.get(i), Layer.join(path, Integer.toString(i)), built));
    }
    require(
        path.isEmpty() || architecture.parametrizations().isEmpty(),
        "parametrizations stand at the outermost layer, got some at '%s'",
        path);
    Layer layer = known.build(architecture, parts);
    built.put(path, layer);
    return layer;
  }

  /** How {@link Layer#copy} finds the types. */
  public static final class Copies implements Layer.Copying {
    /** For the service loader. */
    public Copies() {}

    @Override
    public Layer copied(Layer layer) {
      Layer copy = Seeds.undisturbed(() -> standard().rebuilt(layer));
      takeAll(layer, copy);
      return copy;
    }

    /** Copies every number and flag to a layer of the same structure. */
    private static void takeAll(Layer from, Layer into) {
      List<Layer> own = layers(into);
      List<Layer> others = layers(from);
      require(
          own.stream()
                  .map(Layer::getClass)
                  .toList()
                  .equals(others.stream().map(Layer::getClass).toList())
              && into.namedParameters().keySet().equals(from.namedParameters().keySet())
              && into.namedBuffers().keySet().equals(from.namedBuffers().keySet()),
          "%s cannot be copied: built again it has other layers or tensors; a function of one's own "
              + "cannot hold layers, and rebuild() must repeat how the layer was made",
          from);
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        LayerTensors.copyAll(from.namedParameters(), into.namedParameters());
        LayerTensors.copyAll(from.namedBuffers(), into.namedBuffers());
      }
      into.shareBuffers();
      for (int i = 0; i < own.size(); i++) {
        own.get(i).takeMode(others.get(i));
      }
    }

    private static List<Layer> layers(Layer layer) {
      List<Layer> all = new ArrayList<>();
      layer.walk("", (name, each) -> all.add(each));
      return all;
    }
  }

  /** The same structure, with maps attached to the same parameters. */
  private Layer rebuilt(Layer layer) {
    IdentityHashMap<Layer, Layer> done = new IdentityHashMap<>();
    Layer result = rebuilt(layer, done);
    IdentityHashMap<Parameter, Boolean> seen = new IdentityHashMap<>();
    layer
        .namedLayers()
        .forEach(
            (name, owner) ->
                owner
                    .attachedByUser(seen)
                    .forEach(
                        (parameter, map) ->
                            result.parametrize(
                                Layer.join(name, parameter),
                                (Parametrization) rebuilt(map, done))));
    return result;
  }

  /** One layer once, wherever it stands. */
  private Layer rebuilt(Layer layer, IdentityHashMap<Layer, Layer> done) {
    Layer known = done.get(layer);
    if (known != null) {
      return known;
    }
    Optional<LayerType<?>> type = of(layer);
    Layer result;
    if (type.isPresent()) {
      List<Layer> parts = new ArrayList<>();
      for (Layer part : type.get().layersOf(layer)) {
        parts.add(rebuilt(part, done));
      }
      result = type.get().build(type.get().describe(layer, List.of()), parts);
    } else {
      result =
          layer
              .rebuild()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          layer
                              + " tells nobody how it is built: register its LayerType as a service "
                              + "of "
                              + LayerTypes.class.getName()
                              + ", or override Layer.rebuild()"));
    }
    done.put(layer, result);
    return result;
  }
}
