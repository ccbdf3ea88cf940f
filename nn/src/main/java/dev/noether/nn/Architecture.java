package dev.noether.nn;

import dev.noether.rep.Representation;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a layer is, without its weights: enough to build it again, by {@link LayerRegistry}.
 *
 * @param type the name of the layer's {@link LayerType}
 * @param representations representations by the name of their role, as {@code in}
 * @param settings other options as text, as {@code bias} to {@code true}
 * @param layers the layers of a chain, first to last
 * @param parametrizations maps that a user attached to parameters, by the names of these
 */
public record Architecture(
    String type,
    Map<String, Representation> representations,
    Map<String, String> settings,
    List<Architecture> layers,
    Map<String, Architecture> parametrizations) {
  /**
   * Copies the maps and the list.
   *
   * @param type the name of the layer's type
   * @param representations representations by role
   * @param settings other options as text
   * @param layers the layers of a chain
   * @param parametrizations maps by the names of parameters
   */
  public Architecture {
    representations = Collections.unmodifiableMap(new LinkedHashMap<>(representations));
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    layers = List.copyOf(layers);
    parametrizations = Collections.unmodifiableMap(new LinkedHashMap<>(parametrizations));
  }

  /**
   * A layer without parametrizations.
   *
   * @param type the name of the layer's type
   * @param representations representations by role
   * @param settings other options as text
   * @param layers the layers of a chain
   */
  public Architecture(
      String type,
      Map<String, Representation> representations,
      Map<String, String> settings,
      List<Architecture> layers) {
    this(type, representations, settings, layers, Map.of());
  }
}
