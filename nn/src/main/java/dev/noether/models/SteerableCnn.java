package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.GridLayer;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * An image or volume classifier whose answer does not change when its input is turned, mirrored or
 * moved: steerable convolutions up to invariant features, their mean over the grid, and a plain
 * head.
 *
 * <p>{@link #builder} makes the usual ones. The network of escnn's tutorial, for images of 29 x 29:
 *
 * <pre>{@code
 * SteerableCnn model =
 *     SteerableCnn.builder(Space.cyclic(8), 29)
 *         .block(24, 7).block(48, 5).pool()
 *         .block(48, 5).block(96, 5).pool()
 *         .block(96, 5).block(64, 5)
 *         .head(10, 64);
 * }</pre>
 *
 * <p>Names in the state dict: {@code features.} and the numbers of the layers, {@code head.} and
 * the names of the {@link Mlp}.
 */
public final class SteerableCnn extends Layer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<SteerableCnn> TYPE =
      LayerType.independentOfBases(SteerableCnn.class)
          .setting("size", layer -> layer.size)
          .layers(SteerableCnn::parts)
          .builds(
              s -> {
                int last = s.layers().size() - 1;
                require(
                    last >= 1, "a steerable network holds layers and a head, got %s", s.layers());
                List<EquivariantLayer> features =
                    s.layers().subList(0, last).stream().map(EquivariantLayer.class::cast).toList();
                return new SteerableCnn(
                    features, Mlp.class.cast(s.layers().get(last)), s.whole("size"));
              });

  private final EquivariantSequential features;
  private final Mlp head;
  private final int size;
  private final FieldType in;

  /**
   * A network of parts.
   *
   * @param features layers of fields, from the input to invariant fields
   * @param head from as many features to the outputs
   * @param size the number of cells of a side of inputs
   * @throws IllegalArgumentException if the last fields are not invariant, or the sizes do not fit
   */
  public SteerableCnn(List<? extends EquivariantLayer> features, Mlp head, int size) {
    this.features = registerChild("features", new EquivariantSequential(features));
    FieldType out =
        this.features
            .outFields()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "a steerable network is made of layers of fields, got " + features));
    Representation one = Representation.trivial(out.space().group());
    require(
        out.fields().stream().allMatch(field -> field.representation().equals(one)),
        "the features of a classifier must be invariant, got %s; end with a GroupPooling, a"
            + " NormPooling or a convolution to trivial fields",
        out);
    require(size >= 1, "the side of inputs must be at least 1, got %d", size);
    this.size = size;
    this.in = this.features.inFields().orElseThrow();
    this.head = registerChild("head", head);
    require(
        head.inputs().get(0).size() == out.size(),
        "the head takes %d features, the layers before it give %d",
        head.inputs().get(0).size(),
        out.size());
  }

  /** The layers of the chain, then the head. */
  private List<Layer> parts() {
    List<Layer> parts = new ArrayList<>(features.layers());
    parts.add(head);
    return parts;
  }

  /**
   * Starts a network.
   *
   * @param space the plane or space and its group
   * @param size the number of cells of a side of inputs
   * @return what remains to be told
   */
  public static SteerableCnnBuilder builder(Space space, int size) {
    return new SteerableCnnBuilder(space, size);
  }

  /**
   * The layers up to the invariant features.
   *
   * @return a chain
   */
  public EquivariantSequential features() {
    return features;
  }

  /**
   * The plain layers after them.
   *
   * @return the head
   */
  public Mlp head() {
    return head;
  }

  /**
   * Classifies.
   *
   * @param images {@code [batch, channels, size, size]}, in space with one size more
   * @return {@code [batch, outputs]}
   * @throws IllegalArgumentException if the shape does not fit
   */
  public Tensor forward(Tensor images) {
    require(
        images.dim() == 2 + in.space().dimension() && images.size(-1) == size,
        "images must be [batch, %d, %s], got %s",
        in.size(),
        String.join(", ", Collections.nCopies(in.space().dimension(), Integer.toString(size))),
        Arrays.toString(Tensors.shape(images)));
    return Scopes.compute(() -> head.forward(features.forward(images).flatten(2, -1).mean(2)));
  }

  /** The whole network is invariant, up to what strides and sizes leave. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    Axes axes = Axes.ofGrid(in.space().dimension());
    long[] shape = example();
    Tensor example =
        EquivariantFunction.random(namedParameters().values().stream().findFirst(), shape);
    Representation outputs =
        Representation.trivial(in.space().group()).times(Math.toIntExact(head.output().size()));
    return Optional.of(
        new EquivariantFunction(
            List.of(
                new EquivariantFunction.Input(in.representation(), axes, example, Optional.of(in))),
            outputs,
            Axes.FEATURES,
            inputs -> forward(inputs.get(0))));
  }

  /** A batch of 2, for norms over a batch in the head. */
  private long[] example() {
    long[] shape = new long[2 + in.space().dimension()];
    Arrays.fill(shape, size);
    shape[0] = 2;
    shape[1] = in.size();
    return shape;
  }

  /**
   * A line for each layer, beside {@link #summary()}: what it is, the fields and cells of a side of
   * its output, its parameters, and whether it commutes exactly with the elements that permute the
   * grid.
   *
   * @return lines to print
   */
  public String sizes() {
    List<String> lines = new ArrayList<>();
    lines.add(line("input", in.toString(), size, 0, ""));
    boolean training = isTraining();
    Dtype dtype = dtype();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      eval();
      Tensor current = EquivariantFunction.random(Optional.empty(), example());
      current = current.to(dtype.scalarType());
      for (EquivariantLayer layer : features.layers()) {
        long before = current.size(-1);
        current = features.axes().to(layer.axes(), current);
        current = layer.axes().to(features.axes(), layer.forward(current));
        String exact = layer instanceof GridLayer grid ? grid.exactness(before).toString() : "";
        lines.add(line(name(layer), fields(layer), current.size(-1), count(layer), exact));
      }
    } finally {
      if (training) {
        train();
      }
    }
    lines.add(line("Mlp", head.output().size() + " outputs", 1, count(head), ""));
    lines.add("parameters: " + count(this));
    return String.join("\n", lines);
  }

  private static String name(Layer layer) {
    return layer.getClass().getSimpleName();
  }

  private static String fields(EquivariantLayer layer) {
    return layer.outFields().map(FieldType::toString).orElseGet(() -> "the same");
  }

  private static long count(Layer layer) {
    return layer.namedParameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  private static String line(String name, String fields, long side, long parameters, String exact) {
    return String.format(
            Locale.ROOT, "%-24s %-36s %5d %9d  %s", name, fields, side, parameters, exact)
        .stripTrailing();
  }

  @Override
  public List<Port> inputs() {
    return List.of(new Port("input", Axes.ofGrid(in.space().dimension()), in.size()));
  }

  @Override
  public Port output() {
    return head.output();
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V fields = features.plain(graph.at("features"), x);
    V cells = graph.join(fields, in.space().dimension(), PlainGraph.REST);
    V means = graph.join(graph.mean(cells), 2, head.inputs().get(0).size());
    return head.plain(graph.at("head"), means);
  }

  @Override
  public String toString() {
    return "SteerableCnn(" + in + " on " + size + ", " + features.layers().size() + " layers)";
  }
}
