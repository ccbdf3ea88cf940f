package dev.noether.cli.selftest;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelPair;
import dev.noether.kernel.Space;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.FieldGate;
import dev.noether.nn.activation.FieldNormNonlinearity;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.GaussianPooling;
import dev.noether.nn.pooling.GroupPooling;
import dev.noether.nn.pooling.Mask;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** Whole networks of steerable convolutions, part by part under the reference's names. */
final class NetworkChecks {
  private static final double OUTPUTS = 1e-5;
  private static final double GRADIENTS = 1e-4;
  private static final double USUAL_SIGMA = 2;

  private final ReferenceCase reference;
  private final Space space;
  private final Map<String, Layer> parts = new LinkedHashMap<>();
  private final Map<SteerableConv2d, List<double[]>> bases = new LinkedHashMap<>();
  private FieldType current;
  private UnaryOperator<Tensor> beforeMean = x -> x;

  private NetworkChecks(ReferenceCase reference) throws IOException {
    this.reference = reference;
    space = SteerableChecks.space(reference.part("gspace"));
    current = space.type(space.trivialField(), 1);
  }

  static void network(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    NetworkChecks checks = new NetworkChecks(reference);
    JsonNode config = reference.part("config");
    if (config.path("model").asString().equals("IrrepNet")) {
      checks.irreps(config);
    } else {
      checks.regular(config);
    }
    checks.compare(device, comparison);
  }

  private void add(String name, EquivariantLayer layer) {
    parts.put(name, layer);
    current = layer.outFields().orElse(current);
  }

  private void convolution(String name, FieldType out, int kernel) {
    SteerableOptions options = SteerableOptions.kernel(kernel).withPadding(kernel / 2).withSeed(0);
    boolean bias = reference.tensors().containsKey("state." + name + ".bias");
    add(name, new SteerableConv2d(current, out, bias ? options : options.withoutBias()));
  }

  /** A mask, three blocks, a pooling after the second, invariants, a linear map. */
  private void regular(JsonNode config) {
    double margin = config.path("mask_margin").asDouble();
    int size = config.path("size").asInt();
    parts.put("block1.0", new Mask(current, size, margin, USUAL_SIGMA, Dtype.FLOAT32));
    for (int block = 1; block <= config.path("widths").size(); block++) {
      int first = block == 1 ? 1 : 0;
      String name = "block" + block + ".";
      FieldType out =
          space.type(space.regularField(), config.path("widths").path(block - 1).asInt());
      convolution(name + first, out, config.path("kernels").path(block - 1).asInt());
      add(name + (first + 1), new InnerBatchNorm(out));
      add(name + (first + 2), new PointwiseNonlinearity(out.representation(), Activation.RELU));
      if (block == 2) {
        add(
            "pool",
            new GaussianPooling(
                current, config.path("pool_sigma").asDouble(), config.path("pool_stride").asInt()));
      }
    }
    add("gpool", new GroupPooling(current));
    parts.put("head", new Linear(current.size(), config.path("classes").asInt()));
  }

  /** Gates, then a norm nonlinearity, then trivial fields with an ELU and a linear map. */
  private void irreps(JsonNode config) throws IOException {
    FieldType fields = null;
    for (JsonNode id : config.path("irreps")) {
      int[] numbers = IntStream.range(0, id.size()).map(i -> id.path(i).asInt()).toArray();
      FieldType one = space.type(space.irrepField(numbers), 1);
      fields = fields == null ? one : fields.plus(one);
    }
    FieldType all = Objects.requireNonNull(fields);
    FieldType gated = FieldGate.withGates(all);
    JsonNode kernels = config.path("kernels");
    convolution("conv1", gated, kernels.path(0).asInt());
    List<Integer> gates = IntStream.range(0, all.fields().size()).boxed().toList();
    add("gate", new FieldGate(gated, gates, true, OptionalLong.empty(), Dtype.FLOAT32));
    convolution("conv2", all, kernels.path(1).asInt());
    add("norm", new FieldNormNonlinearity(all));
    beforeMean = Activation.ELU::apply;
    int width = (int) reference.tensor("state.head.weight").size(1);
    convolution("conv3", space.type(space.trivialField(), width), kernels.path(2).asInt());
    parts.put("head", new Linear(width, config.path("classes").asInt()));
  }

