package dev.noether.nn.norm;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The plain layer norm on the last axis, as PyTorch's {@code LayerNorm}: subtracts the mean,
 * divides by the standard deviation, scales and shifts every feature.
 *
 * <p>Names in the state dict: {@code weight} (ones at first) and {@code bias} (zeros). It breaks a
 * symmetry: {@link EquivariantLayerNorm} is its equivariant twin.
 */
public final class LayerNorm extends PlainNorm {
  /** How an architecture describes it. */
  public static final LayerType<LayerNorm> TYPE =
      LayerType.independentOfBases(LayerNorm.class)
          .setting("features", LayerNorm::features)
          .setting("eps", layer -> layer.eps, 1e-5)
          .setting("bias", layer -> layer.bias != null, true)
          .builds(
              s ->
                  new LayerNorm(
                      s.whole("features"),
                      new NormOptions(s.number("eps"), s.flag("bias"), s.dtype())));

  private final double eps;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  /**
   * A layer.
   *
   * @param features the size of the last axis
   * @param options eps, whether a bias is added, dtype
   * @throws IllegalArgumentException if there is no feature
   */
  public LayerNorm(int features, NormOptions options) {
    super(features);
    eps = options.eps();
    weight = registerWithoutDecay("weight", filled(options.dtype(), 1));
    bias = options.bias() ? registerParameter("bias", filled(options.dtype(), 0)) : null;
  }

  /**
   * A layer with eps 1e-5 and a bias, in float32, as PyTorch's.
   *
   * @param features the size of the last axis
   * @throws IllegalArgumentException if there is no feature
   */
  public LayerNorm(int features) {
    this(features, NormOptions.defaults().withEps(1e-5));
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
        () ->
            torch.layer_norm(
                input,
                new long[] {features()},
                new TensorOptional(weight.value()),
                bias == null ? new TensorOptional() : new TensorOptional(bias.value()),
                eps,
                true));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V centred = graph.add(x, graph.multiply(graph.mean(x), graph.number(-1)));
    V variance = graph.mean(graph.multiply(centred, centred));
    V scaled = graph.multiply(centred, graph.rsqrt(graph.add(variance, graph.number(eps))));
    V output = graph.multiply(scaled, graph.constant("weight", weight.value()));
    return bias == null ? output : graph.add(output, graph.constant("bias", bias.value()));
  }
}
