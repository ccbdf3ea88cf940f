package dev.noether.cli.selftest;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Execution;
import dev.noether.nn.AttentionOptions;
import dev.noether.nn.BatchNormOptions;
import dev.noether.nn.ConvolutionOptions;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantAffine;
import dev.noether.nn.EquivariantBatchNorm1d;
import dev.noether.nn.EquivariantConv1d;
import dev.noether.nn.EquivariantConvTranspose1d;
import dev.noether.nn.EquivariantLayerNorm;
import dev.noether.nn.EquivariantLinear;
import dev.noether.nn.EquivariantMultiheadAttention;
import dev.noether.nn.EquivariantMultivariateNormal;
import dev.noether.nn.EquivariantRmsNorm;
import dev.noether.nn.InvariantBias;
import dev.noether.nn.IrrepSubspaceNormPooling;
import dev.noether.nn.Layer;
import dev.noether.nn.Linear;
import dev.noether.nn.LinearOptions;
import dev.noether.nn.MultivariateNormal;
import dev.noether.nn.NormalCovariance;
import dev.noether.rep.Representation;
import dev.noether.torch.Device;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Layers: the state loads, outputs and gradients agree. */
final class LayerChecks {
  /** Bases too: the reference's are sums in float32, of as many terms as its outputs. */
  private static final double OUTPUTS = 1e-5;

  private static final double GRADIENTS = 1e-4;
  private static final double FLOAT64 = 1e-12;

  /** A layer and how a case's inputs enter it. */
  record Subject(Layer layer, Forward forward) {}

  /** Applies a layer to the inputs of a case, by name. */
  interface Forward {
    Tensor apply(Map<String, Tensor> inputs);
  }

  /** Builds the layer that a case describes. */
  private interface Builder {
    Subject build(ReferenceCase reference, LinearOptions options) throws IOException;
  }

  private LayerChecks() {}

  static Optional<SelfTest.Check> of(String kind) {
    Builder builder =
        switch (kind) {
          case "EquivariantLinear" -> LayerChecks::equivariantLinear;
          case "ConstrainedLinear" -> LayerChecks::constrainedLinear;
          case "EquivariantAffine" -> LayerChecks::equivariantAffine;
          case "InvariantBias" -> LayerChecks::invariantBias;
          case "EquivariantRmsNorm" -> LayerChecks::rmsNorm;
          case "EquivariantLayerNorm" -> LayerChecks::layerNorm;
          case "IrrepSubspaceNormPooling" -> LayerChecks::normPooling;
          case "EquivariantBatchNorm1d" -> LayerChecks::batchNorm;
          case "EquivariantConv1d" -> LayerChecks::convolution;
          case "EquivariantConvTranspose1d" -> LayerChecks::transposedConvolution;
          case "EquivariantMultiheadAttention" -> LayerChecks::attention;
          case "EquivariantMultivariateNormal" -> LayerChecks::equivariantMultivariateNormal;
          default -> null;
        };
    return builder == null
        ? Optional.empty()
        : Optional.of(
            (reference, device, comparison) -> run(builder, reference, device, comparison));
  }

