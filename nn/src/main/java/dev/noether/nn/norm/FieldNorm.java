package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.grid.FieldGroups;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainFields;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Normalises every field at every place by itself, as escnn's {@code FieldNorm}: subtracts its
 * projection onto the invariant vectors, divides by the root of the mean of its squares, then
 * scales and adds an invariant bias. Needs no batch, and is the same in training and evaluation.
 *
 * <p>A trivial field is nothing but its projection, so only its bias is left of it: keep trivial
 * fields out, or take {@link InnerBatchNorm}. Gradients go through the lengths, which escnn takes
 * for constants.
 *
 * <p>Names in the state dict, for each name of fields: {@code NAME_weight} {@code [fields, 1]} and,
 * where a field has invariant vectors, {@code NAME_bias} {@code [fields, vectors]}, {@code
 * NAME_avg}, {@code NAME_change_of_basis}.
 */
public final class FieldNorm extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<FieldNorm> TYPE =
      LayerType.of(FieldNorm.class, layer -> List.of(new BasisUse.Unstored()))
          .fields("in", layer -> layer.type)
          .setting("eps", layer -> layer.eps, 1e-5)
          .setting("affine", layer -> layer.affine, true)
          .builds(s -> new FieldNorm(s.fields("in"), s.number("eps"), s.flag("affine"), s.dtype()));

  private final FieldType type;
  private final double eps;
  private final boolean affine;
  private final FieldGroups<String> groups;
  private final List<Kind> kinds = new ArrayList<>();

  /** What belongs to the fields of one name. */
  private record Kind(
      @Nullable Tensor projection,
      @Nullable Tensor vectors,
      @Nullable Parameter weight,
      @Nullable Parameter bias) {}

  /**
   * A layer whose weights are one and biases zero at first.
   *
   * @param type the fields
   * @param eps what is added to the mean of the squares, above 0 and below 1
   * @param affine whether weights and biases that train follow
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if eps is out of range, or fields of one name differ
   */
  public FieldNorm(FieldType type, double eps, boolean affine, Dtype dtype) {
    super(type, type);
    NormOptions.requireEps(eps);
    requireOneKindOfEachName(type);
    this.type = type;
    this.eps = eps;
    this.affine = affine;
    groups = FieldGroups.byName(type);
    registerBuffers("groups.", groups.buffers());
    for (FieldGroups.Group<String> group : groups.groups()) {
      kinds.add(register(group, type.fields().get(group.fields().get(0)), dtype));
    }
  }

  /**
   * A layer in float32 with eps 1e-5, weights and biases.
   *
   * @param type the fields
   * @throws IllegalArgumentException if fields of one name differ
   */
  public FieldNorm(FieldType type) {
    this(type, 1e-5, true, Dtype.FLOAT32);
  }

  private static void requireOneKindOfEachName(FieldType type) {
    Map<String, Field> known = new HashMap<>();
    for (Field field : type.fields()) {
      Field other = known.putIfAbsent(field.name(), field);
      require(
          other == null || other.equals(field),
          "fields of one name must be of one kind, because weights have their names: two fields are"
              + " called '%s' and differ; rename one with named(...)",
          field);
    }
  }

  private Kind register(FieldGroups.Group<String> group, Field field, Dtype dtype) {
    Matrix own = field.invariants();
    String name = group.key();
    int count = group.count();
    int vectors = own.columns();
    Parameter weight =
        affine ? registerWithoutDecay(name + "_weight", filled(dtype, 1, count, 1)) : null;
    if (vectors == 0) {
      return new Kind(null, null, weight, null);
    }
    Tensor average = registerFixed(name + "_avg", dtype, own.timesTranspose(own));
    Tensor basis = registerFixed(name + "_change_of_basis", dtype, own);
    Parameter bias =
        affine ? registerParameter(name + "_bias", filled(dtype, 0, count, vectors)) : null;
    return new Kind(average, basis, weight, bias);
  }

  private static Tensor filled(Dtype dtype, double value, int rows, int columns) {
    double[] values = new double[rows * columns];
    Arrays.fill(values, value);
    return Tensors.of(dtype, values, rows, columns);
  }

  @Override
  protected Tensor compute(Tensor input) {
    return groups.map(
        input, (group, fields) -> normalised(fields, kinds.get(groups.groups().indexOf(group))));
  }

  /** {@code [..., fields, size, grid]}; channels are last inside. */
  private Tensor normalised(Tensor fields, Kind kind) {
    int axis = groups.axis();
    Tensor last = fields.movedim(axis, -1);
    Tensor centred = kind.projection == null ? last : last.sub(last.matmul(kind.projection));
    Tensor x = Tensors.wide(centred);
    Tensor squares = x.mul(x).mean(new long[] {-1}, true, new ScalarTypeOptional());
    Tensor factors = squares.add(new Scalar(eps)).rsqrt();
    Tensor result = centred.mul(Tensors.inDtypeOf(centred, factors));
    if (kind.weight != null) {
      result =
          result.mul(kind.weight.value().reshape(groups.onGrid(kind.weight.value().size(0), 1)));
    }
    if (kind.bias != null && kind.vectors != null) {
      Tensor shift = kind.bias.value().matmul(kind.vectors.t());
      result = result.add(shift.reshape(groups.onGrid(shift.size(0), shift.size(1))));
    }
    return result.movedim(-1, axis);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V last = axes().to(Axes.FEATURES, graph, x);
    V result =
        new PlainFields<>(graph, groups)
            .map(
                last,
                false,
                (group, fields) -> {
                  Kind kind = kinds.get(groups.groups().indexOf(group));
                  return plainNormalised(graph.at(group.key()), fields, kind);
                });
    return Axes.FEATURES.to(axes(), graph, result);
  }

  private <V> V plainNormalised(PlainGraph<V> graph, V fields, Kind kind) {
    V centred = fields;
    if (kind.projection != null) {
      V means = graph.matmul(fields, graph.constant("avg", kind.projection.neg()));
      centred = graph.add(fields, means);
    }
    V squares = graph.mean(graph.multiply(centred, centred));
    V result = graph.multiply(centred, graph.rsqrt(graph.add(squares, graph.number(eps))));
    if (kind.weight != null) {
      result = graph.multiply(result, graph.constant("weight", kind.weight.value()));
    }
    if (kind.bias != null && kind.vectors != null) {
      Tensor shift = kind.bias.value().matmul(kind.vectors.t());
      result = graph.add(result, graph.constant("bias", shift));
    }
    return result;
  }

  @Override
  public String toString() {
    return "FieldNorm(" + type + ")";
  }
}
