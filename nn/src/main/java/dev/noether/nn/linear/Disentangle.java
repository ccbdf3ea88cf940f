package dev.noether.nn.linear;

import dev.noether.algebra.Matrix;
import dev.noether.grid.FieldGroups;
import dev.noether.kernel.Disentangling;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Reorders the channels of fields over the plane or space so that what no element of the group
 * mixes becomes a field of its own, as escnn's {@code DisentangleModule}. What follows {@link
 * Restricted}: more layers know what to do with a regular field than with a restricted one.
 *
 * <p>Names in the state dict, for each name of fields: {@code change_of_basis_NAME}, {@code
 * fiber_indices_NAME}.
 */
public final class Disentangle extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<Disentangle> TYPE =
      LayerType.of(Disentangle.class, layer -> List.of(new BasisUse.Unstored()))
          .fields("in", layer -> layer.parts.in())
          .builds(s -> new Disentangle(s.fields("in"), s.dtype()));

  private final Disentangling parts;
  private final Tensor order;

  /**
   * A layer without parameters.
   *
   * @param type the fields
   * @param dtype the dtype of the layer
   */
  public Disentangle(FieldType type, Dtype dtype) {
    this(Disentangling.of(requireSpace(type, Disentangle.class)), dtype);
  }

  /**
   * A layer in float32.
   *
   * @param type the fields
   */
  public Disentangle(FieldType type) {
    this(type, Dtype.FLOAT32);
  }

  private Disentangle(Disentangling parts, Dtype dtype) {
    super(parts.in(), parts.out());
    this.parts = parts;
    long[] places = parts.order().stream().mapToLong(Integer::longValue).toArray();
    order = registerBuffer("order", Tensors.of(places, places.length), false);
    for (FieldGroups.Group<String> group : FieldGroups.byName(parts.in()).groups()) {
      Field field = parts.in().fields().get(group.fields().get(0));
      registerDerived("fiber_indices_" + group.key(), () -> FieldGroups.compact(group.channels()));
      registerFixed("change_of_basis_" + group.key(), dtype, permutation(field));
    }
  }

  private Matrix permutation(Field field) {
    Disentangling own = Disentangling.of(new FieldType(parts.in().space(), List.of(field)));
    int size = field.size();
    double[] entries = new double[size * size];
    IntStream.range(0, size).forEach(row -> entries[row * size + own.order().get(row)] = 1);
    return Matrix.of(size, size, entries);
  }

  @Override
  protected Tensor compute(Tensor input) {
    return input.index_select(-1 - parts.in().space().dimension(), order);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    long[] places = parts.order().stream().mapToLong(Integer::longValue).toArray();
    V sorted = graph.select(axes().to(Axes.FEATURES, graph, x), places);
    return Axes.FEATURES.to(axes(), graph, sorted);
  }

  @Override
  public String toString() {
    return "Disentangle(" + parts.in() + " -> " + parts.out() + ")";
  }
}
