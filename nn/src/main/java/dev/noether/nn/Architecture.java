package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;
import static java.util.Map.entry;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Execution;
import dev.noether.hom.Initialization;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What a layer is, without its weights: enough to build it again.
 *
 * @param type the name of the layer's class
 * @param representations representations by the name of their role, as {@code in}
 * @param settings other options as text, as {@code bias} to {@code true}
 * @param layers the layers of a chain, first to last
 */
public record Architecture(
    String type,
    Map<String, Representation> representations,
    Map<String, String> settings,
    List<Architecture> layers) {
  /** What a setting is where it is left out, by its name, or by the layer's and its own. */
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          entry("dtype", "FLOAT32"),
          entry("bias", "true"),
          entry("expansion", "ISOTYPIC_EXPANSION"),
          entry("execution", "AUTO"),
          entry("initialization", "XAVIER_NORMAL"),
          entry("learnable", "true"),
          entry("stride", "1"),
          entry("padding", "0"),
          entry("dilation", "1"),
          entry("output_padding", "0"),
          entry("dropout", "0"),
          entry("batch_first", "true"),
          entry("eps", "1e-6"),
          entry("EquivariantBatchNorm1d.eps", "1e-5"),
          entry("momentum", "0.1"),
          entry("affine", "true"),
          entry("track_running_stats", "true"),
          entry("center_with_running_mean", "true"),
          entry("covariance", "DIAGONAL"));

  /**
   * Copies the maps and the list.
   *
   * @param type the name of the layer's class
   * @param representations representations by role
   * @param settings other options as text
   * @param layers the layers of a chain
   */
  public Architecture {
    representations = Collections.unmodifiableMap(new LinkedHashMap<>(representations));
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    layers = List.copyOf(layers);
  }

  /** The class and the present dtype of a layer. */
  static Architecture of(Layer layer) {
    boolean wide =
        Stream.concat(
                layer.namedParameters().values().stream(), layer.namedBuffers().values().stream())
            .filter(Tensor::is_floating_point)
            .findFirst()
            .map(tensor -> Tensors.scalarType(tensor) == ScalarType.Double)
            .orElse(false);
    return new Architecture(
        layer.getClass().getSimpleName(),
        Map.of(),
        Map.of("dtype", (wide ? Dtype.FLOAT64 : Dtype.FLOAT32).toString()),
        List.of());
  }

  Architecture with(String role, Representation representation) {
    Map<String, Representation> more = new LinkedHashMap<>(representations);
    more.put(role, representation);
    return new Architecture(type, more, settings, layers);
  }

  Architecture with(String name, Object value) {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(name, value instanceof Enum<?> constant ? constant.name() : String.valueOf(value));
    return new Architecture(type, representations, more, layers);
  }

  Architecture with(LinearOptions options) {
    return with("bias", options.bias())
        .with("expansion", options.expansion())
        .with("execution", options.execution())
        .with("initialization", options.initialization());
  }

  Architecture with(ConvolutionOptions geometry) {
    return with("kernel_size", geometry.kernelSize())
        .with("stride", geometry.stride())
        .with("padding", geometry.padding())
        .with("dilation", geometry.dilation())
        .with("output_padding", geometry.outputPadding());
  }

  Architecture withLayers(List<Architecture> parts) {
    return new Architecture(type, representations, settings, parts);
  }

  /**
   * Builds the layer, with first weights of its own. A setting that is left out is the layer's
   * default.
   *
   * @return a new layer on the CPU
   * @throws IllegalArgumentException if the class is not known, or a representation, or a setting
   *     without a default, is missing or does not fit
   */
  public Layer build() {
    return switch (type) {
      case "Linear" -> linear();
      case "EquivariantLinear" -> new EquivariantLinear(rep("in"), rep("out"), options());
      case "FieldLinear" -> new FieldLinear(fields("in"), fields("out"), options());
      case "InvariantBias" -> new InvariantBias(rep("in"), dtype());
      case "EquivariantAffine" ->
          flag("learnable")
              ? EquivariantAffine.learnable(rep("in"), biasOptions())
              : EquivariantAffine.film(rep("in"), biasOptions());
      case "EquivariantRmsNorm" -> new EquivariantRmsNorm(rep("in"), number("eps"), dtype());
      case "EquivariantLayerNorm" ->
          new EquivariantLayerNorm(rep("in"), number("eps"), biasOptions());
      case "EquivariantBatchNorm1d" ->
          new EquivariantBatchNorm1d(
              rep("in"),
              new BatchNormOptions(
                  number("eps"),
                  number("momentum"),
                  flag("affine"),
                  flag("track_running_stats"),
                  dtype()));
      case "EquivariantConv1d" ->
          new EquivariantConv1d(rep("in"), rep("out"), geometry(), options());
      case "EquivariantConvTranspose1d" ->
          new EquivariantConvTranspose1d(rep("in"), rep("out"), geometry(), options());
      case "EquivariantMultiheadAttention" ->
          new EquivariantMultiheadAttention(
              rep("in"),
              new AttentionOptions(
                  whole("heads"), number("dropout"), flag("batch_first"), options()));
      case "IrrepSubspaceNormPooling" -> new IrrepSubspaceNormPooling(rep("in"), dtype());
      case "InvariantPooling" -> new InvariantPooling(rep("in"), dtype());
      case "ChangeToIsotypicBasis" -> new ChangeToIsotypicBasis(rep("in"), dtype());
      case "ChangeFromIsotypicBasis" -> new ChangeFromIsotypicBasis(rep("out"), dtype());
      case "PointwiseNonlinearity" -> new PointwiseNonlinearity(rep("in"), activation());
      case "NormNonlinearity" -> new NormNonlinearity(rep("in"), activation(), dtype());
      case "FourierNonlinearity" -> new FourierNonlinearity(rep("in"), activation(), dtype());
      case "GatedNonlinearity" -> new GatedNonlinearity(rep("out"), dtype());
      case "EquivariantDropout" -> new EquivariantDropout(rep("in"), number("p"), dtype());
      case "EquivariantMultivariateNormal" ->
          new EquivariantMultivariateNormal(
              rep("out"), constant(NormalCovariance.class, "covariance"), dtype());
      case "EmaStatistics" -> new EmaStatistics(whole("size_x"), whole("size_y"), ema());
      case "EquivariantEmaStatistics" -> new EquivariantEmaStatistics(rep("x"), rep("y"), ema());
      case "EquivariantSequential" ->
          new EquivariantSequential(layers.stream().map(Architecture::part).toList());
      default ->
          throw new IllegalArgumentException(
              type.isEmpty()
                  ? "an architecture needs \"type\", the class of its layer, as EquivariantLinear"
                  : "unknown layer '" + type + "': build it yourself and load its state");
    };
  }

  private EquivariantLayer part() {
    Layer layer = build();
    require(layer instanceof EquivariantLayer, "a chain holds equivariant layers, got %s", layer);
    return (EquivariantLayer) layer;
  }

  private Layer linear() {
    Linear layer = new Linear(size("in"), size("out"), biasOptions());
    if (representations.containsKey("in")) {
      Equivariance.impose(
          layer, rep("in"), rep("out"), constant(BasisExpansion.class, "expansion"));
    }
    return layer;
  }

  private int size(String role) {
    String name = role + "_features";
    Representation constraint = representations.get(role);
    return settings.containsKey(name) || constraint == null ? whole(name) : constraint.size();
  }

  private FieldType fields(String role) {
    List<Representation> fields = new ArrayList<>();
    for (int i = 0; representations.containsKey(role + "." + i); i++) {
      fields.add(rep(role + "." + i));
    }
    return new FieldType(fields);
  }

  private LinearOptions biasOptions() {
    LinearOptions options = LinearOptions.defaults().with(dtype()).withSeed(0);
    return flag("bias") ? options : options.withoutBias();
  }

  private LinearOptions options() {
    return biasOptions()
        .with(constant(BasisExpansion.class, "expansion"))
        .with(constant(Execution.class, "execution"))
        .with(constant(Initialization.class, "initialization"));
  }

  private ConvolutionOptions geometry() {
    return new ConvolutionOptions(
        whole("kernel_size"),
        whole("stride"),
        whole("padding"),
        whole("dilation"),
        whole("output_padding"));
  }

  private EmaOptions ema() {
    return new EmaOptions(number("momentum"), flag("center_with_running_mean"), dtype());
  }

  private Representation rep(String role) {
    return requirePresent(
        representations.get(role), "%s lacks the representation '%s'", type, role);
  }

  private String setting(String name) {
    String value = settings.getOrDefault(name, DEFAULTS.get(type + "." + name));
    return requirePresent(
        value == null ? DEFAULTS.get(name) : value, "%s lacks the setting '%s'", type, name);
  }

  private boolean flag(String name) {
    String value = setting(name);
    require(
        value.equals("true") || value.equals("false"),
        "'%s' of %s must be true or false, got '%s'",
        name,
        type,
        value);
    return value.equals("true");
  }

  private int whole(String name) {
    return (int) number(name);
  }

  private double number(String name) {
    try {
      return Double.parseDouble(setting(name));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + name + "' of " + type + " must be a number, got '" + setting(name) + "'", e);
    }
  }

  private Dtype dtype() {
    return constant(Dtype.class, "dtype");
  }

  private Activation activation() {
    return constant(Activation.class, "activation");
  }

  private <E extends Enum<E>> E constant(Class<E> kind, String name) {
    String value = setting(name).toUpperCase(Locale.ROOT);
    for (E constant : kind.getEnumConstants()) {
      if (constant.name().equals(value)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "'" + name + "' of " + type + " cannot be '" + setting(name) + "'");
  }
}
