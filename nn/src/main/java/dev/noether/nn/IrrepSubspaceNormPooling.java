package dev.noether.nn;

import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Invariant features: the length of every copy of every irrep.
 *
 * <p>It drops the sign of trivial features, which are invariant already, and the angles between
 * copies; it is what the Python package computes. Without gradient at zero, where a length has
 * none.
 */
public final class IrrepSubspaceNormPooling extends Layer implements EquivariantLayer, PlainLayer {
  /** Below this squared length a copy counts as zero. */
  private static final double SMALLEST = 1e-30;

  private final Representation representation;
  private final Representation invariant;
  private final IrrepCopies copies;

  /**
   * The pooling of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public IrrepSubspaceNormPooling(Representation representation, Dtype dtype) {
    this.representation = representation;
    copies = new IrrepCopies(representation, dtype);
    invariant = Representation.trivial(representation.group()).times(copies.count());
    copies.buffers().forEach((name, b) -> registerBuffer(name, b, false));
  }

  @Override
  public Representation in() {
    return representation;
  }

  /**
   * How outputs transform: not at all.
   *
   * @return one trivial irrep for every copy of the input, in their order
   */
  @Override
  public Representation out() {
    return invariant;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in().size(), "in.size()", in(), copies.like());
    return Scopes.compute(
        () -> copies.squares(copies.spectrum(input)).clamp_min(new Scalar(SMALLEST)).sqrt());
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V spectrum = copies.plainSpectrum(graph, x);
    V squares = copies.plainSquares(graph, spectrum);
    V small = graph.number(SMALLEST);
    V inside = graph.add(squares, small);
    return graph.multiply(inside, graph.rsqrt(inside));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("in", representation));
  }

  @Override
  public String toString() {
    return "IrrepSubspaceNormPooling(" + representation + ")";
  }
}
