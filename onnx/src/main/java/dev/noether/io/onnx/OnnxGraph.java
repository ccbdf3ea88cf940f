package dev.noether.io.onnx;

import static dev.noether.algebra.Checks.require;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.noether.group.FiniteGroup;
import dev.noether.io.bytes.Int8Weight;
import dev.noether.plain.Activation;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A graph of ONNX that layers write themselves into.
 *
 * <p>In float64 it uses the operators for which runtimes have float64 kernels, and no others:
 * convolutions are products of shifted signals, ELU, softplus and leaky ReLU are put together. The
 * error function of GELU alone is computed in float32.
 */
final class OnnxGraph implements PlainGraph<OnnxGraph.Value> {
  /** The name of a value and how many axes it has. */
  record Value(String name, int rank) {}

  /** What all views of a graph share. */
  static final class State {
    final int type;
    final Map<String, Tensor> initializers = new LinkedHashMap<>();
    final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final boolean small;
    private boolean narrowed;
    private boolean kept;
    private int values;

    /**
     * Nothing yet.
     *
     * @param wide whether numbers are in float64
     * @param small whether equivariant weights are in int8
     */
    State(boolean wide, boolean small) {
      this.small = small;
      type = wide ? TensorProto.DataType.DOUBLE_VALUE : TensorProto.DataType.FLOAT_VALUE;
    }

    boolean isWide() {
      return type == TensorProto.DataType.DOUBLE_VALUE;
    }

    /** What a reader of the file should know. */
    String remarks() {
      String wide = narrowed ? "float64; the error function of GELU is computed in float32" : "";
      return kept ? "int8 between permutations with signs; other weights as they are" : wide;
    }
  }

  private final String prefix;
  final State state;
  final GraphProto.Builder graph;

  OnnxGraph(String prefix, State state) {
    this(prefix, state, GraphProto.newBuilder());
  }

  private OnnxGraph(String prefix, State state, GraphProto.Builder graph) {
    this.prefix = prefix;
    this.state = state;
    this.graph = graph;
  }

  @Override
  public PlainGraph<Value> at(String name) {
    return new OnnxGraph(prefix + name + ".", state, graph);
  }

  Value fresh(int rank) {
    return new Value("v" + state.values++, rank);
  }

  private Value node(String operator, Value result, Value input, AttributeProto... attributes) {
    return node(operator, result, new Value[] {input}, attributes);
  }

  /** An operator without attributes, whose result has so many axes. */
  Value operator(String operator, int rank, Value... inputs) {
    return node(operator, fresh(rank), inputs);
  }

