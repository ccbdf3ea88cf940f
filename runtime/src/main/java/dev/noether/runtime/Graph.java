package dev.noether.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The graph of a model as its header describes it, with the weights that it names. */
final class Graph {
  private static final int VALUES = 1_000_000;
  private static final int SIZE = 1 << 28;

  final List<Port> inputs = new ArrayList<>();
  final List<Port> outputs = new ArrayList<>();
  final int[] results;
  final List<Node> nodes = new ArrayList<>();
  final Map<Integer, Value> constants = new TreeMap<>();
  final int values;
  final @Nullable Symmetry symmetry;

  private final TensorStore store;

  Graph(TensorStore store) throws ModelFileException {
    this.store = store;
    Fields graph = Fields.of(Json.parse(store.graph()), "the graph");
    values = graph.whole("values", 1, VALUES);
    for (Fields port : graph.objects("inputs")) {
      inputs.add(port(port));
    }
    for (Fields port : graph.objects("outputs")) {
      outputs.add(port(port));
    }
    results = graph.wholes("results", 0, values - 1L);
    if (inputs.isEmpty() || outputs.isEmpty() || results.length != outputs.size()) {
      throw graph.damaged("results");
    }
    boolean[] known = new boolean[values];
    for (int i = 0; i < inputs.size() && i < values; i++) {
      known[i] = true;
    }
    for (Fields node : graph.objects("nodes")) {
      read(node, known);
    }
    for (int result : results) {
      if (!known[result]) {
        throw graph.damaged("results");
      }
    }
    symmetry = graph.has("symmetry") ? new Symmetry(graph.objects("symmetry"), this, store) : null;
  }

  private static final List<String> AXES = List.of("batch", "", "time", "depth", "height", "width");

  private Port port(Fields port) throws ModelFileException {
    List<String> axes = port.texts("axes");
    long features = axes.stream().filter(String::isEmpty).count();
    if (axes.size() > 5 || features != 1 || !axes.contains("batch") || !AXES.containsAll(axes)) {
      throw port.damaged("axes");
    }
    return new Port(
        port.text("name"), axes, port.whole("size", 1, SIZE), port.text("representation"));
  }

  private void read(Fields node, boolean[] known) throws ModelFileException {
    int output = node.whole("out", inputs.size(), values - 1L);
    String operation = node.text("op");
    if (known[output]) {
      throw node.damaged("out");
    }
    if (operation.equals("constant")) {
      Value value = new Value();
      value.shape = store.shape(node.text("tensor"));
      value.data = store.numbers(node.text("tensor"));
      constants.put(output, value);
    } else {
      int[] in = node.wholes("in", 0, values - 1L);
      for (int input : in) {
        if (!known[input]) {
          throw node.damaged("in");
        }
      }
      Node built = build(operation, node, in, output);
      if (in.length != (TWO.contains(operation) ? 2 : 1)) {
        throw node.damaged("in");
      }
      nodes.add(built);
    }
    known[output] = true;
  }

  private static final List<String> TWO =
      List.of("add", "multiply", "matmul", "concatenate", "rows");

  private Node build(String operation, Fields node, int[] in, int output)
      throws ModelFileException {
    return switch (operation) {
      case "linear" -> linear(node, in, output);
      case "equivariant" -> equivariant(node, in, output).cheaper();
      case "convolution" -> convolution(node, in, output);
      case "matmul" -> new MatMulNode(in, output);
      case "add" -> new ElementNodes.Binary(in, output, false);
      case "multiply" -> new ElementNodes.Binary(in, output, true);
      case "relu" -> new ElementNodes.Relu(in, output);
      case "largest" -> new AxisNodes.Largest(in, output);
      case "max_pool" ->
          new MaxPoolNode(in, output, node.whole("axes", 1, 3), windows(node, false));
      case "places" ->
          new PlaceNodes.Places(
              in, output, node.whole("axis", 1, 8), node.whole("from_end", 0, 1) == 1);
      case "rows" -> new PlaceNodes.Rows(in, output);
      case "mean" -> new AxisNodes.Mean(in, output);
      case "softmax" -> new AxisNodes.Softmax(in, output);
      case "narrow" ->
          new AxisNodes.Narrow(
              in, output, node.whole("start", 0, SIZE), node.whole("length", 1, SIZE));
      case "select" -> new AxisNodes.Select(in, output, node.wholes("places", 0, SIZE));
      case "concatenate" -> new AxisNodes.Concatenate(in, output);
      case "reshape" ->
          new AxisNodes.Reshape(
              in, output, node.whole("axes", 1, 8), node.wholes("sizes", -1, SIZE));
      case "permute" -> new AxisNodes.Permute(in, output, node.wholes("order", 0, 7));
      default -> pointwise(operation, in, output);
    };
  }

  private static Node pointwise(String operation, int[] in, int output) throws ModelFileException {
    ElementNodes.Function function = ElementNodes.function(operation);
    if (function == null) {
      throw new ModelFileException(
          "this runtime has no operation '" + operation + "': take a newer one");
    }
    return new ElementNodes.Pointwise(in, output, function);
  }

