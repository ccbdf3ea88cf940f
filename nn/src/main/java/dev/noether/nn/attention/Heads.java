package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.plain.PlainGraph;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What all kinds of attention do between their projections: heads, masks, scores, weighted sums.
 *
 * @param size the number of features
 * @param options heads, dropout and layout
 */
record Heads(int size, AttentionOptions options) {
  /** What the inputs agree on. */
  record Shape(long batch, long queries, long keys, boolean batched) {}

  /** The shape of inputs and masks that fit. */
  Shape shape(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, Object expected, Tensor like) {
    String meaning = "the number of features";
    Tensors.requireInput(query, size, meaning, expected, like);
    Tensors.requireInput(key, size, meaning, expected, like);
    Tensors.requireInput(value, size, meaning, expected, like);
    long[] q = Tensors.shape(query);
    long[] k = Tensors.shape(key);
    require(
        (q.length == 2 || q.length == 3) && k.length == q.length,
        "query and key must both be %s or [time, size], got %s and %s",
        options.batchFirst() ? "[batch, time, size]" : "[time, batch, size]",
        Arrays.toString(q),
        Arrays.toString(k));
    require(
        Arrays.equals(k, Tensors.shape(value)),
        "key and value must have one shape, got %s and %s",
        Arrays.toString(k),
        Arrays.toString(Tensors.shape(value)));
    boolean batched = q.length == 3;
    int batchAxis = options.batchFirst() ? 0 : 1;
    int timeAxis = batched && options.batchFirst() ? 1 : 0;
    long batch = batched ? q[batchAxis] : 1;
    require(
        !batched || k[batchAxis] == batch,
        "query and key must have one batch size, got %s and %s",
        Arrays.toString(q),
        Arrays.toString(k));
    Shape shape = new Shape(batch, q[timeAxis], k[timeAxis], batched);
    requireMasks(masks, shape, like);
    return shape;
  }

  private void requireMasks(AttentionMasks masks, Shape shape, Tensor like) {
    Tensor attention = masks.attention();
    if (attention != null) {
      long[] given = Tensors.shape(attention);
      long[] flat = {shape.queries, shape.keys};
      long[] full = {shape.batch * options.heads(), shape.queries, shape.keys};
      require(
          Arrays.equals(given, flat) || Arrays.equals(given, full),
          "the attention mask must be %s or %s, got %s",
          Arrays.toString(flat),
          Arrays.toString(full),
          Arrays.toString(given));
      ScalarType type = Tensors.scalarType(attention);
      require(
          type == ScalarType.Bool || Tensors.isOfDtype(attention, like),
          "the attention mask must be bool or the layer's %s, got %s",
          Tensors.dtypeName(like),
          Tensors.dtypeName(attention));
    }
    Tensor padding = masks.keyPadding();
    if (padding != null) {
      long[] wanted =
          shape.batched ? new long[] {shape.batch, shape.keys} : new long[] {shape.keys};
      require(
          Arrays.equals(Tensors.shape(padding), wanted),
          "the padding mask must be %s, got %s",
          Arrays.toString(wanted),
          Arrays.toString(Tensors.shape(padding)));
      require(
          Tensors.scalarType(padding) == ScalarType.Bool,
          "the padding mask must be bool, got %s",
          Tensors.dtypeName(padding));
    }
  }

  /**
   * Weighted sums of values, heads joined again.
   *
   * @param projected queries, keys and values, as the inputs lie
   * @param dropout the probability of dropout, 0 in evaluation
   * @return as the queries lie
   */
  Tensor attend(
      Tensor[] projected,
      Shape shape,
      AttentionMasks masks,
      PositionEffect<Tensor> effect,
      double dropout) {
    Tensor query = split(effect.query().after(projected[0]));
    Tensor key = split(effect.key().after(projected[1]));
    Tensor value = split(projected[2]);
    boolean trained =
        GradMode.is_enabled()
            && (query.requires_grad() || key.requires_grad() || value.requires_grad());
    return merge(
        trained
            ? explicit(query, key, value, scores(masks, effect, shape, query), masks, dropout)
            : fused(query, key, value, shape, masks, effect, dropout),
        shape);
  }

  /** Products and a softmax, which have derivatives of every order. */
  private static Tensor explicit(
      Tensor query,
      Tensor key,
      Tensor value,
      @Nullable Tensor added,
      AttentionMasks masks,
      double dropout) {
    Tensor weights = weights(query, key, added, masks);
    Tensor kept = dropout == 0 ? weights : torch.dropout(weights, dropout, true);
    return kept.matmul(value);
  }

  /** LibTorch's own kernel, which is fast, but has no second derivative on the CPU. */
  private Tensor fused(
      Tensor query,
      Tensor key,
      Tensor value,
      Shape shape,
      AttentionMasks masks,
      PositionEffect<Tensor> effect,
      double dropout) {
    boolean onlyCausal =
        masks.isCausal() && masks.withoutCausal().areEmpty() && effect.scores() == null;
    Tensor added = onlyCausal ? null : scores(masks, effect, shape, query);
    return torch.scaled_dot_product_attention(
        query,
        key,
        value,
        added == null ? new TensorOptional() : new TensorOptional(added),
        dropout,
        onlyCausal,
        new DoubleOptional(),
        false);
  }

