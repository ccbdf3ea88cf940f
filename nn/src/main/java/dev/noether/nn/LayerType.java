package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * How layers of a class are described and built again: a constant of the class itself, so that both
 * ends stand side by side.
 *
 * <pre>{@code
 * public static final LayerType<EquivariantRmsNorm> TYPE =
 *     LayerType.of(EquivariantRmsNorm.class, layer -> List.of(new BasisUse.Independent()))
 *         .representation("in", EquivariantRmsNorm::in)
 *         .setting("eps", layer -> layer.eps, 1e-6)
 *         .builds(s -> new EquivariantRmsNorm(s.representation("in"), s.number("eps"), s.dtype()));
 * }</pre>
 *
 * <p>The dtype is a setting of every layer. A representation or a setting that a type does not name
 * is refused when it is built.
 *
 * @param <L> the class of the layers
 */
public final class LayerType<L extends Layer> {
  static final String DTYPE = "dtype";

  /** What follows a role where a setting tells of fields. */
  static final String FIELDS = "_fields";

  private final Class<L> layer;
  private final Map<String, Function<L, Optional<Representation>>> roles;
  private final Map<String, Function<L, List<Representation>>> lists;
  private final Map<String, Function<L, Object>> settings;
  private final Map<String, String> defaults;
  private final Function<L, List<? extends Layer>> layers;
  private final Function<L, List<BasisUse>> bases;
  private final Function<Settings, Layer> builder;

  private LayerType(Builder<L> from, Function<Settings, Layer> builder) {
    layer = from.layer;
    roles = new LinkedHashMap<>(from.roles);
    lists = new LinkedHashMap<>(from.lists);
    settings = new LinkedHashMap<>(from.settings);
    defaults = new LinkedHashMap<>(from.defaults);
    layers = from.layers;
    bases = from.bases;
    this.builder = builder;
  }

  /**
   * Begins a type.
   *
   * @param <L> the class of the layers
   * @param layer the class of the layers; its simple name is the type's name
   * @param bases how a layer depends on the choice of bases; see {@link BasisUse}
   * @return what remains to be told
   */
  public static <L extends Layer> Builder<L> of(Class<L> layer, Function<L, List<BasisUse>> bases) {
    return new Builder<>(layer, bases);
  }

  /**
   * Begins a type of layers that compute the same in any basis, or whose children alone depend on
   * one.
   *
   * @param <L> the class of the layers
   * @param layer the class of the layers; its simple name is the type's name
   * @return what remains to be told
   */
  public static <L extends Layer> Builder<L> independentOfBases(Class<L> layer) {
    return of(layer, own -> List.of(new BasisUse.Independent()));
  }

  /**
   * A type in the making.
   *
   * @param <L> the class of the layers
   */
  public static final class Builder<L extends Layer> {
    private final Class<L> layer;
    private final Function<L, List<BasisUse>> bases;
    private final Map<String, Function<L, Optional<Representation>>> roles = new LinkedHashMap<>();
    private final Map<String, Function<L, List<Representation>>> lists = new LinkedHashMap<>();
    private final Map<String, Function<L, Object>> settings = new LinkedHashMap<>();
    private final Map<String, String> defaults = new LinkedHashMap<>();
    private Function<L, List<? extends Layer>> layers = own -> List.of();

    private Builder(Class<L> layer, Function<L, List<BasisUse>> bases) {
      this.layer = layer;
      this.bases = bases;
      settings.put(DTYPE, own -> own.dtype().toString());
      defaults.put(DTYPE, Dtype.FLOAT32.toString());
    }

    /**
     * A representation.
     *
     * @param role its role, as {@code in}
     * @param get reads it off a layer
     * @return this builder
     */
    public Builder<L> representation(String role, Function<L, Representation> get) {
      roles.put(role, own -> Optional.of(get.apply(own)));
      return this;
    }

    /**
     * A representation that a layer may lack.
     *
     * @param role its role
     * @param get reads it off a layer
     * @return this builder
     */
    public Builder<L> optional(String role, Function<L, Optional<Representation>> get) {
      roles.put(role, get);
      return this;
    }

    /**
     * A list of representations.
     *
     * @param role its role; they are described as {@code role.0}, {@code role.1} and so on
     * @param get reads them off a layer
     * @return this builder
     */
    public Builder<L> representations(String role, Function<L, List<Representation>> get) {
      lists.put(role, get);
      return this;
    }

    /**
     * A list of fields over the plane or over space: a representation for each kind, and the
     * setting {@code role_fields} for their space, numbers and names.
     *
     * @param role its role, as {@code in}
     * @param get reads it off a layer
     * @return this builder
     */
    public Builder<L> fields(String role, Function<L, FieldType> get) {
      lists.put(role, own -> get.apply(own).kinds().stream().map(Field::representation).toList());
      settings.put(role + FIELDS, own -> get.apply(own).description());
      return this;
    }

    /**
     * A setting with a default.
     *
     * @param name its name, as PyTorch writes it
     * @param get reads it off a layer: a flag, a number or a constant of an enum
     * @param fallback its value where an architecture leaves it out
     * @return this builder
     */
    public Builder<L> setting(String name, Function<L, Object> get, Object fallback) {
      settings.put(name, get);
      defaults.put(name, SettingGroup.text(fallback));
      return this;
    }

    /**
     * A setting that an architecture must give.
     *
     * @param name its name
     * @param get reads it off a layer
     * @return this builder
     */
    public Builder<L> setting(String name, Function<L, Object> get) {
      settings.put(name, get);
      return this;
    }

