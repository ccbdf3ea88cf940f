package dev.noether.nn.pooling;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainCopies;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.CopiesInARow;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Invariant features: the length of every copy of every irrep.
 *
 * <p>It drops the sign of trivial features, which are invariant already, and the angles between
 * copies; it is what the Python package computes. Without gradient at zero, where a length has
 * none.
 */
public final class IrrepSubspaceNormPooling extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<IrrepSubspaceNormPooling> TYPE =
      LayerType.of(IrrepSubspaceNormPooling.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", IrrepSubspaceNormPooling::in)
          .builds(s -> new IrrepSubspaceNormPooling(s.representation("in"), s.dtype()));

  /** Below this squared length a copy counts as zero. */
  private static final double SMALLEST = 1e-30;

  private final CopiesInARow copies;

  /**
   * The pooling of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public IrrepSubspaceNormPooling(Representation representation, Dtype dtype) {
    super(representation, invariant(requireSpace(representation, IrrepSubspaceNormPooling.class)));
    copies = new CopiesInARow(representation, dtype);
    registerBuffers("copies.", copies.buffers());
  }

  /**
   * The pooling of a representation, in float32.
   *
   * @param representation how the features transform
   */
  public IrrepSubspaceNormPooling(Representation representation) {
    this(representation, Dtype.FLOAT32);
  }

  /** One trivial irrep for every copy of the input, in their order. */
  private static Representation invariant(Representation representation) {
    return Representation.trivial(representation.group()).times(representation.irreps().size());
  }

  @Override
  protected Tensor compute(Tensor input) {
    Tensor lengths = copies.squares(copies.enter(input)).clamp_min(new Scalar(SMALLEST)).sqrt();
    return Tensors.inDtypeOf(input, lengths);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    PlainCopies<V> plain = new PlainCopies<>(graph, copies);
    V squares = plain.squares(plain.enter(x));
    V small = graph.number(SMALLEST);
    V inside = graph.add(squares, small);
    return graph.multiply(inside, graph.rsqrt(inside));
  }

  @Override
  public String toString() {
    return "IrrepSubspaceNormPooling(" + in() + ")";
  }
}
