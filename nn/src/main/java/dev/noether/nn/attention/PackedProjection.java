package dev.noether.nn.attention;

import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.DenseProduct;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Queries, keys and values by one weight, one below the other.
 *
 * @param weight {@code [3 size, size]}
 * @param bias {@code [3 size]}, or null
 */
record PackedProjection(Parameter weight, @Nullable Parameter bias)
    implements AttentionCore.Projection {
  @Override
  public Tensor like() {
    return weight.original();
  }

  private @Nullable Tensor biasValue() {
    return bias == null ? null : bias.value();
  }

  /** One product where the inputs are one tensor. */
  @Override
  public Tensor[] apply(Tensor query, Tensor key, Tensor value) {
    return apply(query, key, value, weight.value(), biasValue());
  }

  /** The same and the heads, in plain operations. */
  <V> V plain(PlainGraph<V> graph, Heads heads, List<V> inputs, UnaryOperator<V> output) {
    return heads.plain(graph, inputs, weight.value(), biasValue(), output);
  }

  private static Tensor[] apply(
      Tensor query, Tensor key, Tensor value, Tensor weight, @Nullable Tensor bias) {
    long size = weight.size(1);
    if (query.equals(key) && key.equals(value)) {
      Tensor all = DenseProduct.apply(query, weight, bias);
      return new Tensor[] {
        all.narrow(-1, 0, size), all.narrow(-1, size, size), all.narrow(-1, 2 * size, size)
      };
    }
    if (key.equals(value)) {
      Tensor both = part(key, weight, bias, size, 2 * size);
      return new Tensor[] {
        part(query, weight, bias, 0, size), both.narrow(-1, 0, size), both.narrow(-1, size, size)
      };
    }
    return new Tensor[] {
      part(query, weight, bias, 0, size),
      part(key, weight, bias, size, size),
      part(value, weight, bias, 2 * size, size)
    };
  }

  private static Tensor part(
      Tensor input, Tensor weight, @Nullable Tensor bias, long start, long length) {
    return DenseProduct.apply(
        input,
        weight.narrow(0, start, length),
        bias == null ? null : bias.narrow(0, start, length));
  }
}
