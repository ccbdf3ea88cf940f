package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of fields over the plane or space seen under a smaller group: what commutes with D_16
 * commutes with C_16 too. The first part of a network whose symmetry is larger than that of the
 * rest, as with escnn's {@code RestrictionModule}:
 *
 * <pre>{@code
 * EquivariantSequential.of(new Restricted(first, Space.cyclic(16)), new Disentangle(...), ...)
 * }</pre>
 *
 * <p>Function, weights and their names are those of the layer inside.
 */
public final class Restricted extends EquivariantLayer {
  /** How an architecture describes it. */
  public static final LayerType<Restricted> TYPE =
      LayerType.independentOfBases(Restricted.class)
          .layers(layer -> java.util.List.of(layer.inner))
          .representation("group", layer -> Representation.trivial(layer.space.group()))
          .setting("action", layer -> layer.space.action())
          .builds(
              s -> {
                require(
                    s.layers().size() == 1,
                    "a restriction holds one layer, got %d",
                    s.layers().size());
                return new Restricted(
                    s.equivariantLayers().get(0),
                    Space.parse(s.representation("group").group(), s.text("action")));
              });

  private final EquivariantLayer inner;
  private final Space space;

  /**
   * A layer under a smaller group.
   *
   * @param inner the layer, of fields
   * @param space the plane or space with the smaller group
   * @throws IllegalArgumentException if the layer is of no fields, or the group does not lie in the
   *     layer's
   */
  public Restricted(EquivariantLayer inner, Space space) {
    super(fields(inner, true).restrict(space), fields(inner, false).restrict(space));
    this.inner = registerPart(inner);
    this.space = space;
  }

  private static FieldType fields(EquivariantLayer inner, boolean first) {
    return requirePresent(
        (first ? inner.inFields() : inner.outFields()).orElse(null),
        "only a layer of fields over the plane or space can be restricted, got %s",
        inner);
  }

  /**
   * The layer that commutes with the larger group.
   *
   * @return the layer
   */
  public EquivariantLayer inner() {
    return inner;
  }

  @Override
  protected Tensor compute(Tensor input) {
    return inner.forward(input);
  }

  @Override
  public String toString() {
    return "Restricted(" + inner + " to " + space + ")";
  }
}
