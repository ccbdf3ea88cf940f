package dev.noether.nn.frame;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes any layer equivariant, exactly, by turning each input into a pose that is learned: y =
 * rho_out(g) f(rho_in(g)^-1 x) with the element g that an equivariant layer, the frame, chooses for
 * x. Unlike {@link FrameAveraging} it runs f once for each sample, whatever the order of the group.
 *
 * <p>The frame gives a number for every element, as a vector of the regular representation; the
 * largest tells g. By default it is linear: g turns a learned vector as near to x as can be. An
 * input that some elements leave alone has several largest numbers, and y is the mean over them,
 * which such an input needs; so is an input of a representation in which elements cannot be told
 * apart. Numbers count as equal up to rounding. Near a change of g a small step of x makes y jump:
 * no choice of one pose can be continuous.
 *
 * <p>In training the choice has the gradient of a softmax of the numbers (straight through), so
 * that the frame learns; in evaluation gradients are those of the function as it is. See Kaba et
 * al., <em>Equivariance with Learned Canonicalization Functions</em> (2023).
 *
 * <pre>{@code
 * Canonicalization layer = new Canonicalization(rho, rho, new Mlp(8, 8, MlpOptions.hidden(64)));
 * Tensor y = layer.forward(x); // [..., rho.size]
 * }</pre>
 */
