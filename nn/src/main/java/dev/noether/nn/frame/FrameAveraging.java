package dev.noether.nn.frame;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Subgroup;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.FunctionLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes any layer or function equivariant, exactly, by an average over the group: y = 1/|G| sum
 * over g of rho_out(g)^-1 f(rho_in(g) x). With trivial irreps at the output it is invariant.
 *
 * <p>All elements go through f as one batch, |G| times the samples. Where f is equivariant under a
 * subgroup already, one element of each coset gives the same average. A function that is
 * equivariant is not changed. Dropout inside f draws anew for every element: equivariance then
 * holds in evaluation. See Puny et al., <em>Frame Averaging</em> (2022), with the group as frame.
 *
 * <pre>{@code
 * FrameAveraging layer = new FrameAveraging(rho, rho, x -> x.tanh());
 * Tensor y = layer.forward(x); // [..., rho.size]
 * }</pre>
 */
public final class FrameAveraging extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<FrameAveraging> TYPE =
      LayerType.of(FrameAveraging.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", FrameAveraging::in)
          .representation("out", FrameAveraging::out)
          .setting("max_elements", layer -> layer.options.maxElements(), 128)
          .setting("equivariant_under", FrameAveraging::generators, List.of())
          .layers(layer -> List.of(layer.described))
          .builds(FrameAveraging::built);

  private final FrameOptions options;
  private final Layer described;
  private final UnaryOperator<Tensor> function;
  private final int elements;
  private final Frames turning;
  private final Frames averaging;

  /**
   * The average of a layer, equivariant or plain, as {@code Mlp}; it is saved with it.
   *
   * @param <L> the layer
   * @param in how inputs transform
   * @param out how outputs transform
   * @param layer an equivariant layer, of whatever group, or a plain one of one input; becomes a
   *     child
   * @param options what the average runs over
   * @throws IllegalArgumentException if sizes, axes or groups do not fit, or the group is too large
   */
  public <L extends Layer & Forward> FrameAveraging(
      Representation in, Representation out, L layer, FrameOptions options) {
    this(in, out, layer, layer, layer::forward, axes(in, out, layer), options);
  }

  /** The axes of a layer that leads from one representation's size to the other's. */
  static Axes axes(Representation in, Representation out, Layer layer) {
    if (layer instanceof EquivariantLayer equivariant) {
      requireSizes(in, out, layer, equivariant.in().size(), equivariant.out().size());
      return equivariant.axes();
    }
    require(
        layer instanceof PlainLayer plain && plain.inputs().size() == 1,
        "the layer must be equivariant, or plain with one input, got %s; for others there is the "
            + "average of a function",
        layer);
    Port from = ((PlainLayer) layer).inputs().get(0);
    Port to = ((PlainLayer) layer).output();
    requireSizes(in, out, layer, from.size(), to.size());
    require(
        from.axes() == to.axes(),
        "the layer must leave the axes as they are, got %s from %s to %s",
        layer,
        from.axes(),
        to.axes());
    return from.axes();
  }

  private static void requireSizes(
      Representation in, Representation out, Layer layer, long from, long to) {
    require(
        from == in.size() && to == out.size(),
        "the layer must lead from %d features (%s) to %d (%s), got %s from %d to %d",
        in.size(),
        in,
        out.size(),
        out,
        layer,
        from,
        to);
  }

  /**
   * The average of a function whose parameters are those of a layer: what a network of one's own
   * needs. It is saved as a state dict only.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param layer holds the parameters; becomes a child
   * @param forward from {@code [batch, ..., in.size]} to {@code [batch, ..., out.size]}
   * @param options what the average runs over
   * @throws IllegalArgumentException if the groups differ or the group is too large
   */
  public FrameAveraging(
      Representation in,
      Representation out,
      Layer layer,
      UnaryOperator<Tensor> forward,
      FrameOptions options) {
    this(
        in,
        out,
        layer,
        new FunctionLayer("a function of " + layer, in, out, forward),
        forward,
        Axes.FEATURES,
        options);
  }

  /**
   * The average of a function without parameters over the whole group.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param function from {@code [batch, ..., in.size]} to {@code [batch, ..., out.size]}
   * @throws IllegalArgumentException if the groups differ or the group is too large
   */
  public FrameAveraging(Representation in, Representation out, UnaryOperator<Tensor> function) {
    this(
        in,
        out,
        new FunctionLayer("a function", in, out, function),
        function,
        FrameOptions.defaults());
  }

  private FrameAveraging(
      Representation in,
      Representation out,
      Layer child,
      Layer described,
      UnaryOperator<Tensor> function,
      Axes axes,
      FrameOptions options) {
    super(in, out, axes);
    this.options = options;
    this.described = described;
    this.function = function;
    List<Integer> frame = frame(in.finiteGroup(), options);
    elements = frame.size();
    turning = Frames.turning(in, frame, child.dtype());
    averaging = Frames.averaging(out, frame, child.dtype());
    registerChild("inner", child);
    kind()
        .ifPresent(
            like -> {
              turning.buffers().moveTo(like);
              averaging.buffers().moveTo(like);
            });
    registerBuffers("turning.", turning.buffers());
    registerBuffers("averaging.", averaging.buffers());
  }

  private static FrameAveraging built(Settings settings) {
    Representation in = settings.representation("in");
    List<Integer> generators = settings.wholes("equivariant_under");
    FrameOptions options = FrameOptions.defaults().withMaxElements(settings.whole("max_elements"));
    if (!generators.isEmpty()) {
      int[] indices = generators.stream().mapToInt(g -> g).toArray();
      options = options.withEquivariantUnder(in.finiteGroup().subgroupGeneratedBy(indices));
    }
    require(
        settings.layers().size() == 1,
        "a frame averaging holds one layer, got %d",
        settings.layers().size());
    Representation out = settings.representation("out");
    Layer inner = settings.layers().get(0);
    require(
        inner instanceof Forward, "a frame averaging holds a layer of one input, got %s", inner);
    UnaryOperator<Tensor> forward = ((Forward) inner)::forward;
    return new FrameAveraging(in, out, inner, inner, forward, axes(in, out, inner), options);
  }

  /** Generators of the subgroup; none where it is trivial. */
  private List<Integer> generators() {
    return options.equivariantUnder().map(Subgroup::generators).orElse(List.of());
  }

  /** One element of each right coset of the known subgroup. */
  private static List<Integer> frame(FiniteGroup group, FrameOptions options) {
    options
        .equivariantUnder()
        .ifPresent(
            subgroup ->
                require(
                    subgroup.group().equals(group),
                    "equivariantUnder must be a subgroup of %s, got %s",
                    group,
                    subgroup));
    int count = options.equivariantUnder().map(Subgroup::index).orElse(group.order());
    require(
        count <= options.maxElements(),
        "%s has order %d: the average would run over %d elements, and maxElements = %d is the most; "
            + "raise it with FrameOptions.withMaxElements, or name a subgroup under which the "
            + "function is equivariant already with withEquivariantUnder",
        group,
        group.order(),
        count,
        options.maxElements());
    return options
        .equivariantUnder()
        .map(Subgroup::rightCosetRepresentatives)
        .orElseGet(() -> IntStream.range(0, group.order()).boxed().toList());
  }

  /**
   * How many elements the average runs over.
   *
   * @return the order of the group, or the index of the known subgroup
   */
  public int elements() {
    return elements;
  }

  @Override
  protected Tensor compute(Tensor input) {
    Tensor ordered = axes().to(Axes.SEQUENCE, input);
    boolean bare = ordered.dim() == (axes().hasTime() ? 2 : 1);
    Tensor batch = bare ? ordered.unsqueeze(0) : ordered;
    Tensor averaged = averaged(batch);
    return Axes.SEQUENCE.to(axes(), bare ? averaged.squeeze(0) : averaged);
  }

  /** {@code [batch, ..., in.size]} to {@code [batch, ..., out.size]}. */
  private Tensor averaged(Tensor batch) {
    long[] shape = Tensors.shape(batch);
    long samples = shape[0];
    shape[0] = elements * samples;
    Tensor turned = turning.turn(batch.reshape(-1, in().size())).reshape(shape);
    Tensor answers =
        axes().to(Axes.SEQUENCE, function.apply(Axes.SEQUENCE.to(axes(), turned).contiguous()));
    long[] given = Tensors.shape(answers);
    require(
        given.length >= 2
            && given[0] == elements * samples
            && given[given.length - 1] == out().size(),
        "the function must keep the batch and end in out.size() = %d features (%s): %s went in, %s "
            + "came out",
        out().size(),
        out(),
        Arrays.toString(shape),
        Arrays.toString(given));
    given[0] = samples;
    return averaging.average(answers.reshape(elements, -1, out().size())).reshape(given);
  }

  /** The steps of time that the layer inside asks for. */
  @Override
  protected long exampleTime() {
    return described instanceof EquivariantLayer inner
        ? inner
            .equivariance()
            .map(EquivariantFunction::inputs)
            .map(inputs -> inputs.get(0).example().size(-1))
            .orElse(super.exampleTime())
        : super.exampleTime();
  }

  /** All elements stand on an axis of their own before the features. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(
        described instanceof PlainLayer && axes() == Axes.FEATURES,
        "%s has no plain form: its layer must implement PlainLayer and have its features last",
        this);
    V turned = graph.matmul(x, graph.constant("turning", turning.dense(in().size())));
    V answers =
        ((PlainLayer) described)
            .plain(graph.at("inner"), graph.split(turned, elements, in().size()));
    V row = graph.join(answers, 2, (long) elements * out().size());
    return graph.matmul(row, graph.constant("averaging", averaging.denseAverage(out().size())));
  }

  @Override
  public String toString() {
    return "FrameAveraging(" + in() + " -> " + out() + ", " + described + ")";
  }
}