  /**
   * The weights of attention, {@code [batch, heads, queries, keys]}, without the batch where the
   * inputs have none.
   */
  Tensor weights(
      Tensor query, Tensor key, Shape shape, AttentionMasks masks, PositionEffect<Tensor> effect) {
    Tensor q = split(effect.query().after(query));
    Tensor k = split(effect.key().after(key));
    Tensor result = weights(q, k, scores(masks, effect, shape, q), masks);
    return shape.batched ? result : result.select(0, 0);
  }

  private static Tensor weights(
      Tensor query, Tensor key, @Nullable Tensor added, AttentionMasks masks) {
    Scalar scale = new Scalar(1 / Math.sqrt((double) query.size(-1)));
    Tensor scores = query.mul(scale).matmul(key.transpose(-2, -1));
    if (added == null) {
      return scores.softmax(-1);
    }
    Tensor masked = scores.add(added);
    if (masks.withoutCausal().areEmpty()) {
      return masked.softmax(-1);
    }
    Tensor blind = masked.isneginf().all(-1, true);
    Scalar zero = new Scalar(0.0);
    return masked.masked_fill(blind, zero).softmax(-1).masked_fill(blind, zero);
  }

  /** All masks and the effect of positions as one number for each score, broadcastable to them. */
  private @Nullable Tensor scores(
      AttentionMasks masks, PositionEffect<Tensor> effect, Shape shape, Tensor like) {
    Tensor positions = effect.scores();
    if (masks.areEmpty() && positions == null) {
      return null;
    }
    Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
    Tensor result = like.new_zeros(shape.queries, shape.keys);
    if (positions != null) {
      result = positions.dim() == 3 ? positions.unsqueeze(1) : positions;
    }
    if (masks.isCausal()) {
      Tensor future = like.new_ones(shape.queries, shape.keys).triu(1).to(ScalarType.Bool);
      result = result.masked_fill(future, never);
    }
    Tensor attention = masks.attention();
    if (attention != null) {
      Tensor own =
          attention.dim() == 2
              ? attention
              : attention.reshape(shape.batch, options.heads(), shape.queries, shape.keys);
      result =
          Tensors.scalarType(own) == ScalarType.Bool
              ? result.masked_fill(own, never)
              : result.add(own);
    }
    Tensor padding = masks.keyPadding();
    if (padding != null) {
      result = result.masked_fill(padding.reshape(shape.batch, 1, 1, shape.keys), never);
    }
    return result;
  }

  /** Numbers of places, {@code [time, n]} or {@code [batch, time, n]}, as the inputs lie. */
  Tensor asInputs(Tensor numbers, Shape shape) {
    if (!shape.batched) {
      return numbers.dim() == 3 ? numbers.select(0, 0) : numbers;
    }
    if (options.batchFirst()) {
      return numbers;
    }
    return numbers.dim() == 3 ? numbers.transpose(0, 1) : numbers.unsqueeze(1);
  }

  int width() {
    return size / options.heads();
  }

  private Tensor split(Tensor projected) {
    Tensor heads = projected.unflatten(-1, new long[] {options.heads(), width()});
    return switch (Math.toIntExact(projected.dim())) {
      case 2 -> heads.permute(1, 0, 2).unsqueeze(0);
      default -> options.batchFirst() ? heads.permute(0, 2, 1, 3) : heads.permute(1, 2, 0, 3);
    };
  }

  private Tensor merge(Tensor attended, Shape shape) {
    Tensor ordered =
        !shape.batched
            ? attended.select(0, 0).permute(1, 0, 2)
            : options.batchFirst() ? attended.permute(0, 2, 1, 3) : attended.permute(2, 0, 1, 3);
    return ordered.flatten(-2, -1);
  }

  /** Inputs of a plain form, batch first. */
  <V> List<V> ordered(PlainGraph<V> graph, List<V> inputs) {
    return options.batchFirst()
        ? inputs
        : inputs.stream().map(x -> graph.permute(x, 1, 0, 2)).toList();
  }

  /**
   * The plain form of what is between the projections.
   *
   * @param projected queries, keys and values, {@code [batch, time, size]}
   * @return {@code [batch, time, size]}
   */
  <V> V plain(PlainGraph<V> graph, List<V> projected, PositionEffect<V> effect, PlainLook<V> look) {
    V query = plainSplit(graph, effect.query().after(projected.get(0)));
    V key = plainSplit(graph, effect.key().after(projected.get(1)));
    V value = plainSplit(graph, projected.get(2));
    V scaled = graph.multiply(query, graph.number(1 / Math.sqrt((double) width())));
    V scores = graph.matmul(scaled, graph.permute(key, 0, 1, 3, 2));
    for (V added : Arrays.asList(effect.scores(), look.added())) {
      scores = added == null ? scores : graph.add(scores, added);
    }
    V attended = graph.matmul(graph.softmax(scores), value);
    return graph.join(graph.permute(attended, 0, 2, 1, 3), 2, size);
  }

  private <V> V plainSplit(PlainGraph<V> graph, V x) {
    return graph.permute(graph.split(x, options.heads(), width()), 0, 2, 1, 3);
  }
}
