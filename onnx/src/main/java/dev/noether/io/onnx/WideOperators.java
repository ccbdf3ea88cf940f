package dev.noether.io.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.noether.io.onnx.OnnxGraph.Value;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.torch.Scopes;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What runtimes have no float64 kernels for, in operators for which they have: onnxruntime lacks
 * convolutions, ELU, softplus, leaky ReLU and the error function.
 */
final class WideOperators {
  private static final double LEAK = 0.01;

  /** From here on softplus is the identity, as in PyTorch. */
  private static final double SOFTPLUS_THRESHOLD = 20;

  private final OnnxGraph graph;

  WideOperators(OnnxGraph graph) {
    this.graph = graph;
  }

  private Value node(String operator, Value... inputs) {
    return graph.operator(operator, inputs[0].rank(), inputs);
  }

  private Value plus(Value x, double number) {
    return graph.add(x, graph.number(number));
  }

  private Value times(Value x, double number) {
    return graph.multiply(x, graph.number(number));
  }

  private Value positive(Value x) {
    return node("Relu", x);
  }

  /** max(-x, 0). */
  private Value negative(Value x) {
    return node("Relu", node("Neg", x));
  }

  /** exp(min(x, 0)) - 1 + max(x, 0). */
  Value elu(Value x) {
    Value below = plus(node("Exp", node("Neg", negative(x))), -1);
    return graph.add(positive(x), below);
  }

  Value leakyRelu(Value x) {
    return graph.add(positive(x), times(negative(x), -LEAK));
  }

  /** max(x, 0) + log(1 + exp(-|x|)). */
  Value softplus(Value x) {
    Value distance = graph.add(positive(x), negative(x));
    Value rest = node("Log", plus(node("Exp", node("Neg", distance)), 1));
    Value large = node("Greater", x, graph.number(SOFTPLUS_THRESHOLD));
    return graph.operator("Where", x.rank(), large, x, graph.add(positive(x), rest));
  }

  /** In float32, and back. */
  Value erf(Value x) {
    graph.narrow();
    Value narrow = cast(x, TensorProto.DataType.FLOAT_VALUE);
    return cast(node("Erf", narrow), TensorProto.DataType.DOUBLE_VALUE);
  }

  private Value cast(Value x, int type) {
    return graph.node(
        "Cast", graph.fresh(x.rank()), new Value[] {x}, OnnxGraph.integer("to", type));
  }

  /** A signal {@code [batch, channels, time]} through a kernel {@code [out, in, size]}. */
  Value convolution(Value x, Tensor weight, @Nullable Tensor bias, ConvolutionOptions geometry) {
    Value padded = pad(x, geometry.padding(), geometry.padding());
    Tensor rows = Scopes.compute(() -> weight.permute(0, 2, 1).flatten(1, 2).contiguous());
    return product(padded, "weight", weight, rows, bias, geometry.dilation(), geometry.stride());
  }

  /**
   * The same the other way, through a kernel {@code [in, out, size]}: the signal with zeros between
   * its samples, through the turned kernel.
   */
  Value transposed(Value x, Tensor weight, @Nullable Tensor bias, ConvolutionOptions geometry) {
    long channels = weight.size(0);
    long span = geometry.dilation() * (weight.size(2) - 1);
    long stride = geometry.stride();
    Value wide = x;
    if (stride > 1) {
      Value split = graph.operator("Reshape", 4, x, graph.integers(0, 0, -1, 1));
      Value spread =
          graph.operator("Pad", 4, split, graph.integers(0, 0, 0, 0, 0, 0, 0, stride - 1));
      wide = graph.operator("Reshape", 3, spread, graph.integers(0, channels, -1));
    }
    long left = span - geometry.padding();
    Value padded = pad(wide, left, left + geometry.outputPadding() + 1 - stride);
    Tensor rows = Scopes.compute(() -> weight.flip(2).permute(1, 2, 0).flatten(1, 2).contiguous());
    return product(padded, "weight", weight, rows, bias, geometry.dilation(), 1);
  }

  /** Zeros at both ends of the last axis; below zero, samples taken away. */
  private Value pad(Value x, long left, long right) {
    Value padded = x;
    if (left > 0 || right > 0) {
      Value pads = graph.integers(0, 0, Math.max(0, left), 0, 0, Math.max(0, right));
      padded = graph.operator("Pad", 3, x, pads);
    }
    return left >= 0 && right >= 0
        ? padded
        : slice(padded, Math.max(0, -left), Math.max(0, -right), 1);
  }

  /** Without so many samples at the ends, every so many-th of the rest. */
  private Value slice(Value x, long start, long fromEnd, long step) {
    return graph.operator(
        "Slice",
        3,
        x,
        graph.integers(start),
        graph.integers(fromEnd == 0 ? Long.MAX_VALUE : -fromEnd),
        graph.integers(-1),
        graph.integers(step));
  }

  /**
   * The taps below each other {@code [batch, size in, time]}, times rows {@code [out, size in]}.
   */
  private Value product(
      Value x,
      String name,
      Tensor weight,
      Tensor rows,
      @Nullable Tensor bias,
      long dilation,
      long stride) {
    int size = (int) weight.size(2);
    Value[] taps = new Value[size];
    for (int k = 0; k < size; k++) {
      taps[k] = slice(x, k * dilation, (size - 1 - k) * dilation, stride);
    }
    Value signal =
        size == 1
            ? taps[0]
            : graph.node("Concat", graph.fresh(3), taps, OnnxGraph.integer("axis", 1));
    Value result = graph.matmul(graph.kept(name, weight, rows), signal);
    return bias == null
        ? result
        : graph.add(
            result, graph.kept("bias", bias, Scopes.compute(() -> bias.unsqueeze(1).contiguous())));
  }
}
