package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
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
public final class PointwiseNonlinearity extends Layer implements EquivariantLayer, PlainLayer {
  private final Representation representation;
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
    this.representation = representation;
    this.activation = activation;
  }

  @Override
  public Representation in() {
    return representation;
  }

  @Override
  public Representation out() {
    return representation;
  }

  @Override
  public Tensor forward(Tensor input) {
    require(
        input.dim() >= 1 && input.size(-1) == representation.size(),
        "last axis must be in.size() = %d (%s), got %s",
        representation.size(),
        representation,
        Arrays.toString(Tensors.shape(input)));
    return Scopes.compute(() -> activation.apply(input));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.apply(activation, x);
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(
        Architecture.of(this).with("in", representation).with("activation", activation));
  }

  @Override
  public String toString() {
    return "PointwiseNonlinearity(" + activation + ", " + representation + ")";
  }
}
