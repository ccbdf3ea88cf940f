package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.kernel.FieldType;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** An {@link Architecture} as a {@link LayerType} reads it to build the layer. */
public final class Settings {
  private static final String NUMBERS = "a list of numbers, as [0.5, 2]";
  private static final String LIST = "a list of whole numbers, as [16, 8]";

  private final Architecture architecture;
  private final Map<String, String> defaults;
  private final List<Layer> layers;

  Settings(Architecture architecture, Map<String, String> defaults, List<Layer> layers) {
    this.architecture = architecture;
    this.defaults = defaults;
    this.layers = List.copyOf(layers);
  }

  /**
   * A representation.
   *
   * @param role its role, as {@code in}
   * @return the representation
   * @throws IllegalArgumentException if it is missing
   */
  public Representation representation(String role) {
    return requirePresent(
        architecture.representations().get(role),
        "%s lacks the representation '%s'",
        architecture.type(),
        role);
  }

  /**
   * A representation that may be left out.
   *
   * @param role its role
   * @return the representation; empty where it is left out
   */
  public Optional<Representation> optional(String role) {
    return Optional.ofNullable(architecture.representations().get(role));
  }

  /**
   * A list of representations.
   *
   * @param role its role; the representations are {@code role.0}, {@code role.1} and so on
   * @return the representations
   */
  public List<Representation> representations(String role) {
    List<Representation> found = new ArrayList<>();
    while (architecture.representations().containsKey(role + "." + found.size())) {
      found.add(representation(role + "." + found.size()));
    }
    return found;
  }

  /**
   * A list of fields over the plane or over space.
   *
   * @param role its role, as {@code in}
   * @return the fields
   * @throws IllegalArgumentException if it is missing or does not read
   */
  public FieldType fields(String role) {
    return FieldType.parse(text(role + LayerType.FIELDS), representations(role));
  }

  /**
   * The layers inside, built.
   *
   * @return first to last
   */
  public List<Layer> layers() {
    return layers;
  }

  /**
   * The layers inside as equivariant ones.
   *
   * @return first to last
   * @throws IllegalArgumentException if one is none
   */
  public List<EquivariantLayer> equivariantLayers() {
    layers.forEach(
        layer ->
            require(
                layer instanceof EquivariantLayer,
                "%s holds equivariant layers, got %s",
                architecture.type(),
                layer));
    return layers.stream().map(EquivariantLayer.class::cast).toList();
  }

  /**
   * Whether a setting is given or has a default.
   *
   * @param name its name
   * @return false where {@link #flag}, {@link #whole} and so on would throw
   */
  public boolean has(String name) {
    return architecture.settings().containsKey(name) || defaults.containsKey(name);
  }

  /**
   * A setting as it is written.
   *
   * @param name its name
   * @return its text
   * @throws IllegalArgumentException if it is missing
   */
  public String text(String name) {
    return requirePresent(
        architecture.settings().getOrDefault(name, defaults.get(name)),
        "%s lacks the setting '%s'",
        architecture.type(),
        name);
  }

  private IllegalArgumentException refused(String name, String wanted) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "'%s' of %s must be %s, got '%s'",
            name,
            architecture.type(),
            wanted,
            text(name)));
  }

  /**
   * A setting that is on or off.
   *
   * @param name its name
   * @return its value
   * @throws IllegalArgumentException if it is missing or neither {@code true} nor {@code false}
   */
  public boolean flag(String name) {
    return switch (text(name)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused(name, "true or false");
    };
  }

  /**
   * A whole number.
   *
   * @param name its name
   * @return its value
   * @throws IllegalArgumentException if it is missing or none
   */
  public int whole(String name) {
    double value = number(name);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw refused(name, "a whole number");
    }
    return (int) value;
  }

  /**
   * A list of whole numbers, as {@code [16, 8]}; the empty one is {@code []}.
   *
   * @param name its name
   * @return its value
   * @throws IllegalArgumentException if it is missing or none
   */
  public List<Integer> wholes(String name) {
    String text = text(name).strip();
    try {
      if (isList(text)) {
        return parts(text).stream().map(Integer::valueOf).toList();
      }
    } catch (NumberFormatException e) {
      IllegalArgumentException refused = refused(name, LIST);
      refused.initCause(e);
      throw refused;
    }
    throw refused(name, LIST);
  }

  /**
   * A list of numbers, as {@code [0.5, 2]}.
   *
   * @param name its name
   * @return its value
   * @throws IllegalArgumentException if it is missing or none
   */
  public List<Double> numbers(String name) {
    String text = text(name).strip();
    try {
      if (isList(text)) {
        return parts(text).stream().map(Double::valueOf).toList();
      }
    } catch (NumberFormatException e) {
      IllegalArgumentException refused = refused(name, NUMBERS);
      refused.initCause(e);
      throw refused;
    }
    throw refused(name, NUMBERS);
  }

  private static boolean isList(String text) {
    return text.startsWith("[") && text.endsWith("]");
  }

  private static List<String> parts(String list) {
    String inside = list.substring(1, list.length() - 1).strip();
    return inside.isEmpty()
        ? List.of()
        : Arrays.stream(inside.split(",", -1)).map(String::strip).toList();
  }

  /**
   * A number.
   *
   * @param name its name
   * @return its value
   * @throws IllegalArgumentException if it is missing or none
   */
  public double number(String name) {
    try {
      return Double.parseDouble(text(name));
    } catch (NumberFormatException e) {
      IllegalArgumentException refused = refused(name, "a number");
      refused.initCause(e);
      throw refused;
    }
  }

  /**
   * One of some names.
   *
   * @param <E> the type of the constant
   * @param kind the type of the constant
   * @param name the name of the setting
   * @return its value
   * @throws IllegalArgumentException if it is missing or none of them
   */
  public <E extends Enum<E>> E constant(Class<E> kind, String name) {
    return constant(kind, name, text(name));
  }

  private <E extends Enum<E>> E constant(Class<E> kind, String name, String text) {
    String value = text.toUpperCase(Locale.ROOT);
    for (E constant : kind.getEnumConstants()) {
      if (constant.name().equals(value)) {
        return constant;
      }
    }
    throw refused(name, "one of " + Arrays.toString(kind.getEnumConstants()));
  }

  /**
   * One or several of some names, as {@code relu} or {@code [relu, tanh]}.
   *
   * @param <E> the type of the constants
   * @param kind the type of the constants
   * @param name the name of the setting
   * @return its values
   * @throws IllegalArgumentException if it is missing or one is none of them
   */
  public <E extends Enum<E>> List<E> constants(Class<E> kind, String name) {
    String text = text(name).strip();
    List<String> names = isList(text) ? parts(text) : List.of(text);
    return names.stream().map(part -> constant(kind, name, part)).toList();
  }

  /**
   * The dtype of the layer.
   *
   * @return the setting {@code dtype}
   * @throws IllegalArgumentException if there is none of that name
   */
  public Dtype dtype() {
    return constant(Dtype.class, LayerType.DTYPE);
  }
}
