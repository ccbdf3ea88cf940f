package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.CommutingConstraint;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantConstraint;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention with several heads, as PyTorch's {@code MultiheadAttention}, that commutes with a
 * group.
 *
 * <p>Queries, keys and values come from equivariant maps, and every head sees whole summands of
 * their representation. The group acts on a head orthogonally, so the scores q . k are invariant,
 * and a weighted sum of values transforms as they do.
 *
 * <p>Where the summands of the representation fall into heads of equal size, queries, keys and
 * values transform as the input. Else, where the order of the group divides the size of a head,
 * they transform as copies of the regular representation. Other representations and numbers of
 * heads are refused.
 */
public final class EquivariantMultiheadAttention extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantMultiheadAttention> TYPE =
      LayerType.independentOfBases(EquivariantMultiheadAttention.class)
          .representation("in", EquivariantMultiheadAttention::in)
          .setting("heads", layer -> layer.options.heads())
          .setting("dropout", layer -> layer.options.dropout(), 0.0)
          .setting("batch_first", layer -> layer.options.batchFirst(), true)
          .settings(MapOptions.SETTINGS, layer -> layer.options.maps())
          .builds(
              s ->
                  new EquivariantMultiheadAttention(
                      s.representation("in"),
                      new AttentionOptions(
                          s.whole("heads"),
                          s.number("dropout"),
                          s.flag("batch_first"),
                          MapOptions.of(s))));

  private final Representation inner;
  private final AttentionOptions options;
  private final Parameter weight;
  private final GroupHomomorphismBasis maps;
  private final @Nullable Parameter bias;
  private final EquivariantLinear outProjection;

  /**
   * Attention over features of one representation.
   *
   * @param representation how inputs and outputs transform
   * @param options heads, dropout, layout, bias, expansion, initialization, seed and dtype
   * @throws IllegalArgumentException if a head would split a summand
   */
  public EquivariantMultiheadAttention(Representation representation, AttentionOptions options) {
    super(representation, representation, options.batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
    this.options = options;
    inner = inner(representation, options.heads());
    MapOptions linear = options.maps();
    Dtype dtype = linear.dtype();
    Representation stacked = inner.times(3);
    CommutingConstraint commuting =
        new CommutingConstraint(representation, stacked, linear.expansion(), dtype);
    maps = commuting.basis();
    weight =
        registerParameter(
            "in_proj_weight", maps.initializeDense(linear.initialization(), linear.seed()));
    registerParametrization("in_proj_weight", commuting);
    if (linear.bias()) {
      bias =
          registerParameter(
              "in_proj_bias", Tensors.of(dtype, new double[stacked.size()], stacked.size()));
      registerParametrization("in_proj_bias", new InvariantConstraint(stacked, dtype));
    } else {
      bias = null;
    }
    outProjection =
        registerChild("out_proj", new EquivariantLinear(inner, representation, linear.forPart(1)));
  }

  /**
   * Attention without dropout, batch first, with the default options.
   *
   * @param representation how inputs and outputs transform
   * @param heads the number of heads
   * @throws IllegalArgumentException if a head would split a summand
   */
  public EquivariantMultiheadAttention(Representation representation, int heads) {
    this(representation, AttentionOptions.heads(heads));
  }

  private static Representation inner(Representation representation, int heads) {
    int size = representation.size();
    List<Integer> admitted = new ArrayList<>();
    for (int h = 1; h <= size; h++) {
      if (size % h == 0 && (fallsInto(representation, h) || isRegular(representation, h))) {
        admitted.add(h);
      }
    }
    require(
        admitted.contains(heads),
        "%d heads would split a summand of %s (sizes %s); the numbers of heads that do not are %s",
        heads,
        representation,
        sizes(representation),
        admitted);
    return fallsInto(representation, heads)
        ? representation
        : Representation.regular(representation.finiteGroup())
            .times(size / representation.finiteGroup().order());
  }

  /** Whether heads of equal size end where summands end. */
  private static boolean fallsInto(Representation representation, int heads) {
    int width = representation.size() / heads;
    long ends =
        representation.runs().stream()
            .flatMapToInt(
                run ->
                    IntStream.rangeClosed(1, run.count())
                        .map(i -> run.start() + i * run.summand().size()))
            .filter(end -> end % width == 0)
            .count();
    return ends == heads;
  }

  private static List<Integer> sizes(Representation representation) {
    return representation.summands().stream().map(Representation::size).toList();
  }

  private static boolean isRegular(Representation representation, int heads) {
    return representation.group() instanceof FiniteGroup group
        && representation.size() / heads % group.order() == 0;
  }

  /**
   * How queries, keys and values transform.
   *
   * @return a representation of the size of the input
   */
  public Representation inner() {
    return inner;
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public AttentionOptions options() {
    return options;
  }

  /**
   * Draws all weights anew and sets the biases to zero.
   *
   * @param scheme how
   * @param seed the seed of generators of its own; empty draws from LibTorch's
   */
  public void reset(Initialization scheme, OptionalLong seed) {
    try (NoGradGuard guard = new NoGradGuard()) {
      weight.original().copy_(maps.initializeDense(scheme, seed));
      if (bias != null) {
        bias.original().zero_();
      }
    }
    outProjection.reset(scheme, Seeds.next(seed, 1));
  }

  /** Self-attention without masks. */
  @Override
  protected Tensor compute(Tensor input) {
    return forward(input, input, input, AttentionMasks.none());
  }

  /**
   * Attends from queries to keys and values.
   *
   * @param query {@code [batch, queries, size]}, or as the layout says
   * @param key {@code [batch, keys, size]}
   * @param value {@code [batch, keys, size]}
   * @param masks what may not be looked at; a query that may look at nothing gives zeros before the
   *     output projection
   * @return {@code [batch, queries, size]}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor forward(Tensor query, Tensor key, Tensor value, AttentionMasks masks) {
    Shape shape = shape(query, key, value, masks);
    return Scopes.compute(
        () -> {
          Tensor[] heads = project(query, key, value);
          boolean onlyCausal = masks.isCausal() && masks.withoutCausal().areEmpty();
          Tensor mask = masks.areEmpty() || onlyCausal ? null : additive(masks, shape, heads[0]);
          Tensor attended =
              torch.scaled_dot_product_attention(
                  heads[0],
                  heads[1],
                  heads[2],
                  mask == null ? new TensorOptional() : new TensorOptional(mask),
                  isTraining() ? options.dropout() : 0,
                  onlyCausal,
                  new DoubleOptional(),
                  false);
          return merge(attended, shape);
        });
  }

  /**
   * The weights of attention, which are invariant; without dropout.
   *
   * @param query {@code [batch, queries, size]}, or as the layout says
   * @param key {@code [batch, keys, size]}
   * @param masks what may not be looked at
   * @return {@code [batch, heads, queries, keys]}, without the batch where the inputs have none;
   *     every row sums to one, or is zero where nothing may be looked at
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor weights(Tensor query, Tensor key, AttentionMasks masks) {
    Shape shape = shape(query, key, key, masks);
    return Scopes.compute(
        () -> {
          Tensor[] heads = project(query, key, key);
          double scale = 1 / Math.sqrt((double) in().size() / options.heads());
          Tensor scores = heads[0].mul(new Scalar(scale)).matmul(heads[1].transpose(-2, -1));
          Tensor masked = masks.areEmpty() ? scores : scores.add(additive(masks, shape, scores));
          Tensor blind = masked.isneginf().all(-1, true);
          Scalar zero = new Scalar(0.0);
          Tensor result = masked.masked_fill(blind, zero).softmax(-1).masked_fill(blind, zero);
          return shape.batched ? result : result.select(0, 0);
        });
  }

  private record Shape(long batch, long queries, long keys, boolean batched) {}

  private Shape shape(Tensor query, Tensor key, Tensor value, AttentionMasks masks) {
    Tensors.requireInput(query, in().size(), "in.size()", in(), weight.original());
    Tensors.requireInput(key, in().size(), "in.size()", in(), weight.original());
    Tensors.requireInput(value, in().size(), "in.size()", in(), weight.original());
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
    requireMasks(masks, shape);
    return shape;
  }

  private void requireMasks(AttentionMasks masks, Shape shape) {
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
      requireBoolean(attention, "attention mask", true);
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
      requireBoolean(padding, "padding mask", false);
    }
  }

  private void requireBoolean(Tensor mask, String name, boolean orLikeLayer) {
    ScalarType type = Tensors.scalarType(mask);
    require(
        type == ScalarType.Bool || (orLikeLayer && type == Tensors.scalarType(weight.original())),
        "the %s must be bool%s, got %s",
        name,
        orLikeLayer ? " or the layer's " + Tensors.dtypeName(weight.original()) : "",
        Tensors.dtypeName(mask));
  }

  /** All masks as one that is added to the scores, broadcastable to them. */
  private Tensor additive(AttentionMasks masks, Shape shape, Tensor like) {
    Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
    Tensor result = like.new_zeros(shape.queries, shape.keys);
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

  /** Queries, keys and values, {@code [batch, heads, time, size / heads]} each. */
  private Tensor[] project(Tensor query, Tensor key, Tensor value) {
    Tensor dense = weight.value();
    @Nullable Tensor shift = bias == null ? null : bias.value();
    int size = in().size();
    if (query.equals(key) && key.equals(value)) {
      Tensor all = DenseProduct.apply(query, dense, shift);
      return new Tensor[] {
        split(all.narrow(-1, 0, size)),
        split(all.narrow(-1, size, size)),
        split(all.narrow(-1, 2L * size, size))
      };
    }
    Tensor[] inputs = {query, key, value};
    Tensor[] results = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      long start = (long) i * size;
      results[i] =
          split(
              DenseProduct.apply(
                  inputs[i],
                  dense.narrow(0, start, size),
                  shift == null ? null : shift.narrow(0, start, size)));
    }
    return results;
  }

  private Tensor split(Tensor projected) {
    Tensor heads =
        projected.unflatten(-1, new long[] {options.heads(), in().size() / options.heads()});
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
    return outProjection.forward(ordered.flatten(-2, -1));
  }

  /** Self-attention without masks, as {@link #forward(Tensor)}. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    long size = in().size();
    long heads = options.heads();
    long width = size / heads;
    V ordered = options.batchFirst() ? x : graph.permute(x, 1, 0, 2);
    @Nullable Tensor shift = bias == null ? null : bias.value();
    V all = graph.linear(ordered, "in_proj_weight", weight.value(), "in_proj_bias", shift);
    List<V> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parts.add(
          graph.permute(graph.split(graph.narrow(all, i * size, size), heads, width), 0, 2, 1, 3));
    }
    V scale = graph.number(1 / Math.sqrt((double) width));
    V scores =
        graph.matmul(graph.multiply(parts.get(0), scale), graph.permute(parts.get(1), 0, 1, 3, 2));
    V attended = graph.matmul(graph.softmax(scores), parts.get(2));
    V merged = graph.join(graph.permute(attended, 0, 2, 1, 3), 2, size);
    V output = outProjection.plain(graph.at("out_proj"), merged);
    return options.batchFirst() ? output : graph.permute(output, 1, 0, 2);
  }

  @Override
  public String toString() {
    return "EquivariantMultiheadAttention("
        + in()
        + ", "
        + options.heads()
        + (options.heads() == 1 ? " head)" : " heads)");
  }
}
