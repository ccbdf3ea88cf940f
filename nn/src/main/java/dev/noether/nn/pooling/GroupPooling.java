package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.SignedPermutations;
import org.bytedeco.pytorch.Tensor;

/**
 * The largest channel of every field over the plane or space: one invariant channel for each, as
 * escnn's {@code GroupPooling}.
 *
 * <p>Needs fields whose channels the group permutes, such as regular and quotient ones. Where
 * several channels are largest they share the gradient.
 *
 * <p>Names in the state dict, for each size S of fields: {@code in_indices_S}, {@code
 * out_indices_S}.
 */
public final class GroupPooling extends FieldPooling {
  /** How an architecture describes it. */
  public static final LayerType<GroupPooling> TYPE =
      LayerType.independentOfBases(GroupPooling.class)
          .fields("in", FieldPooling::type)
          .builds(s -> new GroupPooling(s.fields("in")));

  /**
   * A pooling without parameters.
   *
   * @param type the fields
   * @throws IllegalArgumentException if the group does not permute the channels of a field
   */
  public GroupPooling(FieldType type) {
    super(
        requirePermuted(
            requireSpace(type, GroupPooling.class), "the largest channel", "NormPooling"));
  }

  /** The type, if its channels are permuted. */
  static FieldType requirePermuted(FieldType type, String what, String instead) {
    for (Field field : type.kinds()) {
      require(
          SignedPermutations.of(field.representation())
              .filter(SignedPermutations::isUnsigned)
              .isPresent(),
          "%s breaks the symmetry of the field %s (%s): the group does not permute its channels;"
              + " use %s",
          what,
          field,
          field.representation(),
          instead);
    }
    return type;
  }

  @Override
  Tensor pooled(Tensor fields, int axis) {
    return fields.amax(new long[] {axis}, false);
  }

  @Override
  <V> V plainPooled(PlainGraph<V> graph, V fields, int size) {
    return graph.largest(fields);
  }

  @Override
  public String toString() {
    return "GroupPooling(" + type() + ")";
  }
}
