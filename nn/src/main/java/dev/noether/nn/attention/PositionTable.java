package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Parameter;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Learned tables that positions look up: embeddings of places, biases of distances. */
final class PositionTable {
  private static final double DEVIATION = 0.02;

  private PositionTable() {}

  /** A table as PyTorch's models draw it, N(0, 0.02). */
  static Tensor draw(AttentionOptions options, long... shape) {
    Dtype dtype = options.maps().dtype();
    return Scopes.compute(
        () ->
            torch
                .zeros(shape)
                .to(dtype.scalarType())
                .normal_(0, DEVIATION, Seeds.generator(Seeds.next(options.maps().seed(), 7))));
  }

  /**
   * Attention inside a layer whose table of distances is called {@code rel_bias}.
   *
   * @param inner the attention of the child {@code attn}
   * @param register registers the table
   */
  static AttentionCore biased(
      AttentionCore inner,
      AttentionOptions options,
      int maxDistance,
      BiFunction<String, Tensor, Parameter> register) {
    Parameter table = register.apply("rel_bias", draw(options, 2L * maxDistance + 1));
    return inner.under("attn").with(new Biases(table));
  }

  static int requireLength(int maxLength) {
    require(maxLength >= 1, "a table of positions holds at least one, got max_len %d", maxLength);
    return maxLength;
  }

  static int requireDistance(int maxDistance) {
    require(maxDistance >= 0, "the largest distance is at least 0, got %d", maxDistance);
    return maxDistance;
  }

  /**
   * Rows of a table of absolute positions, added to queries and keys.
   *
   * @param table the present table, {@code [positions, size]}
   */
  record Embedding(Supplier<Tensor> table, Heads heads) implements PositionScheme {
    @Override
    public PositionEffect<Tensor> effect(
        AttentionPositions positions, Heads.Shape shape, Tensor like) {
      Tensor own = table.get();
      return PositionEffect.embedding(
          rows(own, positions.queries(shape, like), heads, shape),
          rows(own, positions.keys(shape, like), heads, shape));
    }

    @Override
    public <V> PositionEffect<V> plain(PlainGraph<V> graph, PlainLook<V> look, V query, V memory) {
      V kept = graph.constant("pos_emb", table.get());
      V first = rows(graph, kept, look.queries(), query);
      V second =
          query.equals(memory) && look.queries().equals(look.keys())
              ? first
              : rows(graph, kept, look.keys(), memory);
      return PositionEffect.embedding(x -> graph.add(x, first), x -> graph.add(x, second));
    }
  }

  private static <V> V rows(PlainGraph<V> graph, V table, PlainLook.Places<V> places, V ordered) {
    V found = graph.rows(table, places.column(graph, ordered));
    return places.has() == null ? found : graph.multiply(found, places.has());
  }

  /**
   * Entries of a table of distances, taken from the scores.
   *
   * @param table {@code [2 * distance + 1]}
   */
  record Biases(Parameter table) implements PositionScheme {
    @Override
    public PositionEffect<Tensor> effect(
        AttentionPositions positions, Heads.Shape shape, Tensor like) {
      return PositionEffect.adding(
          distances(table.value(), positions.queries(shape, like), positions.keys(shape, like)));
    }

    @Override
    public <V> PositionEffect<V> plain(PlainGraph<V> graph, PlainLook<V> look, V query, V memory) {
      Tensor own = table.value();
      double farthest = (own.size(0) - 1) / 2.0;
      V minus = graph.number(-1);
      V keys = graph.permute(look.keys().column(graph, memory), 1, 0);
      V apart = graph.add(look.queries().column(graph, query), graph.multiply(keys, minus));
      V above = graph.add(apart, graph.number(farthest));
      V beyond = graph.add(apart, graph.number(-farthest));
      V number =
          graph.add(
              graph.apply(Activation.RELU, above),
              graph.multiply(graph.apply(Activation.RELU, beyond), minus));
      V kept = graph.constant("rel_bias", own.neg().unsqueeze(1));
      V found =
          graph.join(graph.rows(kept, graph.split(number, PlainGraph.REST, 1)), 2, PlainGraph.REST);
      if (look.queries().has() != null) {
        found = graph.multiply(found, look.queries().has());
      }
      if (look.keys().has() != null) {
        found = graph.multiply(found, graph.permute(look.keys().has(), 1, 0));
      }
      return PositionEffect.adding(found);
    }
  }

  /**
   * Rows of a table by absolute positions, as the inputs lie; zeros where there is no position.
   *
   * @param table {@code [positions, size]}
   * @throws IllegalArgumentException if a position is negative or past the table
   */
  private static Tensor rows(
      Tensor table, AttentionPositions.Places places, Heads heads, Heads.Shape shape) {
    long length = table.size(0);
    @Nullable Tensor has = places.has();
    Tensor at = places.at();
    if (has != null) {
      at = at.masked_fill(has.logical_not(), new Scalar(0L)).expand_as(common(at, has));
    }
    requireInside(at, places.given(), length);
    Tensor found = table.index_select(0, at.reshape(-1)).unflatten(0, sizes(at));
    if (has != null) {
      found = found.mul(has.unsqueeze(-1).to(table.scalar_type()));
    }
    return heads.asInputs(found, shape);
  }

  private static Tensor common(Tensor at, Tensor has) {
    return at.dim() >= has.dim() ? at : has;
  }

  private static long[] sizes(Tensor at) {
    return at.dim() == 1 ? new long[] {at.size(0)} : new long[] {at.size(0), at.size(1)};
  }

  private static void requireInside(Tensor at, boolean given, long length) {
    if (!given) {
      require(
          at.numel() == 0 || at.size(-1) <= length,
          "absolute positions reach to max_len = %d, got %d steps; make the table longer",
          length,
          at.size(-1));
      return;
    }
    if (at.numel() > 0) {
      long least = at.min().item().toLong();
      long most = at.max().item().toLong();
      require(
          least >= 0 && most < length,
          "absolute positions must lie from 0 to max_len - 1 = %d, got %d to %d",
          length - 1,
          least,
          most);
    }
  }

  /**
   * What is added to scores by distances: the table's entry is taken away, nothing where query or
   * key has no position.
   *
   * @param table {@code [2 * distance + 1]}, for distances from -distance to distance
   * @return {@code [queries, keys]} or {@code [batch, queries, keys]}
   */
  private static Tensor distances(
      Tensor table, AttentionPositions.Places query, AttentionPositions.Places key) {
    long farthest = (table.size(0) - 1) / 2;
    Scalar most = new Scalar(farthest);
    Tensor apart =
        query
            .at()
            .unsqueeze(-1)
            .sub(key.at().unsqueeze(-2))
            .clamp(new ScalarOptional(new Scalar(-farthest)), new ScalarOptional(most))
            .add(most);
    long[] shape =
        apart.dim() == 2
            ? new long[] {apart.size(0), apart.size(1)}
            : new long[] {apart.size(0), apart.size(1), apart.size(2)};
    Tensor scores = table.index_select(0, apart.reshape(-1)).unflatten(0, shape).neg();
    if (query.has() != null) {
      scores = scores.mul(query.has().unsqueeze(-1).to(table.scalar_type()));
    }
    if (key.has() != null) {
      scores = scores.mul(key.has().unsqueeze(-2).to(table.scalar_type()));
    }
    return scores;
  }
}
