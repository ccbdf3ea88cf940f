package dev.noether.nn.activation;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A pointwise function on any representation: reads the features as Fourier coefficients of
 * functions on the group, applies the function to their values, and takes the coefficients again.
 *
 * <p>The features are embedded isometrically, A, into the fewest copies of the regular
 * representation that hold their irreps; there the group permutes the coordinates. y = A^T f(A x)
 * is equivariant exactly, because the group is finite and every element is a sample. See Cesa, Lang
 * and Weiler, <em>A Program to Build E(N)-Equivariant Steerable CNNs</em> (2022).
 */
public final class FourierNonlinearity extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<FourierNonlinearity> TYPE =
      LayerType.of(FourierNonlinearity.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", FourierNonlinearity::in)
          .setting("activation", layer -> layer.activation)
          .builds(
              s ->
                  new FourierNonlinearity(
                      s.representation("in"),
                      s.constant(Activation.class, "activation"),
                      s.dtype()));

  private final Activation activation;
  private final GroupSamples samples;

  /**
   * A nonlinearity without parameters.
   *
   * @param representation how the features transform
   * @param activation the function
   * @param dtype the dtype of the layer
   */
  public FourierNonlinearity(Representation representation, Activation activation, Dtype dtype) {
    super(representation, representation);
    this.activation = activation;
    samples = new GroupSamples(representation, dtype);
    registerBuffers("", samples.buffers());
  }

  /**
   * A nonlinearity in float32.
   *
   * @param representation how the features transform
   * @param activation the function
   */
  public FourierNonlinearity(Representation representation, Activation activation) {
    this(representation, activation, Dtype.FLOAT32);
  }

  @Override
  protected Tensor compute(Tensor input) {
    return samples.features(activation.apply(samples.values(input)));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    Tensor values = samples.matrix();
    V sampled = graph.matmul(x, graph.constant("samples", values));
    return graph.matmul(graph.apply(activation, sampled), graph.constant("embedding", values.t()));
  }

  @Override
  public String toString() {
    return "FourierNonlinearity(" + activation + ", " + in() + ")";
  }
}
