package dev.noether.io.runtime;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.io.bytes.Int8Weight;
import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A graph of noether-runtime that layers write themselves into. */
final class RuntimeGraph implements PlainGraph<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * What may stand outside the blocks of an equivariant weight in float32, of its largest entry.
   */
  private static final double TOLERANCE = 1e-5;

  /** What all views of a graph share. */
  static final class State {
    final Map<String, Tensor> tensors = new LinkedHashMap<>();
    final ArrayNode nodes = MAPPER.createArrayNode();
    final Map<Matrix, String> bases = new LinkedHashMap<>();
    int values;
    final boolean small;

    /**
     * Nothing yet.
     *
     * @param small whether the blocks of equivariant weights are kept in int8
     */
    State(boolean small) {
      this.small = small;
    }
  }

  private final String prefix;
  private final State state;

  RuntimeGraph(String prefix, State state) {
    this.prefix = prefix;
    this.state = state;
  }

  @Override
  public PlainGraph<Integer> at(String name) {
    return new RuntimeGraph(prefix + name + ".", state);
  }

  private ObjectNode node(String operation, int... inputs) {
    ObjectNode node = state.nodes.addObject().put("op", operation);
    ArrayNode in = node.putArray("in");
    Arrays.stream(inputs).forEach(in::add);
    node.put("out", state.values++);
    return node;
  }

  private static int result(ObjectNode node) {
    return node.get("out").intValue();
  }

  private int plain(String operation, int... inputs) {
    return result(node(operation, inputs));
  }

  private static void put(ObjectNode node, String name, long... values) {
    ArrayNode array = node.putArray(name);
    Arrays.stream(values).forEach(array::add);
  }

  /** Keeps a tensor in float32 under a name that no other has. */
  String keep(String name, Tensor tensor) {
    return put(name, tensor.detach().cpu().to(Dtype.FLOAT32.scalarType()).contiguous().clone());
  }

  private String put(String name, Tensor tensor) {
    String whole = prefix + name;
    String free = whole;
    for (int i = 1; state.tensors.containsKey(free); i++) {
      free = whole + "#" + i;
    }
    state.tensors.put(free, tensor);
    return free;
  }

  private static Tensor tensor(double[] values, long... shape) {
    return Tensors.of(Dtype.FLOAT32, values, shape);
  }

  @Override
  public Integer constant(String name, Tensor tensor) {
    return result(node("constant").put("tensor", keep(name, tensor)));
  }

  @Override
  public Integer number(double value) {
    return constant("number", tensor(new double[] {value}, 1));
  }

  @Override
  public Integer linear(
      Integer x, String weightName, Tensor weight, String biasName, @Nullable Tensor bias) {
    ObjectNode node = node("linear", x).put("weight", keep(weightName, weight));
    if (bias != null) {
      node.put("bias", keep(biasName, bias));
    }
    return result(node);
  }

  @Override
  public Integer equivariant(
      Integer x, Representation in, Representation out, Tensor weight, @Nullable Tensor bias) {
    SpectralLayout from = SpectralLayout.of(in);
    SpectralLayout to = SpectralLayout.of(out);
    double[] whole = spectral(from, to, Tensors.toArray(weight));
    Map<Irrep, double[]> blocks = new LinkedHashMap<>();
    double[] rest = whole.clone();
    for (Irrep irrep : from.pieces().keySet()) {
      if (to.pieces().containsKey(irrep)) {
        blocks.put(irrep, block(irrep, from, to, whole, rest));
      }
    }
    double most = Arrays.stream(whole).map(Math::abs).max().orElse(0);
    if (Arrays.stream(rest).anyMatch(value -> Math.abs(value) > TOLERANCE * most)) {
      return linear(x, weight, bias); // not equivariant to float32: as it is
    }
    ObjectNode node = node("equivariant", x).put("size_in", from.size()).put("size_out", to.size());
    runs(node.putArray("enter"), from);
    runs(node.putArray("leave"), to);
    ArrayNode array = node.putArray("blocks");
    blocks.forEach((irrep, values) -> describe(array.addObject(), irrep, from, to, values));
    if (bias != null) {
      node.put("bias", keep("bias", bias));
    }
    return result(node);
  }

  /** The weight between spectra, {@code [out, in]}. */
  private static double[] spectral(SpectralLayout from, SpectralLayout to, double[] weight) {
    double[] half = transpose(from.enter(weight), to.size(), from.size());
    return transpose(to.enter(half), from.size(), to.size());
  }

  private static double[] transpose(double[] x, int rows, int columns) {
    double[] y = new double[x.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        y[j * rows + i] = x[i * columns + j];
      }
    }
    return y;
  }

  /** The block of an irrep as {@code [inner, width]}, taken out of the rest. */
  private static double[] block(
      Irrep irrep, SpectralLayout from, SpectralLayout to, double[] whole, double[] rest) {
    int rows = SpectralLayout.rows(irrep);
    int inner = inner(irrep, from);
    int width = inner(irrep, to);
    int first = start(irrep, from);
    int second = start(irrep, to);
    double[] block = new double[inner * width];
    for (int i = 0; i < inner; i++) {
      for (int o = 0; o < width; o++) {
        double sum = 0;
        for (int r = 0; r < rows; r++) {
          sum += whole[(second + r * width + o) * from.size() + first + r * inner + i];
        }
        block[i * width + o] = sum / rows;
        for (int r = 0; r < rows; r++) {
          rest[(second + r * width + o) * from.size() + first + r * inner + i] -= sum / rows;
        }
      }
    }
    return block;
  }

  private static int start(Irrep irrep, SpectralLayout layout) {
    return layout.pieces().getOrDefault(irrep, new SpectralLayout.Piece(0, 0)).start();
  }

  /** How many coordinates a row of an irrep's piece has. */
  private static int inner(Irrep irrep, SpectralLayout layout) {
    int copies = layout.pieces().getOrDefault(irrep, new SpectralLayout.Piece(0, 0)).copies();
    return copies * irrep.dimension() / SpectralLayout.rows(irrep);
  }

  private void describe(
      ObjectNode node, Irrep irrep, SpectralLayout from, SpectralLayout to, double[] values) {
    node.put("rows", SpectralLayout.rows(irrep))
        .put("in", start(irrep, from))
        .put("out", start(irrep, to));
    String name = "block." + irrep.id();
    Tensor weight = tensor(values, inner(irrep, from), inner(irrep, to));
    if (state.small) {
      Int8Weight rounded = Int8Weight.of(weight);
      node.put("weight", put(name, rounded.levels())).put("step", put("step", rounded.step()));
    } else {
      node.put("weight", keep(name, weight));
    }
  }

  private void runs(ArrayNode array, SpectralLayout layout) {
    for (SpectralLayout.Run run : layout.runs()) {
      ObjectNode node = array.addObject().put("count", run.count());
      put(node, "places", Arrays.stream(run.places()).asLongStream().toArray());
      if (!run.basis().equals(Matrix.identity(run.basis().rows()))) {
        node.put("basis", basis(run.basis()));
      }
    }
  }

  private String basis(Matrix matrix) {
    return state.bases.computeIfAbsent(
        matrix,
        Q ->
            new RuntimeGraph("", state)
                .keep("basis." + state.bases.size(), Tensors.of(Dtype.FLOAT32, Q)));
  }

  @Override
  public Integer matmul(Integer a, Integer b) {
    return plain("matmul", a, b);
  }

  @Override
  public Integer add(Integer a, Integer b) {
    return plain("add", a, b);
  }

  @Override
  public Integer multiply(Integer a, Integer b) {
    return plain("multiply", a, b);
  }

  @Override
  public Integer apply(Activation function, Integer x) {
    return plain(function.toString(), x);
  }

  @Override
  public Integer rsqrt(Integer x) {
    return plain("rsqrt", x);
  }

  @Override
  public Integer sin(Integer x) {
    return plain("sin", x);
  }

  @Override
  public Integer cos(Integer x) {
    return plain("cos", x);
  }

  @Override
  public Integer mean(Integer x) {
    return plain("mean", x);
  }

  @Override
  public Integer largest(Integer x) {
    return plain("largest", x);
  }

  @Override
  public Integer maxPool(Integer x, int axes, ConvolutionOptions window, boolean ceilMode) {
    ObjectNode node = node("max_pool", x).put("axes", axes).put("ceil", ceilMode ? 1 : 0);
    geometry(node, window);
    return result(node);
  }

  @Override
  public Integer softmax(Integer x) {
    return plain("softmax", x);
  }

  @Override
  public Integer narrow(Integer x, long start, long length) {
    return result(node("narrow", x).put("start", start).put("length", length));
  }

  @Override
  public Integer select(Integer x, long... places) {
    ObjectNode node = node("select", x);
    put(node, "places", places);
    return result(node);
  }

  @Override
  public Integer concatenate(Integer first, Integer second) {
    return plain("concatenate", first, second);
  }

  private int reshape(int x, int axes, long... sizes) {
    ObjectNode node = node("reshape", x).put("axes", axes);
    put(node, "sizes", sizes);
    return result(node);
  }

  @Override
  public Integer split(Integer x, long... sizes) {
    return reshape(x, 1, sizes);
  }

  @Override
  public Integer join(Integer x, int axes, long size) {
    return reshape(x, axes, size);
  }

  @Override
  public Integer permute(Integer x, int... axes) {
    ObjectNode node = node("permute", x);
    put(node, "order", Arrays.stream(axes).asLongStream().toArray());
    return result(node);
  }

  @Override
  public Integer places(Integer x, int axis, boolean fromEnd) {
    return result(node("places", x).put("axis", axis).put("from_end", fromEnd ? 1 : 0));
  }

  @Override
  public Integer rows(Integer table, Integer numbers) {
    return plain("rows", table, numbers);
  }

  @Override
  public Integer convolution(
      Integer x,
      Tensor weight,
      @Nullable Tensor bias,
      ConvolutionOptions geometry,
      boolean transposed) {
    ObjectNode node =
        node("convolution", x)
            .put("weight", keep("weight", weight))
            .put("transposed", transposed ? 1 : 0)
            .put("groups", geometry.groups())
            .put("padding", geometry.paddingMode().toString());
    geometry(node, geometry);
    if (bias != null) {
      node.put("bias", keep("bias", bias));
    }
    return result(node);
  }

  private static void geometry(ObjectNode node, ConvolutionOptions geometry) {
    put(
        node,
        "geometry",
        geometry.kernelSize(),
        geometry.stride(),
        geometry.padding(),
        geometry.dilation(),
        geometry.outputPadding());
  }
}
