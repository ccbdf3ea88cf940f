package dev.noether.nn.frame;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.CompactGroup;
import dev.noether.group.Irrep;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes any layer equivariant, exactly, by turning each input into a pose that is learned: y =
 * rho_out(g) f(rho_in(g)^-1 x) with the element g that an equivariant layer, the frame, chooses for
 * x. Unlike {@link FrameAveraging} it runs f once for each sample, whatever the order of the group.
 *
 * <p>Under a finite group the frame gives a number for every element, as a vector of the regular
 * representation; the largest tells g. By default it is linear: g turns a learned vector as near to
 * x as can be. An input that some elements leave alone has several largest numbers, and y is the
 * mean over them, which such an input needs; so is an input of a representation in which elements
 * cannot be told apart. Numbers count as equal up to rounding. Near a change of g a small step of x
 * makes y jump: no choice of one pose can be continuous.
 *
 * <p>Under SO(2), O(2), SO(3) and O(3) the frame gives 1, 2, 2 and 3 vectors, and g is the matrix
 * whose columns they are, made orthonormal one after the other; it has a gradient of its own. By
 * default the vectors are sums of those in x with learned weights. Where they do not span space,
 * columns are zero: y is equivariant still, and what it has across them is zero.
 *
 * <p>In training the choice of an element has the gradient of a softmax of the numbers (straight
 * through), so that the frame learns; in evaluation gradients are those of the function as it is.
 * See Kaba et al., <em>Equivariance with Learned Canonicalization Functions</em> (2023).
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

  private final Layer inner;
  private final EquivariantLayer frame;
  private final Poses poses;

  /**
   * A layer with a linear frame, drawn from LibTorch's generator.
   *
   * @param <L> the layer inside
   * @param in how inputs transform
   * @param out how outputs transform
   * @param layer an equivariant layer, of whatever group, or a plain one of one input, as {@code
   *     Mlp}; becomes the child {@code inner}
   * @throws IllegalArgumentException if sizes or groups do not fit, features are not last, or there
   *     are too few vectors for a linear frame
   */
  public <L extends Layer & Forward> Canonicalization(
      Representation in, Representation out, L layer) {
    this(in, out, layer, linear(requireSpace(in, Canonicalization.class), layer.dtype()));
  }

  /**
   * A layer with a frame of one's own.
   *
   * @param <L> the layer inside
   * @param in how inputs transform
   * @param out how outputs transform
   * @param layer an equivariant layer, of whatever group, or a plain one of one input; becomes the
   *     child {@code inner}
   * @param frame an equivariant layer from {@code in} to the regular representation, or to as many
   *     vectors as the group needs; becomes the child {@code frame}
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
    Representation told = Poses.frame(in);
    require(
        frame.in().equals(in) && frame.out().equals(told),
        "the frame must lead from %s to %s, got %s to %s",
        in,
        told,
        frame.in(),
        frame.out());
    inner = registerChild("inner", layer);
    this.frame = registerChild("frame", frame);
    poses = Poses.of(in, out, layer.dtype());
    kind().ifPresent(like -> poses.buffers().moveTo(like));
    registerBuffers("", poses.buffers());
  }

  /** Without a bias, which would be the same number for all elements. */
  private static EquivariantLinear linear(Representation in, Dtype dtype) {
    Representation told = Poses.frame(in);
    if (in.group() instanceof CompactGroup group) {
      Irrep vector = told.irreps().get(0);
      require(
          in.copies(vector).size() >= told.irreps().size(),
          "a linear frame needs at least %d copies of %s of %s, got %s; give a frame of your own,"
              + " from it to %s",
          told.irreps().size(),
          vector,
          group,
          in,
          told);
    }
    return new EquivariantLinear(in, told, MapOptions.defaults().withoutBias().with(dtype));
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
    Tensor numbers = Tensors.wide(frame.forward(input)).reshape(-1, frame.out().size());
    boolean learns = isTraining() && GradMode.is_enabled();
    Poses.Chosen pose = poses.choose(numbers, input, learns);
    Tensor posed = pose.enter(input.reshape(-1, in().size()));
    Tensor answer =
        ((Forward) inner).forward(posed.reshape(Tensors.shapeWithLast(input, in().size())));
    long[] wanted = Tensors.shapeWithLast(input, out().size());
    require(
        Arrays.equals(Tensors.shape(answer), wanted),
        "%s must give %s, got %s",
        inner,
        Arrays.toString(wanted),
        Arrays.toString(Tensors.shape(answer)));
    return pose.leave(answer.reshape(-1, out().size())).reshape(wanted);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(
        inner instanceof PlainLayer && frame instanceof PlainLayer,
        "%s has no plain form: its layer and its frame must implement PlainLayer",
        this);
    V numbers = ((PlainLayer) frame).plain(graph.at("frame"), x);
    return poses.plain(
        graph, numbers, x, posed -> ((PlainLayer) inner).plain(graph.at("inner"), posed));
  }

  @Override
  public String toString() {
    return "Canonicalization(" + in() + " -> " + out() + ", " + inner + ")";
  }
}
