package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Applies a function to every coordinate: equivariant where the group permutes the coordinates, as
 * in a regular representation.
 *
 * <p>Where it permutes them up to sign, the function must be odd. On any other representation the
 * layer is refused: use {@link NormNonlinearity}, {@link GatedNonlinearity} or {@link
 * FourierNonlinearity}.
 */
public final class PointwiseNonlinearity extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<PointwiseNonlinearity> TYPE =
      LayerType.independentOfBases(PointwiseNonlinearity.class)
          .representation("in", PointwiseNonlinearity::in)
          .setting("activation", layer -> layer.activation)
          .builds(
              s ->
                  new PointwiseNonlinearity(
                      s.representation("in"), s.constant(Activation.class, "activation")));

  private final Activation activation;

  /**
   * A nonlinearity without parameters.
   *
   * @param representation how the features transform
   * @param activation the function
   * @throws IllegalArgumentException if the function of every coordinate does not commute with the
   *     group
   */
  public PointwiseNonlinearity(Representation representation, Activation activation) {
    super(representation, representation);
    Optional<SignedPermutations> moves = SignedPermutations.of(representation);
    require(
        moves.isPresent(),
        "a pointwise %s breaks the symmetry of %s: the group does not permute its coordinates; use "
            + "a norm, gated or Fourier nonlinearity",
        activation,
        representation);
    require(
        moves.get().isUnsigned() || activation.isOdd(),
        "a pointwise %s breaks the symmetry of %s: the group changes signs and %s is not odd; use "
            + "tanh, or a norm, gated or Fourier nonlinearity",
        activation,
        representation,
        activation);
    this.activation = activation;
  }

  @Override
  protected Tensor compute(Tensor input) {
    return activation.apply(input);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.apply(activation, x);
  }

  @Override
  public String toString() {
    return "PointwiseNonlinearity(" + activation + ", " + in() + ")";
  }
}