  Value node(String operator, Value result, Value[] inputs, AttributeProto... attributes) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addOutput(result.name);
    Arrays.stream(inputs).forEach(input -> node.addInput(input.name));
    node.addAllAttribute(Arrays.asList(attributes));
    graph.addNode(node.setName(operator + "_" + result.name));
    return result;
  }

  private static AttributeProto ints(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private Value initializer(String name, Tensor tensor) {
    require(
        state.initializers.putIfAbsent(name, floating(tensor)) == null,
        "two constants are called '%s'",
        name);
    return new Value(name, Tensors.shape(tensor).length);
  }

  /**
   * In the dtype of the file. onnxruntime has no kernels of 16 bits for the CPU: such layers are
   * written in float32.
   */
  private Tensor floating(Tensor tensor) {
    Dtype dtype = state.isWide() ? Dtype.FLOAT64 : Dtype.FLOAT32;
    return tensor.is_floating_point() ? tensor.to(dtype.scalarType()) : tensor;
  }

  Value integers(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(bytes::putLong);
    Value value = fresh(1);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(value.name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length)
            .setRawData(ByteString.copyFrom(bytes.flip())));
    return value;
  }

  /** Remembers that something is computed in float32. */
  void narrow() {
    state.narrowed = true;
  }

  /** Names the result of the graph. */
  void output(String name, Value value) {
    node("Identity", new Value(name, value.rank), value);
  }

  /** A constant that the graph holds in another shape than plain weights do. */
  Value kept(String name, Tensor tensor, Tensor inGraph) {
    state.constants.put(prefix + name, tensor);
    return initializer(prefix + name, inGraph);
  }

  @Override
  public Value constant(String name, Tensor tensor) {
    return kept(name, tensor, tensor);
  }

  @Override
  public Value number(double value) {
    Dtype dtype = state.isWide() ? Dtype.FLOAT64 : Dtype.FLOAT32;
    return initializer(fresh(1).name, Tensors.of(dtype, new double[] {value}, 1));
  }

  @Override
  public Value linear(
      Value x, String weightName, Tensor weight, String biasName, @Nullable Tensor bias) {
    state.constants.put(prefix + weightName, weight);
    Value product = matmul(x, initializer(prefix + weightName, weight.t()));
    return bias == null ? product : add(product, constant(biasName, bias));
  }

  /** In int8 where rounding entry by entry keeps the symmetry. */
  @Override
  public Value equivariant(
      Value x, Representation in, Representation out, Tensor weight, @Nullable Tensor bias) {
    if (!state.small) {
      return linear(x, weight, bias);
    }
    if (!permutesWithSigns(in) || !permutesWithSigns(out)) {
      state.kept = true;
      return linear(x, weight, bias);
    }
    Int8Weight rounded = Int8Weight.of(weight.t());
    Value levels = initializer(prefix + "weight", rounded.levels());
    Value step = initializer(prefix + "weight.step", rounded.step().squeeze());
    Value product = matmul(x, node("DequantizeLinear", fresh(2), new Value[] {levels, step}));
    return bias == null ? product : add(product, constant("bias", bias));
  }

  private static boolean permutesWithSigns(Representation rho) {
    return rho.group() instanceof FiniteGroup group
        && group.generators().stream()
            .map(g -> rho.at(group.element(g)))
            .allMatch(matrix -> Arrays.stream(matrix.toArray()).allMatch(OnnxGraph::isWhole));
  }

  private static boolean isWhole(double entry) {
    return Math.abs(entry - Math.rint(entry)) < 1e-9;
  }

  @Override
  public Value matmul(Value a, Value b) {
    return node("MatMul", fresh(Math.max(a.rank, b.rank)), new Value[] {a, b});
  }

  @Override
  public Value add(Value a, Value b) {
    return node("Add", fresh(Math.max(a.rank, b.rank)), new Value[] {a, b});
  }

  @Override
  public Value multiply(Value a, Value b) {
    return node("Mul", fresh(Math.max(a.rank, b.rank)), new Value[] {a, b});
  }

  @Override
  public Value apply(Activation function, Value x) {
    WideOperators wide = new WideOperators(this);
    boolean isWide = state.isWide();
    return switch (function) {
      case RELU -> node("Relu", fresh(x.rank), x);
      case LEAKY_RELU -> isWide ? wide.leakyRelu(x) : node("LeakyRelu", fresh(x.rank), x);
      case ELU -> isWide ? wide.elu(x) : node("Elu", fresh(x.rank), x);
      case MISH -> multiply(x, apply(Activation.TANH, apply(Activation.SOFTPLUS, x)));
      case SOFTPLUS -> isWide ? wide.softplus(x) : node("Softplus", fresh(x.rank), x);
      case SIGMOID -> node("Sigmoid", fresh(x.rank), x);
      case TANH -> node("Tanh", fresh(x.rank), x);
      case SILU -> silu(x);
      case GELU -> gelu(x);
    };
  }

  /** x (1 + erf(x / sqrt 2)) / 2. */
  private Value gelu(Value x) {
    Value scaled = multiply(x, number(Math.sqrt(0.5)));
    Value inside =
        state.isWide() ? new WideOperators(this).erf(scaled) : node("Erf", fresh(x.rank), scaled);
    return multiply(multiply(x, number(0.5)), add(inside, number(1)));
  }

  /**
   * x / (1 + exp(-x)), in a form that onnxruntime does not fuse, which it does wrongly in float64.
   */
  private Value silu(Value x) {
    Value exponential = node("Exp", fresh(x.rank), node("Neg", fresh(x.rank), x));
    return node("Div", fresh(x.rank), new Value[] {x, add(exponential, number(1))});
  }

  @Override
  public Value rsqrt(Value x) {
    return node("Reciprocal", fresh(x.rank), node("Sqrt", fresh(x.rank), x));
  }

  @Override
  public Value sin(Value x) {
    return node("Sin", fresh(x.rank), x);
  }

  /** In float64 a sine, because onnxruntime has no cosine there. */
  @Override
  public Value cos(Value x) {
    return state.isWide() ? sin(add(x, number(Math.PI / 2))) : node("Cos", fresh(x.rank), x);
  }

  @Override
  public Value mean(Value x) {
    return node("ReduceMean", fresh(x.rank), x, ints("axes", -1), integer("keepdims", 1));
  }

  @Override
  public Value largest(Value x) {
    return node("ReduceMax", fresh(x.rank), x, ints("axes", -1), integer("keepdims", 1));
  }

  @Override
  public Value maxPool(Value x, int axes, ConvolutionOptions window, boolean ceilMode) {
    return node(
        "MaxPool",
        fresh(x.rank),
        x,
        ints("kernel_shape", all(axes, window.kernelSize())),
        ints("strides", all(axes, window.stride())),
        ints("pads", all(2 * axes, window.padding())),
        integer("ceil_mode", ceilMode ? 1 : 0));
  }

  @Override
  public Value softmax(Value x) {
    return node("Softmax", fresh(x.rank), x, integer("axis", -1));
  }

  @Override
  public Value narrow(Value x, long start, long length) {
    Value[] inputs = {x, integers(start), integers(start + length), integers(-1)};
    return node("Slice", fresh(x.rank), inputs);
  }

  @Override
  public Value select(Value x, long... places) {
    return node("Gather", fresh(x.rank), new Value[] {x, integers(places)}, integer("axis", -1));
  }

  @Override
  public Value concatenate(Value first, Value second) {
    return node("Concat", fresh(first.rank), new Value[] {first, second}, integer("axis", -1));
  }

  /** A reshape that keeps the first axes. */
  private Value reshape(Value x, int kept, long... sizes) {
    long[] shape = new long[kept + sizes.length]; // 0 keeps an axis
    System.arraycopy(sizes, 0, shape, kept, sizes.length);
    return node("Reshape", fresh(shape.length), new Value[] {x, integers(shape)});
  }

  @Override
  public Value split(Value x, long... sizes) {
    return reshape(x, x.rank - 1, sizes);
  }

  @Override
  public Value join(Value x, int axes, long size) {
    return reshape(x, x.rank - axes, size);
  }

  @Override
  public Value permute(Value x, int... axes) {
    int kept = x.rank - axes.length;
    long[] order =
        IntStream.range(0, x.rank).mapToLong(i -> i < kept ? i : axes[i - kept] + kept).toArray();
    return node("Transpose", fresh(x.rank), x, ints("perm", order));
  }

  /** Numbers up to the length of the axis, which the model learns when it runs. */
  @Override
  public Value places(Value x, int axis, boolean fromEnd) {
    Value place = integers(x.rank - axis);
    Value length = node("Gather", fresh(1), new Value[] {operator("Shape", 1, x), place});
    Value scalar = operator("Squeeze", 0, length, integers(0));
    Value one = scalar(1);
    Value first = fromEnd ? operator("Sub", 0, one, scalar) : scalar(0);
    Value end = fromEnd ? one : scalar;
    Value range = operator("Range", 1, first, end, one);
    Value numbers = node("Cast", fresh(1), range, integer("to", state.type));
    return operator("Unsqueeze", 2, numbers, integers(1));
  }

  @Override
  public Value rows(Value table, Value numbers) {
    Value flat = operator("Squeeze", numbers.rank - 1, numbers, integers(-1));
    Value whole =
        node("Cast", fresh(flat.rank), flat, integer("to", TensorProto.DataType.INT64_VALUE));
    return node("Gather", fresh(numbers.rank), new Value[] {table, whole}, integer("axis", 0));
  }

  /** A whole number without an axis. */
  private Value scalar(long number) {
    return operator("Squeeze", 0, integers(number), integers(0));
  }

  @Override
  public Value convolution(
      Value x,
      Tensor weight,
      @Nullable Tensor bias,
      ConvolutionOptions geometry,
      boolean transposed) {
    int axes = (int) weight.dim() - 2;
    if (state.isWide() && axes == 1) {
      WideOperators wide = new WideOperators(this);
      return transposed
          ? wide.transposed(x, weight, bias, geometry)
          : wide.convolution(x, weight, bias, geometry);
    }
    require(
        !state.isWide(),
        "convolutions over the plane or space are written in float32, for runtimes have no float64"
            + " ones: convert the model with to(Dtype.FLOAT32), got float64");
    boolean zeros = geometry.paddingMode() == Border.ZEROS || geometry.padding() == 0;
    Value padded = zeros ? x : padded(x, axes, geometry);
    Value kernel = constant("weight", weight);
    Value[] inputs =
        bias == null
            ? new Value[] {padded, kernel}
            : new Value[] {padded, kernel, constant("bias", bias)};
    AttributeProto[] shared = {
      ints("kernel_shape", all(axes, geometry.kernelSize())),
      ints("strides", all(axes, geometry.stride())),
      ints("pads", all(2 * axes, zeros ? geometry.padding() : 0)),
      ints("dilations", all(axes, geometry.dilation())),
      integer("group", geometry.groups())
    };
    if (!transposed) {
      return node("Conv", fresh(axes + 2), inputs, shared);
    }
    AttributeProto[] all = Arrays.copyOf(shared, shared.length + 1);
    all[shared.length] = ints("output_padding", all(axes, geometry.outputPadding()));
    return node("ConvTranspose", fresh(axes + 2), inputs, all);
  }

  private static long[] all(int axes, long value) {
    return LongStream.generate(() -> value).limit(axes).toArray();
  }

  /** The last axes, longer by what the input itself holds. */
  private Value padded(Value x, int axes, ConvolutionOptions geometry) {
    long width = geometry.padding();
    if (geometry.paddingMode() == Border.CIRCULAR) {
      Value longer = x;
      for (int axis = 1; axis <= axes; axis++) {
        Value first = slice(longer, -axis, 0, width);
        Value last = slice(longer, -axis, -width, Long.MAX_VALUE);
        Value[] parts = {last, longer, first};
        longer = node("Concat", fresh(x.rank), parts, integer("axis", -axis));
      }
      return longer;
    }
    long[] widths = new long[2 * x.rank];
    for (int axis = x.rank - axes; axis < x.rank; axis++) {
      widths[axis] = width;
      widths[x.rank + axis] = width;
    }
    String mode = geometry.paddingMode() == Border.REFLECT ? "reflect" : "edge";
    AttributeProto attribute =
        AttributeProto.newBuilder()
            .setName("mode")
            .setType(AttributeProto.AttributeType.STRING)
            .setS(ByteString.copyFromUtf8(mode))
            .build();
    return node("Pad", fresh(x.rank), new Value[] {x, integers(widths)}, attribute);
  }

  private Value slice(Value x, int axis, long start, long end) {
    return operator("Slice", x.rank, x, integers(start), integers(end), integers(axis));
  }
}
