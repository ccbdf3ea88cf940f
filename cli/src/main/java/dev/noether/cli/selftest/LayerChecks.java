package dev.noether.cli.selftest;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Architecture;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.MultivariateNormal;
import dev.noether.plain.Forward;
import dev.noether.plain.NamedInputs;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Layers: the state loads, outputs and gradients agree. */
final class LayerChecks {
  /** Bases too: the reference's are sums in float32, of as many terms as its outputs. */
  private static final double OUTPUTS = 1e-5;

  private static final double GRADIENTS = 1e-4;
  private static final double FLOAT64 = 1e-12;

  /** Kinds of cases whose layer has another name. */
  private static final Map<String, String> TYPES =
      Map.of(
          "ConstrainedLinear",
          "Linear",
          "ConditionalUnet1D",
          "ConditionalUnet1d",
          "EquivariantConditionalUnet1D",
          "EquivariantConditionalUnet1d",
          "EquivariantConditionalResidualBlock1D",
          "EquivariantConditionalResidualBlock1d");

  /** Entries of a case's configuration whose setting has another name. */
  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("basis_expansion", "expansion"),
          Map.entry("num_heads", "heads"),
          Map.entry("nhead", "heads"),
          Map.entry("init_scheme", "initialization"),
          Map.entry("time_horizon", "horizon"),
          Map.entry("batch_norm", "normalize"));

  /** A layer and how a case's inputs enter it. */
  record Subject(Layer layer, Function<Map<String, Tensor>, Tensor> forward) {}

  private LayerChecks() {}

  static Optional<SelfTest.Check> of(String kind) {
    String type = TYPES.getOrDefault(kind, kind);
    return LayerRegistry.standard().types().stream()
        .filter(known -> known.name().equals(type))
        .findFirst()
        .map(known -> (reference, device, comparison) -> run(known, reference, device, comparison));
  }

  private static void run(
      LayerType<?> type, ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    for (Execution execution : executions(reference)) {
      Layer layer = LayerRegistry.standard().build(architecture(type, reference, execution));
      run(new Subject(layer, forward(type, layer)), reference, device, comparison);
    }
  }

  /** What a case describes: its representations and those of its settings that the layer has. */
  private static Architecture architecture(
      LayerType<?> type, ReferenceCase reference, Execution execution) throws IOException {
    Map<String, Representation> representations = new LinkedHashMap<>();
    for (String role : type.representationNames()) {
      if (reference.description().hasNonNull(role + "_rep")) {
        representations.put(role, reference.representation(role + "_rep"));
      }
    }
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("dtype", dtype(reference).name());
    settings.put("execution", execution.name());
    JsonNode config = reference.description().path("config");
    config.properties().stream()
        .filter(entry -> !entry.getValue().isNull()) // None: the layer's default
        .forEach(entry -> settings.put(setting(type, entry.getKey()), text(entry.getValue())));
    if (config.has("diagonal")) {
      settings.put("covariance", config.path("diagonal").asBoolean() ? "DIAGONAL" : "FULL");
    }
    if (!representations.isEmpty() && type.settingNames().contains("in_features")) {
      settings.put("in_features", Integer.toString(size(representations, "in")));
      settings.put("out_features", Integer.toString(size(representations, "out")));
    }
    settings.keySet().retainAll(type.settingNames());
    return new Architecture(type.name(), representations, settings, List.of());
  }

  /** The layer's own name of an entry of a case's configuration. */
  private static String setting(LayerType<?> type, String entry) {
    return type.settingNames().contains(entry) ? entry : SETTINGS.getOrDefault(entry, entry);
  }

  /** Lists as they are written. */
  private static String text(JsonNode value) {
    return value.isArray() ? value.toString() : value.asString("");
  }

  private static int size(Map<String, Representation> representations, String role) {
    Representation rho = representations.get(role);
    return rho == null ? 0 : rho.size();
  }

  /** A layer of several inputs takes them by their names, one of a single input takes that. */
  private static Function<Map<String, Tensor>, Tensor> forward(LayerType<?> type, Layer layer) {
    if (type == EquivariantMultivariateNormal.TYPE) {
      return inputs -> moments((EquivariantMultivariateNormal) layer, inputs);
    }
    return inputs ->
        layer instanceof NamedInputs named && inputs.keySet().containsAll(named.requiredInputs())
            ? named.forward(inputs)
            : ((Forward) layer).forward(only(inputs));
  }

  /** The case holds the mean, then the diagonal of the covariance. */
  private static Tensor moments(EquivariantMultivariateNormal layer, Map<String, Tensor> inputs) {
    MultivariateNormal normal = layer.forward(only(inputs));
    return Tensors.concatenate(-1, normal.mean(), normal.variance());
  }

  private static Tensor only(Map<String, Tensor> inputs) {
    require(inputs.size() == 1, "a layer of one input takes one, got %s", inputs.keySet());
    return inputs.values().iterator().next();
  }

  /** That of the outputs; inputs may be whole numbers, as masks and steps are. */
  private static Dtype dtype(ReferenceCase reference) throws IOException {
    return reference.dtype("output.train");
  }

  /** Where a layer has several ways to apply its map, each must give the reference's numbers. */
  private static List<Execution> executions(ReferenceCase reference) {
    return reference.kind().equals("EquivariantLinear")
        ? List.of(Execution.DENSE, Execution.SPECTRAL)
        : List.of(Execution.AUTO);
  }

  /** A layer of one input. */
  static void run(
      EquivariantLayer layer, ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    run(new Subject(layer, inputs -> layer.forward(only(inputs))), reference, device, comparison);
  }

  static void run(
      Subject subject, ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    boolean exact = dtype(reference) == Dtype.FLOAT64;
    double outputs = exact ? FLOAT64 : OUTPUTS;
    double gradients = exact ? FLOAT64 : GRADIENTS;
    Layer layer = subject.layer();
    Map<String, Tensor> state = reference.under("state.");
    compareBases(layer, state, outputs, comparison);
    layer.load(state);
    layer.to(device);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    reference.under("input.").forEach((name, tensor) -> inputs.put(name, leaf(tensor, device)));
    layer.train();
    Tensor output = subject.forward().apply(inputs);
    comparison.close("output in training", output, reference.tensor("output.train"), outputs);
    if (reference.tensors().containsKey("cotangent")) {
      gradients(layer, inputs, output, reference, gradients, comparison);
    }
    Map<String, Tensor> after = layer.stateDict();
    reference
        .under("state_after.")
        .forEach((name, expected) -> state(name, after.get(name), expected, outputs, comparison));
    layer.eval();
    try (NoGradGuard guard = new NoGradGuard()) {
      for (String pass : new String[] {"first", "cached"}) {
        comparison.close(
            "output in evaluation, " + pass,
            subject.forward().apply(inputs),
            reference.tensor("output.eval"),
            outputs);
      }
    }
  }

  private static void gradients(
      Layer layer,
      Map<String, Tensor> inputs,
      Tensor output,
      ReferenceCase reference,
      double tolerance,
      Comparison comparison)
      throws IOException {
    Tensor cotangent = reference.tensor("cotangent").to(output.device(), output.scalar_type());
    output.mul(cotangent).sum().backward();
    Map<String, Tensor> found = new LinkedHashMap<>(layer.namedParameters());
    inputs.forEach((name, tensor) -> found.put("input." + name, tensor));
    reference
        .under("grad.")
        .forEach(
            (name, expected) -> gradient(name, found.get(name), expected, tolerance, comparison));
  }

  /** What is no parameter is Noether's own computation: it must be right before the load. */
  private static void compareBases(
      Layer layer, Map<String, Tensor> state, double tolerance, Comparison comparison) {
    Set<Long> parameters =
        layer.namedParameters().values().stream()
            .map(parameter -> parameter.data_ptr().address())
            .collect(Collectors.toSet());
    layer
        .stateDict()
        .forEach(
            (name, actual) -> {
              Tensor expected = state.get(name);
              if (expected != null && !parameters.contains(actual.data_ptr().address())) {
                comparison.close("basis " + name, actual, expected, tolerance);
              }
            });
  }

  private static Tensor leaf(Tensor tensor, ComputeDevice device) {
    Tensor moved = tensor.to(device.toTorch(), tensor.scalar_type()).detach();
    return moved.is_floating_point() ? moved.set_requires_grad(true) : moved;
  }

  /** What training keeps, as running statistics. */
  private static void state(
      String name,
      @Nullable Tensor found,
      Tensor expected,
      double tolerance,
      Comparison comparison) {
    if (found == null) {
      comparison.equal("state '" + name + "'", "none", Tensors.dtypeName(expected));
      return;
    }
    comparison.close("'" + name + "' after training", found, expected, tolerance);
  }

  private static void gradient(
      String name,
      @Nullable Tensor parameter,
      Tensor expected,
      double tolerance,
      Comparison comparison) {
    if (parameter == null || !parameter.grad().defined()) {
      comparison.equal("gradient of " + name, "none", Tensors.dtypeName(expected));
      return;
    }
    comparison.close("gradient of " + name, parameter.grad(), expected, tolerance);
  }
}
