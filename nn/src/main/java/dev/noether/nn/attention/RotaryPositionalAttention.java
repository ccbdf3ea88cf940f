package dev.noether.nn.attention;

import dev.noether.nn.LayerType;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.plain.PlainGraph;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention whose projected queries and keys turn by angles of their positions, so that scores
 * depend on distances only: in each head, features (2i, 2i + 1) by p base^(-2i / width) at position
 * p. See Su et al., <em>RoFormer</em> (2021).
 *
 * <p>Names in the state dict: {@code q_proj.*}, {@code k_proj.*}, {@code v_proj.*} and {@code
 * out_proj.*}.
 */
public final class RotaryPositionalAttention extends PlainAttention {
  /** How an architecture describes it. */
  public static final LayerType<RotaryPositionalAttention> TYPE =
      LayerType.independentOfBases(RotaryPositionalAttention.class)
          .setting("embed_dim", layer -> layer.core.heads().size())
          .setting("rope_base", layer -> layer.base, 10000.0)
          .settings(AttentionOptions.PLAIN_SETTINGS, PlainAttention::options)
          .builds(
              s ->
                  new RotaryPositionalAttention(
                      s.whole("embed_dim"), s.number("rope_base"), AttentionOptions.plain(s)));

  private final AttentionCore core;
  private final double base;

  /**
   * A layer.
   *
   * @param size the number of features
   * @param base the base of the frequencies, 10000 in RoFormer
   * @param options heads, dropout, layout, and how the projections are made
   * @throws IllegalArgumentException if the heads do not divide the size, or a part of a head has
   *     no partner to turn with
   */
  public RotaryPositionalAttention(int size, double base, AttentionOptions options) {
    this.base = base;
    MultiheadAttention.requireHeads(size, options.heads());
    Heads heads = new Heads(size, options);
    Linear queries = projection("q_proj", heads, 0);
    Linear keys = projection("k_proj", heads, 1);
    Linear values = projection("v_proj", heads, 2);
    Linear output = projection("out_proj", heads, 3);
    Parts parts = new Parts(queries, keys, values);
    Rotation rotation = Rotation.ofFeatures(heads, base);
    registerBuffers("rotation.", rotation.buffers());
    core = new AttentionCore(this, this, heads, parts, output::forward, output).with(rotation);
  }

  private Linear projection(String name, Heads heads, int part) {
    DenseOptions options = MultiheadAttention.dense(heads.options(), part);
    return registerChild(name, new Linear(heads.size(), heads.size(), options));
  }

  @Override
  AttentionCore core() {
    return core;
  }

  private record Parts(Linear query, Linear key, Linear value) implements AttentionCore.Projection {
    @Override
    public Tensor[] apply(Tensor q, Tensor k, Tensor v) {
      return new Tensor[] {query.forward(q), key.forward(k), value.forward(v)};
    }

    @Override
    public <V> List<V> plain(PlainGraph<V> graph, V q, V k, V v) {
      return List.of(
          query.plain(graph.at("q_proj"), q),
          key.plain(graph.at("k_proj"), k),
          value.plain(graph.at("v_proj"), v));
    }

    @Override
    public Tensor like() {
      return query.weight();
    }
  }
}
