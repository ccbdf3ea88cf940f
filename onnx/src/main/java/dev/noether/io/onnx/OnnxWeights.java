package dev.noether.io.onnx;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.noether.io.DamagedFileException;
import dev.noether.plain.Activation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The linear layers of an ONNX file that is a chain of them, as a state dict.
 *
 * @param tensors {@code 0.weight} {@code [out, in]}, {@code 0.bias}, {@code 1.weight} and so on, in
 *     the order of the graph
 * @param activation what stands between all layers; empty where nothing does
 */
public record OnnxWeights(Map<String, Tensor> tensors, Optional<Activation> activation) {
  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "Relu", Activation.RELU,
          "Elu", Activation.ELU,
          "Gelu", Activation.GELU,
          "Mish", Activation.MISH,
          "Softplus", Activation.SOFTPLUS,
          "Sigmoid", Activation.SIGMOID,
          "Tanh", Activation.TANH);

  /**
   * Copies the map.
   *
   * @param tensors weights and biases by name
   * @param activation what stands between all layers
   */
  public OnnxWeights {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Reads a file.
   *
   * @param path an ONNX file
   * @return its linear layers
   * @throws IOException if it cannot be read, or is damaged
   * @throws IllegalArgumentException if it is no chain of linear layers with one pointwise
   *     activation; the message names the node
   */
  public static OnnxWeights read(Path path) throws IOException {
    return new Chain(path, OnnxContents.model(path).getGraph()).weights();
  }

  /** The walk from the input of the graph to its output. */
  private static final class Chain {
    private final Path path;
    private final GraphProto graph;
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private @Nullable Activation activation;
    private int layers;
    private boolean open;
    private boolean product;

    Chain(Path path, GraphProto graph) {
      this.path = path;
      this.graph = graph;
      graph.getInitializerList().forEach(tensor -> initializers.put(tensor.getName(), tensor));
    }

    OnnxWeights weights() throws DamagedFileException {
      List<String> inputs =
          graph.getInputList().stream()
              .map(input -> input.getName())
              .filter(name -> !initializers.containsKey(name))
              .toList();
      require(
          inputs.size() == 1 && graph.getOutputCount() == 1,
          "%s is no chain of linear layers: it has %d inputs and %d outputs",
          path,
          inputs.size(),
          graph.getOutputCount());
      String current = inputs.get(0);
      for (int steps = 0; !current.equals(graph.getOutput(0).getName()); steps++) {
        String value = current;
        List<NodeProto> next =
            graph.getNodeList().stream()
                .filter(node -> node.getInputList().contains(value))
                .toList();
        require(
            next.size() == 1 && next.get(0).getOutputCount() >= 1 && steps < graph.getNodeCount(),
            "%s is no chain of linear layers: %d nodes take '%s'",
            path,
            next.size(),
            value);
        take(next.get(0), value);
        current = next.get(0).getOutput(0);
      }
      require(
          layers > 0 && (open || activation == null),
          "%s is no chain of linear layers that ends in one: it has %d layers",
          path,
          layers);
      return new OnnxWeights(tensors, Optional.ofNullable(activation));
    }

    private void take(NodeProto node, String value) throws DamagedFileException {
      String kind = node.getOpType();
      switch (kind) {
        case "Gemm" -> gemm(node, value);
        case "MatMul" -> {
          require(node.getInput(0).equals(value), "%s: %s", path, refusal(node));
          begin(matrix(node, 1).t().contiguous());
          product = true;
        }
        case "Add" -> {
          require(product, "%s: %s", path, refusal(node));
          bias(tensor(node, node.getInput(0).equals(value) ? 1 : 0));
        }
        case "Identity", "Dropout" -> {}
        default -> between(node);
      }
    }

    private void gemm(NodeProto node, String value) throws DamagedFileException {
      boolean plain =
          node.getInput(0).equals(value)
              && whole(node, "transA", 0) == 0
              && factor(node, "alpha") == 1
              && factor(node, "beta") == 1;
      require(plain, "%s: %s", path, refusal(node));
      Tensor weight = matrix(node, 1);
      begin(whole(node, "transB", 0) == 1 ? weight : weight.t().contiguous());
      if (node.getInputCount() > 2) {
        bias(tensor(node, 2));
      }
    }

    private void begin(Tensor weight) {
      require(
          layers == 0 || !open,
          "%s: linear layers %d and %d follow each other with nothing between",
          path,
          layers - 1,
          layers);
      tensors.put(layers++ + ".weight", weight);
      open = true;
      product = false;
    }

    private void bias(Tensor bias) {
      tensors.put(layers - 1 + ".bias", bias.reshape(-1));
      product = false;
    }

    private void between(NodeProto node) {
      Activation own =
          requirePresent(ACTIVATIONS.get(node.getOpType()), "%s: %s", path, refusal(node));
      require(isDefault(node), "%s: %s", path, refusal(node));
      activation = own;
      open = false;
      product = false;
    }

    private boolean isDefault(NodeProto node) {
      return open
          && (activation == null || activation == ACTIVATIONS.get(node.getOpType()))
          && node.getAttributeList().stream()
              .allMatch(
                  attribute ->
                      (attribute.getName().equals("alpha") && attribute.getF() == 1)
                          || (attribute.getName().equals("approximate")
                              && attribute.getS().toStringUtf8().equals("none")));
    }

    private static String refusal(NodeProto node) {
      return String.format(
          Locale.ROOT,
          "node '%s' (%s) is none of a chain of linear layers with one activation between all:"
              + " give the weights as a state dict",
          node.getName(),
          node.getOpType());
    }

    private static long whole(NodeProto node, String name, long fallback) {
      return node.getAttributeList().stream()
          .filter(attribute -> attribute.getName().equals(name))
          .mapToLong(AttributeProto::getI)
          .findFirst()
          .orElse(fallback);
    }

    private static double factor(NodeProto node, String name) {
      return node.getAttributeList().stream()
          .filter(attribute -> attribute.getName().equals(name))
          .mapToDouble(AttributeProto::getF)
          .findFirst()
          .orElse(1);
    }

    private Tensor matrix(NodeProto node, int input) throws DamagedFileException {
      Tensor tensor = tensor(node, input);
      require(tensor.dim() == 2, "%s: %s", path, refusal(node));
      return tensor;
    }

    private Tensor tensor(NodeProto node, int input) throws DamagedFileException {
      TensorProto stored =
          requirePresent(initializers.get(node.getInput(input)), "%s: %s", path, refusal(node));
      long[] shape = stored.getDimsList().stream().mapToLong(Long::longValue).toArray();
      long count = 1;
      for (long axis : shape) {
        count *= axis;
      }
      boolean wide = stored.getDataType() == TensorProto.DataType.DOUBLE_VALUE;
      require(
          wide || stored.getDataType() == TensorProto.DataType.FLOAT_VALUE,
          "%s: '%s' must be float or double",
          path,
          stored.getName());
      double[] numbers = numbers(stored, wide);
      if (numbers.length != count) {
        throw new DamagedFileException(
            "'" + stored.getName() + "' has " + numbers.length + " numbers, not " + count);
      }
      return Tensors.of(wide ? Dtype.FLOAT64 : Dtype.FLOAT32, numbers, shape);
    }

    private static double[] numbers(TensorProto stored, boolean wide) {
      if (stored.getRawData().isEmpty()) {
        return wide
            ? stored.getDoubleDataList().stream().mapToDouble(Double::doubleValue).toArray()
            : stored.getFloatDataList().stream().mapToDouble(Float::doubleValue).toArray();
      }
      ByteBuffer raw = stored.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      if (wide) {
        DoubleBuffer own = raw.asDoubleBuffer();
        double[] numbers = new double[own.remaining()];
        own.get(numbers);
        return numbers;
      }
      FloatBuffer own = raw.asFloatBuffer();
      double[] numbers = new double[own.remaining()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = own.get(i);
      }
      return numbers;
    }
  }
}
