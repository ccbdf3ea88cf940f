package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.kernel.FieldType;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer f with f(rho_in(g) x) = rho_out(g) f(x) for every element g of a group.
 *
 * <p>A layer of one's own says how its input and output transform, and its formula in {@link
 * #compute}; the check of the input and the native memory are taken care of here.
 *
 * <pre>{@code
 * final class Doubling extends EquivariantLayer {
 *   Doubling(Representation rho) {
 *     super(rho, rho);
 *   }
 *
 *   @Override
 *   protected Tensor compute(Tensor x) {
 *     return x.add(x);
 *   }
 * }
 * }</pre>
 */
public abstract class EquivariantLayer extends Layer implements Forward {
  /** Samples in an example, and steps of time where nothing asks for more. */
  private static final int EXAMPLE = 4;

  private static final long EXAMPLE_TIME = 8;
  private static final long EXAMPLE_SIDE = 5;

  private final Representation in;
  private final Representation out;
  private final Axes axes;
  private final @Nullable FieldType inFields;
  private final @Nullable FieldType outFields;
  private @Nullable Kind kind;

  /** The first floating-point tensor, if there is one. */
  private record Kind(Optional<Tensor> tensor) {}

  /**
   * A layer whose features are on the last axis.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @throws IllegalArgumentException if one is missing or the groups differ
   */
  protected EquivariantLayer(Representation in, Representation out) {
    this(in, out, Axes.FEATURES);
  }

  /**
   * A layer.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param axes what the axes of inputs and outputs are
   * @throws IllegalArgumentException if one is missing or the groups differ
   */
  protected EquivariantLayer(Representation in, Representation out, Axes axes) {
    this(in, out, axes, null, null);
  }

  /**
   * A layer of fields on the plane or in space, where the group moves the places as well: (g x)(p)
   * = rho(g) x(g^-1 p).
   *
   * @param in the fields of inputs, {@code [batch, in.size, height, width]} or {@code [batch,
   *     in.size, depth, height, width]}
   * @param out the fields of outputs
   * @throws IllegalArgumentException if they live on different spaces
   */
  protected EquivariantLayer(FieldType in, FieldType out) {
    this(
        requirePresent(in, "a layer of fields needs those of its input, got null").representation(),
        requirePresent(out, "a layer of fields needs those of its output, got null")
            .representation(),
        Axes.ofGrid(in.space().dimension()),
        in,
        out);
  }

  /**
   * A layer that holds others, some of which may be of fields.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param axes what the axes of inputs and outputs are
   * @param inFields the fields of inputs, or null where the group moves no places
   * @param outFields the fields of outputs, or null likewise
   * @throws IllegalArgumentException if the groups or the spaces differ
   */
  protected EquivariantLayer(
      Representation in,
      Representation out,
      Axes axes,
      @Nullable FieldType inFields,
      @Nullable FieldType outFields) {
    this.in = requirePresent(in, "%s needs the representation of its input, got null", getClass());
    this.out =
        requirePresent(out, "%s needs the representation of its output, got null", getClass());
    this.axes = requirePresent(axes, "%s needs to know its axes, got null", getClass());
    require(
        in.group().equals(out.group()),
        "in and out must be representations of one group, got %s and %s",
        in,
        out);
    if (inFields != null && outFields != null) {
      inFields.requireSameSpace(outFields);
    }
    this.inFields = inFields;
    this.outFields = outFields;
    LibTorch.load();
  }

  /**
   * How inputs transform.
   *
   * @return the representation on the features of the input
   */
  public final Representation in() {
    return in;
  }

  /**
   * The same as {@link #in}, which is a keyword of Kotlin.
   *
   * @return how inputs transform
   */
  public final Representation inRep() {
    return in;
  }

  /**
   * How outputs transform.
   *
   * @return the representation on the features of the output
   */
  public final Representation out() {
    return out;
  }

  /**
   * The same as {@link #out}, beside {@link #inRep}.
   *
   * @return how outputs transform
   */
  public final Representation outRep() {
    return out;
  }

  /**
   * The fields of inputs over the plane or over space.
   *
   * @return the type; empty where the group moves no places
   */
  public final Optional<FieldType> inFields() {
    return Optional.ofNullable(inFields);
  }