  private float[] bias(Fields node, int size) throws ModelFileException {
    float[] bias = node.has("bias") ? store.numbers(node.text("bias")) : new float[0];
    if (node.has("bias") && bias.length != size) {
      throw node.damaged("bias");
    }
    return bias;
  }

  private LinearNode linear(Fields node, int[] in, int output) throws ModelFileException {
    int[] shape = store.shape(node.text("weight"));
    if (shape.length != 2 || shape[0] == 0 || shape[1] == 0) {
      throw node.damaged("weight");
    }
    float[] weight = store.numbers(node.text("weight"));
    float[][] columns = Loops.columns(weight, shape[0], shape[1]);
    return new LinearNode(in, output, shape[1], shape[0], columns, bias(node, shape[0]));
  }

  private ConvolutionNode convolution(Fields node, int[] in, int output) throws ModelFileException {
    int[] shape = store.shape(node.text("weight"));
    boolean transposed = node.whole("transposed", 0, 1) == 1;
    int groups = node.has("groups") ? node.whole("groups", 1, SIZE) : 1;
    Windows windows = windows(node, transposed);
    if (shape.length < 3 || shape.length > 5 || shape[0] == 0 || shape[1] == 0) {
      throw node.damaged("weight");
    }
    for (int axis = 2; axis < shape.length; axis++) {
      if (shape[axis] != windows.kernel) {
        throw node.damaged("geometry");
      }
    }
    long from = transposed ? shape[0] : (long) shape[1] * groups;
    long to = transposed ? (long) shape[1] * groups : shape[0];
    if (from > SIZE || to > SIZE || shape[0] % groups != 0) {
      throw node.damaged("groups");
    }
    return new ConvolutionNode(
        in,
        output,
        (int) from,
        (int) to,
        shape.length - 2,
        groups,
        windows,
        store.numbers(node.text("weight")),
        bias(node, (int) to));
  }

  /** Kernel, stride, padding, dilation and output padding, and what is beyond the border. */
  private static Windows windows(Fields node, boolean transposed) throws ModelFileException {
    int[] geometry = node.wholes("geometry", 0, SIZE);
    if (geometry.length != 5 || geometry[0] < 1 || geometry[1] < 1 || geometry[3] < 1) {
      throw node.damaged("geometry");
    }
    int mode = node.has("padding") ? Arrays.asList(Windows.MODES).indexOf(node.text("padding")) : 0;
    if (mode < 0 || (transposed && mode > 0)) {
      throw node.damaged("padding");
    }
    return new Windows(
        geometry, transposed, mode, node.has("ceil") && node.whole("ceil", 0, 1) == 1);
  }

  private EquivariantNode equivariant(Fields node, int[] in, int output) throws ModelFileException {
    int from = node.whole("size_in", 1, SIZE);
    int to = node.whole("size_out", 1, SIZE);
    List<Spectral> enter = runs(node.objects("enter"), from);
    List<Spectral> leave = runs(node.objects("leave"), to);
    List<EquivariantNode.Block> blocks = new ArrayList<>();
    for (Fields block : node.objects("blocks")) {
      int[] shape = store.shape(block.text("weight"));
      int rows = block.whole("rows", 1, SIZE);
      int first = block.whole("in", 0, from);
      int second = block.whole("out", 0, to);
      if (shape.length != 2
          || first + (long) rows * shape[0] > from
          || second + (long) rows * shape[1] > to) {
        throw block.damaged("weight");
      }
      float[][] weight = Loops.rows(weight(block), shape[0], shape[1]);
      blocks.add(new EquivariantNode.Block(rows, first, shape[0], second, shape[1], weight));
    }
    return new EquivariantNode(
        in,
        output,
        from,
        to,
        enter.toArray(new Spectral[0]),
        leave.toArray(new Spectral[0]),
        blocks.toArray(new EquivariantNode.Block[0]),
        bias(node, to));
  }

  /** The weight of a block: numbers, or whole multiples of a step. */
  private float[] weight(Fields block) throws ModelFileException {
    float[] weight = store.numbers(block.text("weight"));
    if (block.has("step")) {
      float[] step = store.numbers(block.text("step"));
      if (step.length != 1) {
        throw block.damaged("step");
      }
      for (int i = 0; i < weight.length; i++) {
        weight[i] *= step[0];
      }
    }
    return weight;
  }

  private List<Spectral> runs(List<Fields> all, int total) throws ModelFileException {
    List<Spectral> runs = new ArrayList<>();
    int next = 0;
    for (Fields run : all) {
      int count = run.whole("count", 1, total);
      int[] places = run.wholes("places", 0, total - (long) count);
      float[] basis = run.has("basis") ? store.numbers(run.text("basis")) : new float[0];
      int size = places.length;
      if ((run.has("basis") && basis.length != (long) size * size)
          || next + (long) count * size > total) {
        throw run.damaged("basis");
      }
      runs.add(new Spectral(next, count, size, places, basis));
      next += count * size;
    }
    if (next != total) {
      throw new ModelFileException("the model is damaged: a change of basis has a gap");
    }
    return runs;
  }
}
