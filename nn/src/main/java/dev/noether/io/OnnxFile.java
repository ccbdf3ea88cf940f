package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.noether.nn.Layer;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Models as ONNX files (opset 17), which other runtimes execute without knowing of symmetry, and as
 * plain dense weights.
 *
 * <p>A model is written as it evaluates, with its present weights. The graph has one input, {@code
 * input}, and one output, {@code output}, whose batch and time axes are dynamic: {@code [batch,
 * size]}, {@code [batch, time, size]} where there is attention (or as its layout says), {@code
 * [batch, size, time]} where there are convolutions. Attention is self-attention without masks. A
 * model without a tensor of its own is written for float32.
 */
public final class OnnxFile {
  private static final long OPSET = 17;
  private static final long IR_VERSION = 8;

  private OnnxFile() {}

  /** What to do with a finished graph. */
  @FunctionalInterface
  private interface Use {
    void accept(Builder builder) throws IOException;
  }

  /**
   * Writes a model, whole or not at all.
   *
   * @param model a layer, or a chain of layers
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if a layer has no plain form, as a batch norm without running
   *     statistics, or the weights take more than the 2 GB that a file may have
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void write(PlainLayer model, Path path) throws IOException {
    evaluate(
        model,
        builder -> {
          ModelProto head =
              ModelProto.newBuilder()
                  .setIrVersion(IR_VERSION)
                  .setProducerName("noether")
                  .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
                  .build();
          OnnxWriter writer =
              new OnnxWriter(head, builder.graph.build(), builder.state.initializers);
          AtomicFiles.write(path, writer::writeTo);
        });
  }

  /**
   * The constants of a model's plain form, by the names of PyTorch's plain layers where there is
   * one: {@code weight} and {@code bias} of a linear layer or a convolution, {@code in_proj_weight}
   * and so on of attention.
   *
   * @param model a layer, or a chain of layers
   * @return tensors by name, those of layer 0 of a chain under {@code 0.}
   * @throws IllegalArgumentException if a layer has no plain form
   */
  public static Map<String, Tensor> plainWeights(PlainLayer model) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    try {
      evaluate(
          model,
          builder ->
              builder.state.constants.forEach(
                  (name, tensor) ->
                      weights.put(
                          name,
                          Scopes.keep(
                              Scopes.compute(() -> tensor.detach().contiguous().clone())))));
    } catch (IOException e) {
      throw new UncheckedIOException("nothing was read or written", e);
    }
    return weights;
  }

  private static Stream<Layer> layers(PlainLayer model) {
    return model instanceof Layer layer ? layer.namedLayers().values().stream() : Stream.empty();
  }

  private static boolean isWide(PlainLayer model) {
    return layers(model)
        .flatMap(
            layer ->
                Stream.concat(
                    layer.namedParameters().values().stream(),
                    layer.namedBuffers().values().stream()))
        .anyMatch(tensor -> Tensors.scalarType(tensor) == ScalarType.Double);
  }

  /** Builds the graph in evaluation mode; the layer's mode is then what it was. */
  private static void evaluate(PlainLayer model, Use use) throws IOException {
    Builder builder = new Builder("", new State(isWide(model)));
    builder.graph.setName("noether");
    boolean training = model instanceof Layer layer && layer.isTraining();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      if (model instanceof Layer layer) {
        layer.eval();
      }
      List<Value> inputs = new ArrayList<>();
      for (Port port : model.inputs()) {
        inputs.add(new Value(port.name(), port.axes().names().size()));
        builder.graph.addInput(info(port, builder.state.type, "time"));
      }
      Value result = model.plain(builder, inputs);
      Port port = model.output();
      builder.node("Identity", new Value(port.name(), result.rank), result);
      String time = port.axes() == Axes.CHANNELS ? "time_out" : "time";
      builder.graph.addOutput(info(port, builder.state.type, time));
      use.accept(builder);
    } finally {
      if (training) {
        ((Layer) model).train();
      }
    }
  }

  private static ValueInfoProto info(Port port, int type, String time) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String axis : port.axes().names()) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(
          axis.isEmpty()
              ? dimension.setDimValue(port.size())
              : dimension.setDimParam(axis.equals("time") ? time : axis));
    }
    return ValueInfoProto.newBuilder()
        .setName(port.name())
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }

  /** The name of a value and how many axes it has. */
  private record Value(String name, int rank) {}

  /** What all views of a graph share. */
  private static final class State {
    private final int type;
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private int values;

    State(boolean wide) {
      type = wide ? TensorProto.DataType.DOUBLE_VALUE : TensorProto.DataType.FLOAT_VALUE;
    }
  }

  private static final class Builder implements PlainGraph<Value> {
    private final String prefix;
    private final State state;
    private final GraphProto.Builder graph;

    Builder(String prefix, State state) {
      this(prefix, state, GraphProto.newBuilder());
    }

    private Builder(String prefix, State state, GraphProto.Builder graph) {
      this.prefix = prefix;
      this.state = state;
      this.graph = graph;
    }

    @Override
    public PlainGraph<Value> at(String name) {
      return new Builder(prefix + name + ".", state, graph);
    }

    private Value fresh(int rank) {
      return new Value("v" + state.values++, rank);
    }

    private Value node(String operator, Value result, Value input, AttributeProto... attributes) {
      return node(operator, result, new Value[] {input}, attributes);
    }

    private Value node(
        String operator, Value result, Value[] inputs, AttributeProto... attributes) {
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

    private static AttributeProto integer(String name, long value) {
      return AttributeProto.newBuilder()
          .setName(name)
          .setType(AttributeProto.AttributeType.INT)
          .setI(value)
          .build();
    }

    private Value initializer(String name, Tensor tensor) {
      require(
          state.initializers.putIfAbsent(name, tensor) == null,
          "two constants are called '%s'",
          name);
      return new Value(name, Tensors.shape(tensor).length);
    }

    private Value integers(long... values) {
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

    @Override
    public Value constant(String name, Tensor tensor) {
      state.constants.put(prefix + name, tensor);
      return initializer(prefix + name, tensor);
    }

    @Override
    public Value number(double value) {
      Dtype dtype = state.type == TensorProto.DataType.DOUBLE_VALUE ? Dtype.FLOAT64 : Dtype.FLOAT32;
      return initializer(fresh(1).name, Tensors.of(dtype, new double[] {value}, 1));
    }

    @Override
    public Value linear(
        Value x, String weightName, Tensor weight, String biasName, @Nullable Tensor bias) {
      state.constants.put(prefix + weightName, weight);
      Value product = matmul(x, initializer(prefix + weightName, weight.t()));
      return bias == null ? product : add(product, constant(biasName, bias));
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
      return switch (function) {
        case RELU -> node("Relu", fresh(x.rank), x);
        case LEAKY_RELU -> node("LeakyRelu", fresh(x.rank), x);
        case ELU -> node("Elu", fresh(x.rank), x);
        case SOFTPLUS -> node("Softplus", fresh(x.rank), x);
        case SIGMOID -> node("Sigmoid", fresh(x.rank), x);
        case TANH -> node("Tanh", fresh(x.rank), x);
        case SILU -> silu(x);
        case GELU -> gelu(x);
      };
    }

    /** x (1 + erf(x / sqrt 2)) / 2. */
    private Value gelu(Value x) {
      Value inside = node("Erf", fresh(x.rank), multiply(x, number(Math.sqrt(0.5))));
      return multiply(multiply(x, number(0.5)), add(inside, number(1)));
    }

    /**
     * x / (1 + exp(-x)), in a form that onnxruntime does not fuse, which it does wrongly in
     * float64.
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
    public Value mean(Value x) {
      return node("ReduceMean", fresh(x.rank), x, ints("axes", -1), integer("keepdims", 1));
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

    @Override
    public Value convolution(
        Value x,
        Tensor weight,
        @Nullable Tensor bias,
        ConvolutionOptions geometry,
        boolean transposed) {
      Value kernel = constant("weight", weight);
      Value[] inputs =
          bias == null ? new Value[] {x, kernel} : new Value[] {x, kernel, constant("bias", bias)};
      AttributeProto[] shared = {
        ints("kernel_shape", geometry.kernelSize()),
        ints("strides", geometry.stride()),
        ints("pads", geometry.padding(), geometry.padding()),
        ints("dilations", geometry.dilation())
      };
      if (!transposed) {
        return node("Conv", fresh(3), inputs, shared);
      }
      AttributeProto[] all = Arrays.copyOf(shared, shared.length + 1);
      all[shared.length] = ints("output_padding", geometry.outputPadding());
      return node("ConvTranspose", fresh(3), inputs, all);
    }
  }
}