  /**
   * The fields of outputs over the plane or over space.
   *
   * @return the type; empty where the group moves no places
   */
  public final Optional<FieldType> outFields() {
    return Optional.ofNullable(outFields);
  }

  /**
   * What the axes of inputs and outputs are.
   *
   * @return features last, unless the layer needs to know where time is
   */
  public final Axes axes() {
    return axes;
  }

  /**
   * Applies the layer.
   *
   * @param input {@code [..., in.size]}, or as {@link #axes} says
   * @return {@code [..., out.size]}
   * @throws IllegalArgumentException if the features, the dtype or the device do not fit
   */
  @Override
  public final Tensor forward(Tensor input) {
    requireInput(input);
    return computed(
        input,
        () -> {
          Tensor output = compute(input);
          return output.equals(input) ? input.alias() : output;
        });
  }

  @Override
  public final EquivariantLayer copy() {
    return (EquivariantLayer) super.copy();
  }

  /**
   * The layer's formula; the input has been checked, and what is made on the way is freed.
   *
   * @param input {@code [..., in.size]}, or as {@link #axes} says
   * @return a new tensor, or the input itself, {@code [..., out.size]}
   */
  protected abstract Tensor compute(Tensor input);

  /** Checks features, dtype and device. */
  final void requireInput(Tensor input) {
    requireInput(input, in, axes);
  }

  /**
   * Checks a further input.
   *
   * @param input the tensor
   * @param representation how it transforms
   * @param where what its axes are
   * @throws IllegalArgumentException if the features, the dtype or the device do not fit
   */
  protected final void requireInput(Tensor input, Representation representation, Axes where) {
    if (kind().isEmpty()) {
      Tensors.requireFloatingPoint(input);
    }
    Tensor like = kind().orElse(input);
    if (where.featureAxis() == -1) {
      Tensors.requireInput(input, representation.size(), "in.size()", representation, like);
      return;
    }
    long[] shape = Tensors.shape(input);
    int featureAxis = shape.length + where.featureAxis();
    if (featureAxis < 0 || featureAxis > 1 || shape[featureAxis] != representation.size()) {
      require(
          false,
          "input must be [%s] with in.size() = %d (%s), got %s",
          String.join(", ", where.names()).replace(", ,", ", in.size(),"),
          representation.size(),
          representation,
          Arrays.toString(shape));
    }
    Tensors.requireInput(input, shape[shape.length - 1], "time", this, like);
  }

  /**
   * A tensor of the layer's dtype and device, which stay one tensor for life.
   *
   * @return the first floating-point tensor of this layer or below; empty where there is none
   */
  protected final Optional<Tensor> kind() {
    Kind known = kind;
    if (known == null) {
      known = new Kind(like());
      kind = known;
    }
    return known.tensor;
  }

  /**
   * The input of the plain form.
   *
   * @return one port, {@code input}
   */
  public List<Port> inputs() {
    return List.of(new Port("input", axes, in.size()));
  }

  /**
   * The output of the plain form.
   *
   * @return the port {@code output}
   */
  public Port output() {
    return new Port("output", axes, out.size());
  }

  /**
   * How many steps of time, or cells of a side of a grid, an example needs.
   *
   * @return 8, on a grid 5; more for layers that reach further
   */
  protected long exampleTime() {
    return axes.gridDimension() > 0 ? EXAMPLE_SIDE : EXAMPLE_TIME;
  }

  /**
   * How many samples an example has; to attention they are steps of time.
   *
   * @return 4, on a grid 1; fewer for layers that know so many steps only
   */
  protected long exampleSamples() {
    return axes.gridDimension() > 0 ? 1 : EXAMPLE;
  }

  /** This layer as a function of its input, with four samples in its dtype and on its device. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    long[] shape = new long[1 - axes.featureAxis()];
    Arrays.fill(shape, exampleTime());
    shape[0] = exampleSamples();
    shape[1] = in.size();
    EquivariantFunction.Input input =
        new EquivariantFunction.Input(
            in, axes, EquivariantFunction.random(kind(), shape), inFields());
    return Optional.of(
        new EquivariantFunction(
            List.of(input), out, axes, outFields(), tensors -> forward(tensors.get(0))));
  }

  /** The class, and how inputs and outputs transform. */
  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + (in.equals(out) ? in : in + " -> " + out) + ")";
  }
}