  /** Weights of convolutions are coefficients in the reference's bases, which are solved for. */
  private void load() throws IOException {
    for (Map.Entry<String, Layer> part : parts.entrySet()) {
      Map<String, Tensor> state = reference.under("state." + part.getKey() + ".");
      if (part.getValue() instanceof EquivariantLayer && state.containsKey("weights")) {
        SteerableConv2d own = SteerableConv2d.class.cast(part.getValue());
        List<double[]> theirs = new ArrayList<>();
        for (KernelPair pair : own.expansion().pairs()) {
          String name = "state." + part.getKey() + "." + pair.basisName();
          theirs.add(Tensors.toArray(reference.tensor(name)));
        }
        bases.put(own, theirs);
        Tensor given = reference.tensor("state." + part.getKey() + ".weights");
        double[] weights = own.expansion().weightsFrom(theirs, Tensors.toArray(given));
        Map<String, Tensor> loaded = new LinkedHashMap<>(own.stateDict());
        loaded.put("weights", Tensors.of(Dtype.FLOAT64, weights, weights.length));
        Tensor bias = state.get("bias");
        if (bias != null) {
          loaded.put("bias", bias);
        }
        own.load(loaded);
      } else {
        part.getValue().load(state);
      }
    }
  }

  private Tensor forward(Tensor input) {
    Tensor x = input;
    for (Map.Entry<String, Layer> part : parts.entrySet()) {
      if (part.getKey().equals("head")) {
        x = Linear.class.cast(part.getValue()).forward(beforeMean.apply(x).mean(2, 3));
      } else {
        EquivariantLayer layer = (EquivariantLayer) part.getValue();
        x = layer.axes().to(Axes.PLANE, layer.forward(Axes.PLANE.to(layer.axes(), x)));
      }
    }
    return x;
  }

  private void compare(ComputeDevice device, Comparison comparison) throws IOException {
    load();
    parts.values().forEach(layer -> layer.to(device).train());
    Tensor x = reference.tensor("input.x");
    Tensor input = x.to(device.toTorch(), x.scalar_type()).detach().set_requires_grad(true);
    Tensor output = forward(input);
    comparison.close("output in training", output, reference.tensor("output.train"), OUTPUTS);
    Tensor cotangent = reference.tensor("cotangent").to(output.device(), output.scalar_type());
    output.mul(cotangent).sum().backward();
    comparison.close(
        "gradient of the input", input.grad(), reference.tensor("grad.input.x"), GRADIENTS);
    for (Map.Entry<String, Layer> part : parts.entrySet()) {
      gradients(part.getKey(), part.getValue(), comparison);
      Map<String, Tensor> after = part.getValue().stateDict();
      for (Map.Entry<String, Tensor> expected :
          reference.under("state_after." + part.getKey() + ".").entrySet()) {
        comparison.close(
            part.getKey() + "." + expected.getKey() + " after training",
            Objects.requireNonNull(after.get(expected.getKey())),
            expected.getValue(),
            OUTPUTS);
      }
    }
    parts.values().forEach(Layer::eval);
    try (NoGradGuard guard = new NoGradGuard()) {
      comparison.close(
          "output in evaluation", forward(input), reference.tensor("output.eval"), OUTPUTS);
    }
  }

  private void gradients(String name, Layer layer, Comparison comparison) throws IOException {
    Map<String, Tensor> parameters = layer.namedParameters();
    for (Map.Entry<String, Tensor> expected : reference.under("grad." + name + ".").entrySet()) {
      Tensor found = Objects.requireNonNull(parameters.get(expected.getKey())).grad();
      String what = "gradient of " + name + "." + expected.getKey();
      if (expected.getKey().equals("weights")) {
        SteerableConv2d own = SteerableConv2d.class.cast(layer);
        double[] theirs =
            own.expansion()
                .gradientFor(Objects.requireNonNull(bases.get(own)), Tensors.toArray(found));
        comparison.close(what, theirs, Tensors.toArray(expected.getValue()), GRADIENTS);
      } else {
        comparison.close(what, found, expected.getValue(), GRADIENTS);
      }
    }
  }
}
