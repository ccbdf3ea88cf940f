package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer seen under a smaller group: what commutes with D_16 commutes with C_16 too. The first
 * part of a network whose symmetry is larger than that of the rest, as with escnn's {@code
 * RestrictionModule}:
 *
 * <pre>{@code
 * EquivariantSequential.of(new Restricted(first, Space.cyclic(16)), new Disentangle(...), ...)
 * }</pre>
 *
 * <p>Function, weights and their names are those of the layer inside.
 */
public final class Restricted extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<Restricted> TYPE =
      LayerType.independentOfBases(Restricted.class)
          .layers(layer -> List.of(layer.inner))
          .optional(
              "group",
              layer ->
                  Optional.ofNullable(layer.space)
                      .map(space -> Representation.trivial(space.group())))
          .optional("in", layer -> layer.features(layer.in()))
          .optional("out", layer -> layer.features(layer.out()))
          .setting("action", layer -> layer.space == null ? "" : layer.space.action(), "")
          .builds(Restricted::built);

  private static final double TOLERANCE = 1e-9;

  private final EquivariantLayer inner;
  private final @Nullable Space space;

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

  /**
   * A layer of features under a smaller group.
   *
   * @param inner the layer, of no fields
   * @param in how its inputs transform under the smaller group: the same matrices for its elements
   * @param out how its outputs do
   * @throws IllegalArgumentException if the layer is of fields, sizes differ, or an element of the
   *     smaller group acts as none of the larger one, where that is finite
   */
  public Restricted(EquivariantLayer inner, Representation in, Representation out) {
    super(in, out, inner.axes());
    require(
        inner.inFields().isEmpty() && inner.outFields().isEmpty(),
        "a layer of fields over the plane or space is restricted with a Space, got %s",
        inner);
    requireSame(inner.in(), in);
    requireSame(inner.out(), out);
    if (inner.in().group() instanceof FiniteGroup large) {
      FiniteGroup small = in.finiteGroup();
      for (int generator : small.generators()) {
        Matrix left = in.at(small.element(generator));
        Matrix right = out.at(small.element(generator));
        require(
            large.elements().stream()
                .anyMatch(
                    g ->
                        inner.in().at(g).distance(left) <= TOLERANCE
                            && inner.out().at(g).distance(right) <= TOLERANCE),
            "%s is no group inside %s: no element acts as %s does on the inputs and outputs of %s",
            small,
            large,
            small.element(generator),
            inner);
      }
    }
    this.inner = registerPart(inner);
    space = null;
  }

  private static void requireSame(Representation inner, Representation restricted) {
    require(
        inner.size() == restricted.size(),
        "the restriction of %s has its size %d, got %s",
        inner,
        inner.size(),
        restricted);
  }

  private static Restricted built(Settings settings) {
    require(
        settings.layers().size() == 1,
        "a restriction holds one layer, got %d",
        settings.layers().size());
    EquivariantLayer inner = settings.equivariantLayers().get(0);
    Optional<Representation> group = settings.optional("group");
    return group.isPresent()
        ? new Restricted(inner, Space.parse(group.get().group(), settings.text("action")))
        : new Restricted(inner, settings.representation("in"), settings.representation("out"));
  }

  private Optional<Representation> features(Representation own) {
    return space == null ? Optional.of(own) : Optional.empty();
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

  /** That of the layer inside: places come after samples and features. */
  @Override
  protected long exampleTime() {
    return inner.equivariance().stream()
        .flatMapToLong(
            claim -> Arrays.stream(Tensors.shape(claim.inputs().get(0).example())).skip(2))
        .max()
        .orElse(super.exampleTime());
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(
        inner instanceof PlainLayer, "%s tells nobody how it is plain operations", (Object) inner);
    return ((PlainLayer) inner).plain(graph, x);
  }

  @Override
  public String toString() {
    return "Restricted(" + inner + " to " + (space == null ? in().group() : space) + ")";
  }
}
