package dev.noether.nn.attention;

import dev.noether.nn.Parameter;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.DenseProduct;
import java.util.List;
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

  /** In self-attention all rows take the scales in, where there is a memory those of queries. */
  @Override
  public Tensor[] apply(Tensor query, Tensor key, Tensor value, EquivariantAffine scales) {
    boolean self = query.equals(key) && query.equals(value);
    if (!self && (query.equals(key) || query.equals(value))) {
      return AttentionCore.Projection.super.apply(query, key, value, scales);
    }
    Tensor own = weight.value();
    Tensor taken = scales.takenInto(own, own.size(self ? 0 : 1));
    return apply(query, key, value, taken, biasValue());
  }

  @Override
  public <V> List<V> plain(PlainGraph<V> graph, V query, V key, V value) {
    long size = weight.value().size(1);
    if (query.equals(key) && key.equals(value)) {
      V all = plainPart(graph, query, "", 0, 3);
      return List.of(
          graph.narrow(all, 0, size),
          graph.narrow(all, size, size),
          graph.narrow(all, 2 * size, size));
    }
    V first = plainPart(graph, query, ".query", 0, 1);
    if (key.equals(value)) {
      V both = plainPart(graph, key, ".memory", 1, 2);
      return List.of(first, graph.narrow(both, 0, size), graph.narrow(both, size, size));
    }
    return List.of(
        first, plainPart(graph, key, ".key", 1, 1), plainPart(graph, value, ".value", 2, 1));
  }

  /** Some of the three below each other. */
  private <V> V plainPart(PlainGraph<V> graph, V x, String suffix, long first, long count) {
    long size = weight.value().size(1);
    @Nullable Tensor shift = biasValue();
    return graph.linear(
        x,
        "in_proj_weight" + suffix,
        weight.value().narrow(0, first * size, count * size),
        "in_proj_bias" + suffix,
        shift == null ? null : shift.narrow(0, first * size, count * size));
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
