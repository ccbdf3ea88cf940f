package dev.noether.io.onnx;

import static dev.noether.algebra.Checks.require;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.noether.io.AtomicFiles;
import dev.noether.nn.Layer;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Models as ONNX files (opset 17), which other runtimes execute without knowing of symmetry, and as
 * plain dense weights.
 *
 * <p>A model is written as it evaluates, with its present weights. The graph has one input, {@code
 * input}, and one output, {@code output}, whose batch and time axes are dynamic: {@code [batch,
 * size]}, {@code [batch, time, size]} where there is attention (or as its layout says), {@code
 * [batch, size, time]} where there are convolutions, {@code [batch, size, height, width]} or {@code
 * [batch, size, depth, height, width]} where these run over the plane or space. Attention is
 * self-attention without masks.
 *
 * <p>A float64 model is written in operators that onnxruntime has float64 kernels for, but for the
 * error function of GELU: that is computed in float32, so such a model is exact to some 1e-7, which
 * the file's documentation says.
 */
public final class OnnxFile {
  private static final long OPSET = 17;
  private static final long IR_VERSION = 8;

  private OnnxFile() {}

  /** What to do with a finished graph. */
  @FunctionalInterface
  private interface Use {
    void accept(OnnxGraph builder) throws IOException;
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
    write(model, path, false);
  }

  /**
   * Writes a model in float32 whose equivariant linear maps are in int8 ({@code DequantizeLinear})
   * where the group permutes and changes signs of coordinates: there rounding entry by entry keeps
   * the symmetry. Other weights stay as they are, which the file's documentation says.
   *
   * @param model a layer, or a chain of layers; it stays as it is
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException as {@link #write}, or if the model is in float64
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void writeInt8(PlainLayer model, Path path) throws IOException {
    require(!isWide(model), "int8 goes with float32, got %s in float64", model);
    write(model, path, true);
  }

  private static void write(PlainLayer model, Path path, boolean small) throws IOException {
    evaluate(
        model,
        small,
        builder -> {
          ModelProto head =
              ModelProto.newBuilder()
                  .setIrVersion(IR_VERSION)
                  .setProducerName("noether")
                  .setDocString(builder.state.remarks())
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
          false,
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
    return layers(model).anyMatch(layer -> layer.dtype() == Dtype.FLOAT64);
  }

  /** Builds the graph in evaluation mode; the layer's mode is then what it was. */
  private static void evaluate(PlainLayer model, boolean small, Use use) throws IOException {
    OnnxGraph builder = new OnnxGraph("", new OnnxGraph.State(isWide(model), small));
    builder.graph.setName("noether");
    boolean training = model instanceof Layer layer && layer.isTraining();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      if (model instanceof Layer layer) {
        layer.eval();
      }
      List<OnnxGraph.Value> inputs = new ArrayList<>();
      for (Port port : model.inputs()) {
        builder.graph.addInput(info(port, builder.state.type, own(port, inputs.size())));
        inputs.add(new OnnxGraph.Value(port.name(), port.axes().names().size()));
      }
      OnnxGraph.Value result = model.plain(builder, inputs);
      Port port = model.output();
      builder.output(port.name(), result);
      boolean changes = port.axes() == Axes.CHANNELS || port.axes().gridDimension() > 0;
      builder.graph.addOutput(info(port, builder.state.type, changes ? "_out" : ""));
      use.accept(builder);
    } finally {
      if (training) {
        ((Layer) model).train();
      }
    }
  }

  /** Inputs beyond the first have lengths of their own, which may be the same. */
  private static String own(Port port, int place) {
    return place == 0 ? "" : "_" + port.name();
  }

  /** Convolutions change the lengths of axes, which get other names in the output. */
  private static ValueInfoProto info(Port port, int type, String suffix) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String axis : port.axes().names()) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(
          axis.isEmpty()
              ? dimension.setDimValue(port.size())
              : dimension.setDimParam(axis.equals("batch") ? axis : axis + suffix));
    }
    return ValueInfoProto.newBuilder()
        .setName(port.name())
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }
}
