package dev.noether.benchmarks.campaign;

import dev.noether.nn.Architecture;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import dev.noether.plain.Axes;
import dev.noether.plain.EagerGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A layer of every registered type: what a type lacks is told by its refusals, and is given until
 * it is built. The few that cannot be guessed are {@link Specimens}.
 */
final class AnyLayer {
  private static final Pattern LACKS = Pattern.compile("lacks the (representation|setting) '(.+)'");
  private static final Pattern FOREIGN = Pattern.compile("has no representation '(.+)'; it has");
  private static final List<String> VALUES =
      List.of("8", "4", "2", "1", "100", "[4, 4]", "relu", "true", "0.5");
  private static final Representation RHO = Representation.parse("C2: 2 x regular");

  /** The fields of layers over the plane, and how each transforms. */
  private static final String FIELDS = "rotations: 2 regular";

  private static final Representation FIELD = Representation.parse("C2: regular");

  /** Defaults that are large. */
  private static final Map<String, String> SMALL =
      Map.of(
          "dim_feedforward", "8",
          "embedding_dim", "8",
          "num_layers", "1",
          "num_cond_layers", "1",
          "num_attention_heads", "2");

  private static final int MOST_WAYS = 60;

  private AnyLayer() {}

  /** A layer and a call of it with inputs of its own. */
  record Driven(Layer layer, List<Tensor> inputs, Call call) {}

  /** A call of a layer. */
  @FunctionalInterface
  interface Call {
    Tensor of(Layer layer, List<Tensor> inputs);
  }

  /**
   * The layers by the names of their types.
   *
   * @return those that could be built
   */
  static Map<String, Layer> ofEveryType() {
    return ofTypes(name -> true);
  }

  /**
   * Some of the layers by the names of their types.
   *
   * @param wanted whether a name is wanted
   * @return those that could be built
   */
  static Map<String, Layer> ofTypes(Predicate<String> wanted) {
    Map<String, Layer> all = new TreeMap<>();
    for (LayerType<?> type : LayerRegistry.standard().types()) {
      if (wanted.test(type.name())) {
        built(type).ifPresent(layer -> all.put(type.name(), layer));
      }
    }
    return all;
  }

  static Optional<Layer> built(LayerType<?> type) {
    Optional<Layer> byHand = Specimens.of(type);
    if (byHand.isPresent()) {
      return byHand;
    }
    for (int way = 0; way < MOST_WAYS; way++) {
      Optional<Layer> layer = built(type, way);
      if (layer.isPresent()) {
        return layer;
      }
    }
    return Optional.empty();
  }

  /** Gives what is lacking, one after the other; the way tells with which values it begins. */
  private static Optional<Layer> built(LayerType<?> type, int way) {
    Map<String, Representation> roles = new LinkedHashMap<>();
    Map<String, String> settings = new LinkedHashMap<>();
    type.settingNames().stream()
        .filter(SMALL::containsKey)
        .forEach(name -> settings.put(name, SMALL.getOrDefault(name, "")));
    type.representationNames().stream()
        .filter(name -> way % 2 == 1)
        .forEach(
            name -> roles.put(name + ".0", FIELD)); // lists, which are refused where there is none
    List<Architecture> parts =
        way % 2 == 0
            ? List.of()
            : List.of(
                new Architecture(
                    "EquivariantLinear", Map.of("in", RHO, "out", RHO), Map.of(), List.of()));
    for (int tries = 0; tries < 40; tries++) {
      try {
        return Optional.of(
            LayerRegistry.standard().build(new Architecture(type.name(), roles, settings, parts)));
      } catch (IllegalArgumentException e) {
        int next = way / 2 + settings.size() * (way / 2 / VALUES.size());
        String value = VALUES.get(next % VALUES.size());
        if (!gives(String.valueOf(e.getMessage()), roles, settings, value)) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static boolean gives(
      String refusal,
      Map<String, Representation> roles,
      Map<String, String> settings,
      String value) {
    Matcher foreign = FOREIGN.matcher(refusal);
    if (foreign.find()) {
      return roles.remove(foreign.group(1)) != null;
    }
    Matcher lacks = LACKS.matcher(refusal);
    if (lacks.find()) {
      if (lacks.group(1).equals("representation")) {
        roles.put(lacks.group(2), RHO);
      } else {
        settings.put(lacks.group(2), lacks.group(2).endsWith("_fields") ? FIELDS : value);
      }
      return true;
    }
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      if (refusal.startsWith("'" + setting.getKey() + "' of ")) {
        int next = VALUES.indexOf(setting.getValue()) + 1;
        if (next < VALUES.size()) {
          setting.setValue(VALUES.get(next));
          return true;
        }
      }
    }
    return false;
  }

  /**
   * How a layer is called: by what it claims to be, else by its plain form.
   *
   * @param layer any layer
   * @return the call; empty where the layer says neither
   */
  static Optional<Driven> driven(Layer layer) {
    Optional<EquivariantFunction> claim = layer.equivariance();
    if (claim.isPresent()) {
      List<Tensor> inputs =
          claim.get().inputs().stream().map(EquivariantFunction.Input::example).toList();
      return Optional.of(
          new Driven(
              layer, inputs, (own, x) -> own.equivariance().orElseThrow().function().apply(x)));
    }
    if (layer instanceof PlainLayer plain) {
      List<Tensor> inputs = plain.inputs().stream().map(AnyLayer::example).toList();
      return Optional.of(
          new Driven(
              layer, inputs, (own, x) -> ((PlainLayer) own).plain(new EagerGraph(x.get(0)), x)));
    }
    Optional<Driven> own = Specimens.driven(layer);
    return own.isPresent() ? own : reflected(layer);
  }

  /** By a public forward of one tensor, of whatever shape it takes. */
  private static Optional<Driven> reflected(Layer layer) {
    for (Method method : layer.getClass().getMethods()) {
      if (method.getName().equals("forward")
          && method.getReturnType() == Tensor.class
          && Arrays.equals(method.getParameterTypes(), new Class<?>[] {Tensor.class})) {
        Call call =
            (own, x) -> {
              try {
                return (Tensor) method.invoke(own, x.get(0));
              } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(e.getCause());
              }
            };
        for (long size : new long[] {8, 4, 2, 1}) {
          List<Tensor> inputs = List.of(torch.randn(3, 2, size));
          try {
            call.of(layer, inputs);
            return Optional.of(new Driven(layer, inputs, call));
          } catch (IllegalArgumentException e) {
            // Another size.
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Tensor example(Port port) {
    return port.axes() == Axes.CHANNELS
        ? torch.randn(4, port.size(), 8)
        : port.axes() == Axes.FEATURES
            ? torch.randn(4, port.size())
            : torch.randn(4, 8, port.size());
  }
}
