package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.FieldGroups;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainFields;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Changes the length of every field over the plane or space and keeps its direction: y = f(|x| -
 * exp(b)) x / |x|, with a logarithmic bias b for every field that trains and starts at zero, as
 * escnn's {@code NormNonLinearity}. For any fields; a field shorter than 1e-10 becomes zero.
 *
 * <p>Compare {@link NormNonlinearity}, which treats every copy of every irrep by itself.
 *
 * <p>The biases are dealt out by the size of fields: first to the smallest ones, in the order of
 * the type. Names in the state dict: {@code log_bias} {@code [1, fields, 1, 1]}, {@code eps},
 * {@code indices_S} for each size S.
 */
public final class FieldNormNonlinearity extends EquivariantLayer implements PlainLayer {
  /** The function of the length. */
  public enum Function {
    /** max(t, 0). */
    RELU,
    /** 1 / (1 + exp(-t)). */
    SIGMOID,
    /** log(1 + exp(t)). */
    SOFTPLUS,
    /** t / (1 + t), without a bias. */
    SQUASH;

    private Tensor apply(Tensor lengths) {
      return switch (this) {
        case RELU -> lengths.relu();
        case SIGMOID -> lengths.sigmoid();
        case SOFTPLUS -> torch.softplus(lengths);
        case SQUASH -> lengths.div(lengths.add(new Scalar(1)));
      };
    }

    private <V> V plain(PlainGraph<V> graph, V lengths) {
      return switch (this) {
        case RELU -> graph.apply(Activation.RELU, lengths);
        case SIGMOID -> graph.apply(Activation.SIGMOID, lengths);
        case SOFTPLUS -> graph.apply(Activation.SOFTPLUS, lengths);
        case SQUASH -> {
          V more = graph.add(lengths, graph.number(1));
          yield graph.multiply(lengths, graph.rsqrt(graph.multiply(more, more)));
        }
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How an architecture describes it. */
  public static final LayerType<FieldNormNonlinearity> TYPE =
      LayerType.independentOfBases(FieldNormNonlinearity.class)
          .fields("in", layer -> layer.type)
          .setting("function", layer -> layer.function, Function.RELU)
          .setting("bias", layer -> layer.logBias != null, true)
          .builds(
              s ->
                  new FieldNormNonlinearity(
                      s.fields("in"),
                      s.constant(Function.class, "function"),
                      s.flag("bias"),
                      s.dtype()));

  private static final double EPS = 1e-10;

  /** Below this squared length a field counts as zero. */
  private static final double SMALLEST = 1e-30;

  private final FieldType type;
  private final Function function;
  private final FieldGroups<Integer> groups;
  private final @Nullable Parameter logBias;

  /**
   * A nonlinearity.
   *
   * @param type the fields
   * @param function the function of the length
   * @param bias whether every field has a bias
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if there is a bias under {@link Function#SQUASH}
   */
  public FieldNormNonlinearity(FieldType type, Function function, boolean bias, Dtype dtype) {
    super(type, type);
    require(
        function != Function.SQUASH || !bias,
        "squash has no bias: it must vanish at length zero; make the layer without one");
    this.type = type;
    this.function = function;
    groups = FieldGroups.bySize(type);
    registerBuffers("groups.", groups.buffers());
    long[] shape = new long[type.space().dimension() + 2];
    Arrays.fill(shape, 1);
    shape[1] = type.fields().size();
    logBias =
        bias
            ? registerParameter(
                "log_bias", Tensors.of(dtype, new double[type.fields().size()], shape))
            : null;
    registerFixed("eps", Tensors.of(dtype, new double[] {EPS}));
    groups
        .groups()
        .forEach(
            group ->
                registerDerived(
                    "indices_" + group.key(), () -> FieldGroups.compact(group.channels())));
  }

  /**
   * A ReLU of the length with biases, in float32.
   *
   * @param type the fields
   */
  public FieldNormNonlinearity(FieldType type) {
    this(type, Function.RELU, true, Dtype.FLOAT32);
  }

  @Override
  protected Tensor compute(Tensor given) {
    Tensor input = Tensors.wide(given); // factors of short fields have no place in 16 bits
    int axis = groups.axis();
    Tensor lengths =
        groups.reduce(
            input,
            (group, fields) -> fields.mul(fields).sum(axis).clamp_min(new Scalar(SMALLEST)).sqrt());
    Tensor shifted = logBias == null ? lengths : lengths.sub(bias(logBias.value()));
    Tensor factors = function.apply(shifted).div(lengths.clamp_min(new Scalar(EPS)));
    Tensor kept = lengths.gt(new Scalar(EPS)).to(factors.scalar_type());
    return Tensors.inDtypeOf(given, groups.scaled(input, factors.mul(kept)));
  }

  private Tensor bias(Tensor numbers) {
    Tensor ordered = groups.inOrderOfFields(numbers, 1);
    return ordered.exp().reshape(groups.onGrid(ordered.size(1)));
  }

  /** A field of no length is multiplied by a finite factor, which leaves it zero. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    PlainFields<V, Integer> plain = new PlainFields<>(graph, groups);
    V last = axes().to(Axes.FEATURES, graph, x);
    V squares =
        plain.map(
            last,
            true,
            (group, fields) ->
                graph.multiply(
                    graph.mean(graph.multiply(fields, fields)), graph.number(group.size())));
    V inside = graph.add(squares, graph.number(SMALLEST));
    V inverse = graph.rsqrt(inside);
    V lengths = graph.multiply(inside, inverse);
    V shifted = lengths;
    if (logBias != null) {
      Tensor own = groups.inOrderOfFields(logBias.value(), 1).flatten().exp().neg();
      shifted = graph.add(lengths, graph.constant("bias", own));
    }
    V factors = graph.multiply(function.plain(graph, shifted), inverse);
    V scaled = graph.multiply(last, plain.spread(factors));
    return Axes.FEATURES.to(axes(), graph, scaled);
  }

  @Override
  public String toString() {
    return "FieldNormNonlinearity(" + function + ", " + type + ")";
  }
}