public final class Canonicalization extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<Canonicalization> TYPE =
      LayerType.of(Canonicalization.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", Canonicalization::in)
          .representation("out", Canonicalization::out)
          .layers(layer -> List.of(layer.inner, layer.frame))
          .builds(Canonicalization::built);

  /** Added to squares, so that nothing is divided by zero. */
  private static final double SMALLEST = 1e-30;

  private final Layer inner;
  private final EquivariantLayer frame;
  private final int order;
  private final Frames toPose;
  private final Frames fromPose;

  /**
   * A layer with a linear frame, drawn from LibTorch's generator.
   *
   * @param <L> the layer inside
   * @param in how inputs transform, under a finite group
   * @param out how outputs transform
   * @param layer an equivariant layer, of whatever group, or a plain one of one input, as {@code
   *     Mlp}; becomes the child {@code inner}
   * @throws IllegalArgumentException if sizes or groups do not fit, or features are not last
   */
  public <L extends Layer & Forward> Canonicalization(
      Representation in, Representation out, L layer) {
    this(in, out, layer, linear(requireSpace(in, Canonicalization.class), layer.dtype()));
  }

  /**
   * A layer with a frame of one's own.
   *
   * @param <L> the layer inside
   * @param in how inputs transform, under a finite group
   * @param out how outputs transform
   * @param layer an equivariant layer, of whatever group, or a plain one of one input; becomes the
   *     child {@code inner}
   * @param frame an equivariant layer from {@code in} to the regular representation; becomes the
   *     child {@code frame}
   * @throws IllegalArgumentException if sizes or groups do not fit, or features are not last
   */
  public <L extends Layer & Forward> Canonicalization(
      Representation in, Representation out, L layer, EquivariantLayer frame) {
    super(in, out);
    Axes axes = FrameAveraging.axes(in, out, layer);
    require(
        axes == Axes.FEATURES && frame.axes() == Axes.FEATURES,
        "a canonicalization turns features on the last axis, got layers of %s and %s; "
            + "FrameAveraging takes others",
        axes,
        frame.axes());
    FiniteGroup group = in.finiteGroup();
    require(
        frame.in().equals(in) && frame.out().equals(Representation.regular(group)),
        "the frame must lead from %s to %s, got %s to %s",
        in,
        Representation.regular(group),
        frame.in(),
        frame.out());
    inner = registerChild("inner", layer);
    this.frame = registerChild("frame", frame);
    order = group.order();
    List<Integer> elements = IntStream.range(0, order).boxed().toList();
    Dtype dtype = layer.dtype();
    toPose = Frames.turning(in, elements.stream().map(group::inverse).toList(), dtype);
    fromPose = Frames.turning(out, elements, dtype);
    kind()
        .ifPresent(
            like -> {
              toPose.buffers().moveTo(like);
              fromPose.buffers().moveTo(like);
            });
    registerBuffers("to_pose.", toPose.buffers());
    registerBuffers("from_pose.", fromPose.buffers());
  }

  private static EquivariantLinear linear(Representation in, Dtype dtype) {
    return new EquivariantLinear(
        in,
        Representation.regular(in.finiteGroup()),
        MapOptions.defaults().withoutBias().with(dtype));
  }

  private static Canonicalization built(Settings settings) {
    require(
        settings.layers().size() == 2,
        "a canonicalization holds a layer and its frame, got %d layers",
        settings.layers().size());
    Layer layer = settings.layers().get(0);
    require(
        layer instanceof Forward, "a canonicalization holds a layer of one input, got %s", layer);
    require(
        settings.layers().get(1) instanceof EquivariantLayer,
        "the frame of a canonicalization is equivariant, got %s",
        settings.layers().get(1));
    EquivariantLayer frame = (EquivariantLayer) settings.layers().get(1);
    return of(settings.representation("in"), settings.representation("out"), layer, frame);
  }

  @SuppressWarnings("unchecked") // the bound is two types, which a cast cannot name
  private static <L extends Layer & Forward> Canonicalization of(
      Representation in, Representation out, Layer layer, EquivariantLayer frame) {
    return new Canonicalization(in, out, (L) layer, frame);
  }

  /**
   * The layer that chooses the element.
   *
   * @return the child {@code frame}
   */
  public EquivariantLayer frame() {
    return frame;
  }

  @Override
  protected Tensor compute(Tensor input) {
    Tensor weights = weights(input).reshape(-1, order);
    Tensor posed = combined(toPose, input.reshape(-1, in().size()), weights);
    Tensor answer =
        ((Forward) inner).forward(posed.reshape(Tensors.shapeWithLast(input, in().size())));
    long[] wanted = Tensors.shapeWithLast(input, out().size());
    require(
        Arrays.equals(Tensors.shape(answer), wanted),
        "%s must give %s, got %s",
        inner,
        Arrays.toString(wanted),
        Arrays.toString(Tensors.shape(answer)));
    return combined(fromPose, answer.reshape(-1, out().size()), weights).reshape(wanted);
  }

  /** Of {@code [samples, size]}, turned by every element, the sum with weights. */
  private static Tensor combined(Frames frames, Tensor rows, Tensor weights) {
    return frames.turn(rows).mul(weights.t().unsqueeze(-1)).sum(0);
  }

  /** 1 for the chosen element of each sample; 1 / n for each of n that are chosen together. */
  private Tensor weights(Tensor input) {
    Tensor numbers = Tensors.wide(frame.forward(input));
    Tensor fixed = numbers.detach();
    Tensor scale = fixed.abs().amax(new long[] {-1}, true);
    Tensor below =
        fixed
            .amax(new long[] {-1}, true)
            .sub(fixed)
            .mul(scale.mul(scale).add(new Scalar(SMALLEST)).rsqrt())
            .mul(new Scalar(1 / tolerance()));
    Tensor largest = torch.relu(torch.relu(below.sub(new Scalar(1))).neg().add(new Scalar(1)));
    Tensor chosen = largest.div(largest.sum(new long[] {-1}, true, new ScalarTypeOptional()));
    if (isTraining() && GradMode.is_enabled()) {
      Tensor soft = numbers.softmax(-1);
      chosen = chosen.add(soft.sub(soft.detach()));
    }
    return Tensors.inDtypeOf(input, chosen);
  }

  /** Up to which share of the largest number others count as equal. */
  private double tolerance() {
    return switch (dtype()) {
      case FLOAT64 -> 1e-10;
      case FLOAT32 -> 1e-4;
      default -> 0.03;
    };
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(
        inner instanceof PlainLayer && frame instanceof PlainLayer,
        "%s has no plain form: its layer and its frame must implement PlainLayer",
        this);
    V numbers = ((PlainLayer) frame).plain(graph.at("frame"), x);
    V weights = graph.split(plainWeights(graph, numbers), order, 1);
    V posed = plainCombined(graph.at("to_pose"), toPose, x, in().size(), weights);
    V answer = ((PlainLayer) inner).plain(graph.at("inner"), posed);
    return plainCombined(graph.at("from_pose"), fromPose, answer, out().size(), weights);
  }

  private <V> V plainWeights(PlainGraph<V> graph, V numbers) {
    V minus = graph.number(-1);
    V negative = graph.multiply(numbers, minus);
    V scale = graph.largest(graph.add(relu(graph, numbers), relu(graph, negative)));
    V inverse = graph.rsqrt(graph.add(graph.multiply(scale, scale), graph.number(SMALLEST)));
    V below = graph.multiply(graph.add(graph.largest(numbers), negative), inverse);
    V beyond =
        relu(
            graph,
            graph.add(graph.multiply(below, graph.number(1 / tolerance())), graph.number(-1)));
    V largest = relu(graph, graph.add(graph.multiply(beyond, minus), graph.number(1)));
    V root = graph.rsqrt(graph.multiply(graph.mean(largest), graph.number(order)));
    return graph.multiply(largest, graph.multiply(root, root));
  }

  private static <V> V relu(PlainGraph<V> graph, V x) {
    return graph.apply(Activation.RELU, x);
  }

  private <V> V plainCombined(PlainGraph<V> graph, Frames frames, V x, int size, V weights) {
    V turned =
        graph.split(graph.matmul(x, graph.constant("turns", frames.dense(size))), order, size);
    V row = graph.join(graph.multiply(turned, weights), 2, (long) order * size);
    return graph.matmul(row, graph.constant("sum", frames.denseSum(size)));
  }

  @Override
  public String toString() {
    return "Canonicalization(" + in() + " -> " + out() + ", " + inner + ")";
  }
}
