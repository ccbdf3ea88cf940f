package dev.noether.cli.selftest;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelPair;
import dev.noether.kernel.Space;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableConvTranspose2d;
import dev.noether.nn.conv.SteerableConvTranspose3d;
import dev.noether.nn.conv.SteerableConvolution;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** Steerable convolutions: the reference's weights give the reference's numbers. */
final class SteerableLayerChecks {
  private static final double BASIS = 2e-6;
  private static final double OUTPUTS = 1e-5;
  private static final double GRADIENTS = 1e-4;

  private SteerableLayerChecks() {}

  static Optional<SelfTest.Check> of(String kind) {
    return switch (kind) {
      case "R2Conv", "R2ConvTransposed", "R3Conv", "R3ConvTransposed" ->
          Optional.of(SteerableLayerChecks::convolution);
      default -> Optional.empty();
    };
  }

  /** The fields that a part of the description spells out. */
  static FieldType type(ReferenceCase reference, JsonNode spec) throws IOException {
    Space space = SteerableChecks.space(spec.path("gspace"));
    List<Field> fields = new ArrayList<>();
    for (JsonNode term : spec.path("fields")) {
      Field field = SteerableChecks.field(space, term, reference);
      for (int copy = 0; copy < term.path("multiplicity").asInt(1); copy++) {
        fields.add(field);
      }
    }
    return new FieldType(space, fields);
  }

  /** The layer that a case describes. */
  static SteerableConvolution layer(ReferenceCase reference) throws IOException {
    FieldType in = type(reference, reference.part("in_type"));
    FieldType out = type(reference, reference.part("out_type"));
    SteerableOptions options = options(reference.part("config"));
    return switch (reference.kind()) {
      case "R2Conv" -> new SteerableConv2d(in, out, options);
      case "R3Conv" -> new SteerableConv3d(in, out, options);
      case "R2ConvTransposed" -> new SteerableConvTranspose2d(in, out, options);
      default -> new SteerableConvTranspose3d(in, out, options);
    };
  }

  private static SteerableOptions options(JsonNode config) {
    String mode = config.path("padding_mode").asString("zeros").toUpperCase(Locale.ROOT);
    ConvolutionOptions geometry =
        new ConvolutionOptions(
            config.path("kernel_size").asInt(),
            config.path("stride").asInt(1),
            config.path("padding").asInt(0),
            config.path("dilation").asInt(1),
            config.path("output_padding").asInt(0),
            config.path("groups").asInt(1),
            Border.valueOf(mode));
    SteerableOptions options =
        SteerableOptions.of(geometry).with(SteerableChecks.rings(config)).withSeed(0);
    return config.path("bias").asBoolean(true) ? options : options.withoutBias();
  }

  private static void convolution(
      ReferenceCase reference, ComputeDevice device, Comparison comparison) throws IOException {
    SteerableConvolution layer = layer(reference);
    blocks(layer, reference, comparison);
    Map<String, Tensor> state = reference.under("state.");
    Map<String, Tensor> ours = layer.stateDict();
    comparison.equal("names of the state", ours.keySet(), state.keySet());
    if (reference.tensors().containsKey("init.std")) {
      comparison.close(
          "initial deviations",
          layer.expansion().initialDeviations(),
          Tensors.toArray(reference.tensor("init.std")),
          OUTPUTS);
    }
    double[] weights = Tensors.toArray(reference.tensor("state.weights"));
    List<double[]> bases = new ArrayList<>();
    for (KernelPair pair : layer.expansion().pairs()) {
      bases.add(Tensors.toArray(reference.tensor("state." + pair.basisName())));
    }
    Map<String, Tensor> loaded = new LinkedHashMap<>(ours);
    loaded.put(
        "weights",
        Tensors.of(Dtype.FLOAT64, layer.expansion().weightsFrom(bases, weights), weights.length));
    Tensor bias = state.get("bias");
    if (bias != null) {
      loaded.put("bias", bias);
    }
    layer.load(loaded);
    layer.to(device);
    outputs(layer, bases, reference, device, comparison);
  }

  private static void blocks(
      SteerableConvolution layer, ReferenceCase reference, Comparison comparison)
      throws IOException {
    List<KernelPair> pairs = layer.expansion().pairs();
    comparison.equal("pairs of fields", pairs.size(), reference.part("weight_blocks").size());
    for (int i = 0; i < Math.min(pairs.size(), reference.part("weight_blocks").size()); i++) {
      JsonNode block = reference.part("weight_blocks").path(i);
      comparison.equal("start of pair " + i, pairs.get(i).start(), block.path("start").asInt());
      comparison.equal("end of pair " + i, pairs.get(i).stop(), block.path("stop").asInt());
    }
  }

  private static void outputs(
      SteerableConvolution layer,
      List<double[]> bases,
      ReferenceCase reference,
      ComputeDevice device,
      Comparison comparison)
      throws IOException {
    Tensor input =
        reference.tensor("input.x").to(device.toTorch(), layer.weights().scalar_type()).detach();
    input.set_requires_grad(true);
    layer.train();
    Tensor output = layer.forward(input);
    comparison.close("output in training", output, reference.tensor("output.train"), OUTPUTS);
    comparison.close("filter", layer.weight(), reference.tensor("eval.filter"), BASIS);
    Tensor bias = layer.bias();
    if (bias != null) {
      comparison.close("bias", bias, reference.tensor("eval.expanded_bias"), BASIS);
    }
    Tensor cotangent = reference.tensor("cotangent").to(output.device(), output.scalar_type());
    output.mul(cotangent).sum().backward();
    comparison.close(
        "gradient of the input", input.grad(), reference.tensor("grad.input.x"), GRADIENTS);
    comparison.close(
        "gradient of the weights",
        layer.expansion().gradientFor(bases, Tensors.toArray(layer.weights().grad())),
        Tensors.toArray(reference.tensor("grad.weights")),
        GRADIENTS);
    Tensor shift = layer.namedParameters().get("bias");
    if (shift != null) {
      comparison.close(
          "gradient of the bias", shift.grad(), reference.tensor("grad.bias"), GRADIENTS);
    }
    layer.eval();
    try (NoGradGuard guard = new NoGradGuard()) {
      for (String pass : new String[] {"first", "cached"}) {
        comparison.close(
            "output in evaluation, " + pass,
            layer.forward(input),
            reference.tensor("output.eval"),
            OUTPUTS);
      }
    }
  }
}
