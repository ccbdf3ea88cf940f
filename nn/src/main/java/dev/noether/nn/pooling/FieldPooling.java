package dev.noether.nn.pooling;

import dev.noether.grid.FieldGroups;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainFields;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.Collections;
import org.bytedeco.pytorch.Tensor;

/** One invariant channel for every field. */
abstract class FieldPooling extends EquivariantLayer implements PlainLayer {
  private final FieldType type;
  private final FieldGroups<Integer> groups;

  FieldPooling(FieldType type) {
    super(type, invariants(type));
    this.type = type;
    groups = FieldGroups.bySize(type);
    registerBuffers("groups.", groups.buffers());
    for (FieldGroups.Group<Integer> group : groups.groups()) {
      registerDerived("in_indices_" + group.key(), () -> FieldGroups.compact(group.channels()));
      registerDerived("out_indices_" + group.key(), () -> FieldGroups.compact(group.fields()));
    }
  }

  private static FieldType invariants(FieldType type) {
    Field one = type.space().trivialField();
    return new FieldType(type.space(), Collections.nCopies(type.fields().size(), one));
  }

  /** The fields of the input. */
  final FieldType type() {
    return type;
  }

  /** {@code [..., fields, size, grid]} to {@code [..., fields, grid]}, along the given axis. */
  abstract Tensor pooled(Tensor fields, int axis);

  @Override
  protected final Tensor compute(Tensor input) {
    return groups.reduce(input, (group, fields) -> pooled(fields, groups.axis()));
  }

  /** {@code [..., fields, size]} to {@code [..., fields, 1]}. */
  abstract <V> V plainPooled(PlainGraph<V> graph, V fields, int size);

  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    V last = axes().to(Axes.FEATURES, graph, x);
    V pooled =
        new PlainFields<>(graph, groups)
            .map(last, true, (group, fields) -> plainPooled(graph, fields, group.size()));
    return Axes.FEATURES.to(axes(), graph, pooled);
  }
}