  private static Subject equivariantLinear(ReferenceCase reference, LinearOptions options)
      throws IOException {
    EquivariantLinear layer =
        new EquivariantLinear(
            reference.representation("in_rep"), reference.representation("out_rep"), options);
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Subject constrainedLinear(ReferenceCase reference, LinearOptions options)
      throws IOException {
    Representation in = reference.representation("in_rep");
    Representation out = reference.representation("out_rep");
    Linear layer = new Linear(in.size(), out.size(), options);
    Equivariance.impose(layer, in, out, options.expansion());
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Subject equivariantAffine(ReferenceCase reference, LinearOptions options)
      throws IOException {
    Representation in = reference.representation("in_rep");
    if (reference.flag("learnable")) {
      EquivariantAffine layer = EquivariantAffine.learnable(in, options);
      return new Subject(layer, inputs -> layer.forward(x(inputs)));
    }
    EquivariantAffine layer = EquivariantAffine.film(in, options);
    return new Subject(
        layer,
        inputs -> {
          Tensor bias = inputs.get("bias_dof");
          Tensor scale = input(inputs, "scale_dof");
          return bias == null
              ? layer.forward(x(inputs), scale)
              : layer.forward(x(inputs), scale, bias);
        });
  }

  private static Subject invariantBias(ReferenceCase reference, LinearOptions options)
      throws IOException {
    InvariantBias layer = new InvariantBias(reference.representation("in_rep"), options.dtype());
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  /** The case holds the mean, then the diagonal of the covariance. */
  private static Subject equivariantMultivariateNormal(
      ReferenceCase reference, LinearOptions options) throws IOException {
    EquivariantMultivariateNormal layer =
        new EquivariantMultivariateNormal(
            reference.representation("out_rep"),
            reference.flag("diagonal") ? NormalCovariance.DIAGONAL : NormalCovariance.FULL,
            options.dtype());
    return new Subject(
        layer,
        inputs -> {
          MultivariateNormal normal = layer.forward(input(inputs, "u"));
          return Tensors.concatenate(-1, normal.mean(), normal.variance());
        });
  }

  private static int number(ReferenceCase reference, String key, int otherwise) {
    return reference.description().path("config").path(key).asInt(otherwise);
  }

  private static ConvolutionOptions geometry(ReferenceCase reference) {
    return new ConvolutionOptions(
        number(reference, "kernel_size", 3),
        number(reference, "stride", 1),
        number(reference, "padding", 0),
        number(reference, "dilation", 1),
        number(reference, "output_padding", 0));
  }

  private static Subject convolution(ReferenceCase reference, LinearOptions options)
      throws IOException {
    EquivariantConv1d layer =
        new EquivariantConv1d(
            reference.representation("in_rep"),
            reference.representation("out_rep"),
            geometry(reference),
            options);
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Subject transposedConvolution(ReferenceCase reference, LinearOptions options)
      throws IOException {
    EquivariantConvTranspose1d layer =
        new EquivariantConvTranspose1d(
            reference.representation("in_rep"),
            reference.representation("out_rep"),
            geometry(reference),
            options);
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Subject attention(ReferenceCase reference, LinearOptions options)
      throws IOException {
    AttentionOptions own = AttentionOptions.heads(number(reference, "num_heads", 1)).with(options);
    EquivariantMultiheadAttention layer =
        new EquivariantMultiheadAttention(
            reference.representation("in_rep"),
            reference.flag("batch_first") ? own : own.timeFirst());
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Subject batchNorm(ReferenceCase reference, LinearOptions options)
      throws IOException {
    BatchNormOptions own =
        new BatchNormOptions(
            eps(reference),
            reference.description().path("config").path("momentum").asDouble(0.1),
            reference.flag("affine"),
            reference.flag("track_running_stats"),
            options.dtype());
    EquivariantBatchNorm1d layer =
        new EquivariantBatchNorm1d(reference.representation("in_rep"), own);
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static double eps(ReferenceCase reference) {
    return reference.description().path("config").path("eps").asDouble(1e-6);
  }

  private static Subject rmsNorm(ReferenceCase reference, LinearOptions options)
      throws IOException {
    EquivariantRmsNorm layer =
        new EquivariantRmsNorm(reference.representation("in_rep"), eps(reference), options.dtype());
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Subject layerNorm(ReferenceCase reference, LinearOptions options)
      throws IOException {
    EquivariantLayerNorm layer =
        new EquivariantLayerNorm(reference.representation("in_rep"), eps(reference), options);
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Subject normPooling(ReferenceCase reference, LinearOptions options)
      throws IOException {
    IrrepSubspaceNormPooling layer =
        new IrrepSubspaceNormPooling(reference.representation("in_rep"), options.dtype());
    return new Subject(layer, inputs -> layer.forward(x(inputs)));
  }

  private static Tensor x(Map<String, Tensor> inputs) {
    return input(inputs, "x");
  }

  private static Tensor input(Map<String, Tensor> inputs, String name) {
    Tensor tensor = inputs.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the case has no input '" + name + "'");
    }
    return tensor;
  }

  private static Dtype dtype(ReferenceCase reference) throws IOException {
    return reference.dtype(reference.tensors().containsKey("input.u") ? "input.u" : "input.x");
  }

  private static LinearOptions options(ReferenceCase reference) throws IOException {
    LinearOptions options = LinearOptions.defaults().with(dtype(reference));
    String expansion =
        reference
            .description()
            .path("config")
            .path("basis_expansion")
            .asString("isotypic_expansion");
    options = options.with(BasisExpansion.valueOf(expansion.toUpperCase(Locale.ROOT)));
    return reference.flag("bias") ? options : options.withoutBias();
  }

  private static void run(
      Builder builder, ReferenceCase reference, Device device, Comparison comparison)
      throws IOException {
    for (Execution execution : executions(reference)) {
      LinearOptions options = options(reference).with(execution);
      run(builder.build(reference, options), reference, device, comparison);
    }
  }

  /** Where a layer has several ways to apply its map, each must give the reference's numbers. */
  private static List<Execution> executions(ReferenceCase reference) {
    return reference.kind().equals("EquivariantLinear")
        ? List.of(Execution.DENSE, Execution.SPECTRAL)
        : List.of(Execution.AUTO);
  }

  private static void run(
      Subject subject, ReferenceCase reference, Device device, Comparison comparison)
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
    Tensor cotangent = reference.tensor("cotangent").to(output.device(), output.scalar_type());
    output.mul(cotangent).sum().backward();
    Map<String, Tensor> found = new LinkedHashMap<>(layer.namedParameters());
    inputs.forEach((name, tensor) -> found.put("input." + name, tensor));
    reference
        .under("grad.")
        .forEach(
            (name, expected) -> gradient(name, found.get(name), expected, gradients, comparison));
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

  private static Tensor leaf(Tensor tensor, Device device) {
    Tensor moved = tensor.to(device.toTorch(), tensor.scalar_type()).detach();
    return moved.is_floating_point() ? moved.set_requires_grad(true) : moved;
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
