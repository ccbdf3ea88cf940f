package dev.noether.nn.norm;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The plain norm by the root mean square on the last axis, as PyTorch's {@code RMSNorm}: y = w x /
 * sqrt(mean(x^2) + eps), with a scale for every feature.
 *
 * <p>Its name in the state dict: {@code weight} (ones at first). The scales break a symmetry:
 * {@link EquivariantRmsNorm} is its equivariant twin.
 */
public final class RmsNorm extends PlainNorm {
  /** How an architecture describes it. */
  public static final LayerType<RmsNorm> TYPE =
      LayerType.independentOfBases(RmsNorm.class)
          .setting("features", RmsNorm::features)
          .setting("eps", layer -> layer.eps, 1e-6)
          .builds(s -> new RmsNorm(s.whole("features"), s.number("eps"), s.dtype()));

  private final double eps;
  private final Parameter weight;

  /**
   * A layer whose scales are ones at first.
   *
   * @param features the size of the last axis
   * @param eps what is added to the mean square, above 0; 1e-6 is usual
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if there is no feature, or eps is not above 0
   */
  public RmsNorm(int features, double eps, Dtype dtype) {
    super(features);
    this.eps = NormOptions.requireEps(eps);
    weight = registerWithoutDecay("weight", filled(dtype, 1));
  }

  /**
   * A layer with eps 1e-6, in float32.
   *
   * @param features the size of the last axis
   * @throws IllegalArgumentException if there is no feature
   */
  public RmsNorm(int features) {
    this(features, 1e-6, Dtype.FLOAT32);
  }

  /**
   * Applies the layer.
   *
   * @param input {@code [..., features]}
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, features(), "features", this, weight.original());
    return computed(
        input,
        () -> {
          Tensor x = Tensors.wide(input);
          Tensor meanSquare = x.mul(x).mean(new long[] {-1}, true, new ScalarTypeOptional());
          Tensor factor = meanSquare.add(new Scalar(eps)).rsqrt();
          return input.mul(Tensors.inDtypeOf(input, factor)).mul(weight.value());
        });
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V meanSquare = graph.mean(graph.multiply(x, x));
    V scaled = graph.multiply(x, graph.rsqrt(graph.add(meanSquare, graph.number(eps))));
    return graph.multiply(scaled, graph.constant("weight", weight.value()));
  }
}
