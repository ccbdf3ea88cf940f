package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.Objects;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The plain attention with several heads, as PyTorch's {@code MultiheadAttention} with its
 * initialization. {@link EquivariantMultiheadAttention} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code in_proj_weight}, {@code in_proj_bias}, {@code
 * out_proj.weight}, {@code out_proj.bias}.
 */
public final class MultiheadAttention extends PlainAttention {
  /** How an architecture describes it. */
  public static final LayerType<MultiheadAttention> TYPE =
      LayerType.independentOfBases(MultiheadAttention.class)
          .setting("embed_dim", layer -> layer.core.heads().size())
          .settings(AttentionOptions.PLAIN_SETTINGS, MultiheadAttention::options)
          .builds(s -> new MultiheadAttention(s.whole("embed_dim"), AttentionOptions.plain(s)));

  private final PackedProjection projection;
  private final Linear outProjection;
  private final AttentionCore core;

  /**
   * Attention over plain features.
   *
   * @param size the number of features
   * @param options heads, dropout, layout, and of the maps bias, seed and dtype
   * @throws IllegalArgumentException if the number of heads does not divide the size
   */
  public MultiheadAttention(int size, AttentionOptions options) {
    requireHeads(size, options.heads());
    LibTorch.load();
    Dtype dtype = options.maps().dtype();
    double bound = Math.sqrt(6.0 / (4.0 * size));
    Parameter weight =
        registerParameter(
            "in_proj_weight",
            Scopes.compute(
                () ->
                    torch
                        .zeros(3L * size, size)
                        .to(dtype.scalarType())
                        .uniform_(-bound, bound, Seeds.generator(options.maps().seed()))));
    @Nullable Parameter bias =
        options.maps().bias()
            ? registerParameter("in_proj_bias", Tensors.of(dtype, new double[3 * size], 3L * size))
            : null;
    projection = new PackedProjection(weight, bias);
    outProjection = registerChild("out_proj", new Linear(size, size, dense(options, 1)));
    if (options.maps().bias()) {
      try (NoGradGuard guard = new NoGradGuard()) {
        Objects.requireNonNull(outProjection.namedParameters().get("bias")).zero_();
      }
    }
    Heads heads = new Heads(size, options);
    core = new AttentionCore(this, this, heads, projection, outProjection::forward, outProjection);
  }

  /**
   * Attention without dropout, batch first, in float32.
   *
   * @param size the number of features
   * @param heads the number of heads
   * @throws IllegalArgumentException if the number of heads does not divide the size
   */
  public MultiheadAttention(int size, int heads) {
    this(size, AttentionOptions.heads(heads));
  }

  static void requireHeads(int size, int heads) {
    require(
        size >= 1 && size % heads == 0,
        "%d heads do not divide %d features: each head needs the same number",
        heads,
        size);
  }

  static DenseOptions dense(AttentionOptions options, int part) {
    return new DenseOptions(
        options.maps().bias(), Seeds.next(options.maps().seed(), part), options.maps().dtype());
  }

  @Override
  AttentionCore core() {
    return core;
  }
}