    /**
     * The settings of a record of options.
     *
     * @param <O> the options
     * @param group the settings
     * @param get reads the options off a layer
     * @return this builder
     */
    public <O> Builder<L> settings(SettingGroup<O> group, Function<L, O> get) {
      group
          .entries()
          .forEach(
              (name, entry) -> {
                settings.put(name, own -> entry.get().apply(get.apply(own)));
                if (entry.fallback() != null) {
                  defaults.put(name, entry.fallback());
                }
              });
      return this;
    }

    /**
     * The layers inside that are described and built by themselves, as those of a chain.
     *
     * @param get reads them off a layer
     * @return this builder
     */
    public Builder<L> layers(Function<L, List<? extends Layer>> get) {
      layers = get;
      return this;
    }

    /**
     * Ends with the way to a new layer.
     *
     * @param builder builds a layer, on the CPU
     * @return the type
     */
    public LayerType<L> builds(Function<Settings, Layer> builder) {
      return new LayerType<>(this, builder);
    }
  }

  /**
   * The name in architectures.
   *
   * @return the simple name of the class
   */
  public String name() {
    return layer.getSimpleName();
  }

  /**
   * The class of the layers.
   *
   * @return the class
   */
  public Class<L> layer() {
    return layer;
  }

  /**
   * The names of the representations that an architecture may give.
   *
   * @return the roles; that of a list stands for {@code role.0}, {@code role.1} and so on
   */
  public Set<String> representationNames() {
    Set<String> names = new LinkedHashSet<>(roles.keySet());
    names.addAll(lists.keySet());
    return names;
  }

  /**
   * The names of the settings that an architecture may give.
   *
   * @return the names
   */
  public Set<String> settingNames() {
    return Collections.unmodifiableSet(settings.keySet());
  }

  /**
   * How a layer depends on the choice of bases.
   *
   * @param own a layer of this type
   * @return the uses, those of layers below left out
   */
  public List<BasisUse> bases(Layer own) {
    return bases.apply(layer.cast(own));
  }

  /**
   * The layers inside that are described and built by themselves, as those of a chain.
   *
   * @param own a layer of this type
   * @return the layers, none where it has none such
   */
  public List<? extends Layer> layersOf(Layer own) {
    return layers.apply(layer.cast(own));
  }

  /**
   * What a layer is, with its parts described elsewhere.
   *
   * @param any a layer of this type
   * @param parts what {@link #layersOf} are
   * @return the architecture
   */
  public Architecture describe(Layer any, List<Architecture> parts) {
    L own = layer.cast(any);
    Map<String, Representation> representations = new LinkedHashMap<>();
    roles.forEach((role, get) -> get.apply(own).ifPresent(r -> representations.put(role, r)));
    lists.forEach(
        (role, get) -> {
          List<Representation> all = get.apply(own);
          for (int i = 0; i < all.size(); i++) {
            representations.put(role + "." + i, all.get(i));
          }
        });
    Map<String, String> texts = new LinkedHashMap<>();
    settings.forEach(
        (name, get) -> {
          Object value = get.apply(own);
          Optional<?> told = value instanceof Optional<?> some ? some : Optional.of(value);
          told.ifPresent(known -> texts.put(name, SettingGroup.text(known)));
        });
    return new Architecture(name(), representations, texts, parts);
  }

  /**
   * Builds a layer around layers that exist.
   *
   * @param architecture what the layer is; its list of layers is not read
   * @param parts the layers inside, which become its children
   * @return a new layer on the CPU
   * @throws IllegalArgumentException if a representation or a setting is missing, unknown or does
   *     not fit
   */
  public Layer build(Architecture architecture, List<Layer> parts) {
    for (String role : architecture.representations().keySet()) {
      int dot = role.indexOf('.');
      boolean numbered = dot > 0 && Pattern.matches("[0-9]+", role.substring(dot + 1));
      require(
          roles.containsKey(role) || (numbered && lists.containsKey(role.substring(0, dot))),
          "%s has no representation '%s'; it has %s",
          name(),
          role,
          roleNames());
    }
    for (String setting : architecture.settings().keySet()) {
      require(
          settings.containsKey(setting),
          "%s has no setting '%s'; it has %s",
          name(),
          setting,
          new TreeSet<>(settings.keySet()));
    }
    return builder.apply(new Settings(architecture, defaults, parts));
  }

  /**
   * The same architecture with other representations and fields, as under a smaller group; its list
   * of layers is left out.
   *
   * @param architecture of a layer of this type
   * @param representations what becomes of a representation
   * @param fields what becomes of fields over the plane or over space
   * @return the architecture
   */
  public Architecture mapped(
      Architecture architecture,
      UnaryOperator<Representation> representations,
      UnaryOperator<FieldType> fields) {
    Map<String, Representation> mapped = new LinkedHashMap<>();
    architecture
        .representations()
        .forEach((role, rho) -> mapped.put(role, representations.apply(rho)));
    Map<String, String> texts = new LinkedHashMap<>(architecture.settings());
    Settings own = new Settings(architecture, defaults, List.of());
    lists.keySet().stream()
        .filter(role -> settings.containsKey(role + FIELDS))
        .forEach(
            role -> {
              FieldType type = fields.apply(own.fields(role));
              mapped.keySet().removeIf(name -> name.startsWith(role + "."));
              List<Field> kinds = type.kinds();
              for (int i = 0; i < kinds.size(); i++) {
                mapped.put(role + "." + i, kinds.get(i).representation());
              }
              texts.put(role + FIELDS, type.description());
            });
    return new Architecture(name(), mapped, texts, List.of());
  }

  private List<String> roleNames() {
    List<String> names = new ArrayList<>(roles.keySet());
    lists.keySet().forEach(role -> names.add(role + ".0"));
    return names;
  }
}
