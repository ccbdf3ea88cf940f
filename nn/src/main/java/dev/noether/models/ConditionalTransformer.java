package dev.noether.models;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.Layer;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.PlainLook;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.NormOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What a diffusion policy predicts noise or actions with: a transformer whose decoder takes a
 * sequence X, and whose memory is the step of the diffusion, or the time of a flow, before a
 * sequence of conditioning Z. See Chi et al., <em>Diffusion Policy</em> (2023).
 *
 * <p>Memory: the embedded step and the embedded Z, through encoder layers or a perceptron. Then X,
 * embedded, through decoder layers that look at it, a norm, and a linear head. Inputs by name:
 * {@code X}, {@code opt_step}, {@code Z}.
 */
public abstract sealed class ConditionalTransformer extends Layer implements NamedInputs, PlainLayer
    permits PlainConditionalTransformer, EquivariantConditionalTransformer {
  private static final double EPS = 1e-5;

  /** Parts draw their weights from seeds this far apart. */
  private static final int SEEDS = 10_000;

  /** Which tokens positions are added to. */
  enum Tokens {
    INPUTS,
    MEMORY
  }

  /** How inputs, conditioning, outputs and features inside look. */
  record Spaces<S>(S in, S cond, S out, S hidden) {}

  /** How many features they have. */
  record Widths(int in, int cond, int out) {}

  private final CondTransformerOptions options;
  private final CondTransformerLayers layers;
  private final Widths sizes;
  private final Part inputEmbedding;
  private final Part condEmbedding;
  private final List<Part> perceptron;
  private final @Nullable SequenceEncoder encoder;
  private final SequenceDecoder decoder;
  private final Part norm;
  private final Part head;
  private final UnaryOperator<Tensor> dropout;
  private final @Nullable Tensor hidden;
  private final Tensor kind;

  /** Makes the parts. */
  <S> ConditionalTransformer(
      Function<LayerParts.Registrar, LayerParts<S>> making,
      Spaces<S> spaces,
      Widths sizes,
      CondTransformerOptions options,
      CondTransformerLayers layers,
      TransformerNames names) {
    this.options = options;
    this.layers = layers;
    this.sizes = sizes;
    LayerParts<S> parts = making.apply(this::registerChild);
    S space = spaces.hidden;
    MapOptions maps = options.maps();
    inputEmbedding = parts.linear("input_emb", spaces.in, space, maps.forPart(SEEDS));
    condEmbedding = parts.linear("cond_emb", spaces.cond, space, maps.forPart(2 * SEEDS));
    if (options.condLayers() == 0) {
      S wide = parts.hidden(space, 4 * options.embedding(), Activation.MISH);
      encoder = null;
      perceptron =
          List.of(
              parts.linear("encoder.0", space, wide, maps.forPart(3 * SEEDS)),
              parts.linear("encoder.2", wide, space, maps.forPart(4 * SEEDS)));
    } else {
      encoder = parts.encoder("encoder", space, stack(options.condLayers(), 3, names));
      perceptron = List.of();
    }
    decoder = parts.decoder("decoder", space, stack(options.layers(), 5, names));
    norm = parts.norm("layer_norm", space, layers.norm(), new NormOptions(EPS, true, maps.dtype()));
    head = parts.linear("head", space, spaces.out, maps.forPart(6 * SEEDS));
    dropout = parts.dropout("drop", space, options.embeddingDropout(), maps);
    kind = namedParameters().values().iterator().next();
    hidden =
        options.causal()
            ? registerBuffer(
                "hidden_conditioning",
                Scopes.compute(() -> future(1, options.condHorizon() + 1L).to(ScalarType.Bool)),
                false)
            : null;
  }

  private StackOptions stack(int count, int part, TransformerNames names) {
    TransformerLayerOptions layer =
        new TransformerLayerOptions(
            options.heads(),
            4 * options.embedding(),
            options.attentionDropout(),
            Activation.GELU,
            EPS,
            true,
            layers.normFirst(),
            layers.norm(),
            layers.encoding(options),
            options.maps().forPart(part * SEEDS));
    return new StackOptions(count, false, layer, names);
  }

  /** One where input t may not look at what comes after t + offset, {@code [inputs, keys]}. */
  private Tensor future(int offset, long keys) {
    int rows = options.inHorizon();
    double[] ones = new double[Math.toIntExact(rows * keys)];
    for (int t = 0; t < rows; t++) {
      for (int s = 0; s < keys; s++) {
        ones[Math.toIntExact(t * keys + s)] = s > t + offset ? 1 : 0;
      }
    }
    return Tensors.of(Dtype.FLOAT64, ones, rows, keys);
  }

  /**
   * The masks that state dicts of the Python package hold; this layer makes its own.
   *
   * @param condColumns how many columns the mask over the memory has there
   * @param areGiven whether this layer's state dict has them now
   */
  final void registerMasks(int condColumns, BooleanSupplier areGiven) {
    if (options.causal()) {
      registerIgnored("self_att_mask", () -> added(0, options.inHorizon()), areGiven);
      registerIgnored("cross_att_mask", () -> added(1, condColumns), areGiven);
    }
  }

  private Tensor added(int offset, long keys) {
    Tensor future = future(offset, keys);
    return future
        .new_zeros(options.inHorizon(), keys)
        .masked_fill(future.to(ScalarType.Bool), new Scalar(Double.NEGATIVE_INFINITY));
  }

  /**
   * How the network was made.
   *
   * @return the options
   */
  public final CondTransformerOptions options() {
    return options;
  }

  final CondTransformerLayers layers() {
    return layers;
  }

  final Widths sizes() {
    return sizes;
  }

  /** How the step becomes features inside. */
  abstract EmbeddedStep step();

  /** Tokens with their positions added, where attention does not know them. */
  private Tensor placed(Tensor tokens, Tokens which) {
    Tensor table = places(which);
    return table == null ? tokens : tokens.add(table.narrow(0, 0, tokens.size(1)));
  }

  /** The table {@code [places, size]} that is added to tokens, where attention knows no places. */
  @Nullable Tensor places(Tokens which) {
    return null;
  }

  /**
   * Predicts from a sequence, the same step for every sample and a sequence of conditioning.
   *
   * @param x {@code [batch, time, in]}, at most {@code inHorizon} steps
   * @param step the step of the diffusion, or the time of a flow
   * @param z {@code [batch, time, cond]}, at most {@code condHorizon} steps
   * @return {@code [batch, time of x, out]}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit, a horizon is
   *     exceeded, or the step is not finite
   */
  public final Tensor forward(Tensor x, double step, Tensor z) {
    return Scopes.compute(() -> forward(x, StepEmbedding.of(step), z));
  }

  /**
   * Predicts from a sequence, a step and a sequence of conditioning.
   *
   * @param x {@code [batch, time, in]}, at most {@code inHorizon} steps
   * @param step the step of the diffusion, or the time of a flow: one number for all, {@code
   *     [batch]} or {@code [batch, 1]}, whole or not
   * @param z {@code [batch, time, cond]}, at most {@code condHorizon} steps
   * @return {@code [batch, time of x, out]}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit, a horizon is
   *     exceeded, or a step is not finite
   */
  public final Tensor forward(Tensor x, Tensor step, Tensor z) {
    requirePresent(step, "%s needs the step of the diffusion, got null", this);
    long batch = requireTokens("X", x, sizes.in, "in_horizon", options.inHorizon());
    long other = requireTokens("Z", z, sizes.cond, "cond_horizon", options.condHorizon());
    require(batch == other, "X and Z must have one batch size, got %d and %d", batch, other);
    return Scopes.compute(() -> predict(x, step, z));
  }

  private Tensor predict(Tensor x, Tensor step, Tensor z) {
    long batch = x.size(0);
    Tensor first = step().apply(step, batch).unsqueeze(1);
    Tensor start = first.size(0) == batch ? first : first.expand(batch, 1, first.size(2));
    Tensor tokens = Tensors.concatenate(1, start, condEmbedding.apply(z));
    AttentionPositions places = memoryPlaces(z.size(1));
    Tensor memory = encoded(dropout.apply(placed(tokens, Tokens.MEMORY)), places);
    Tensor queries = dropout.apply(placed(inputEmbedding.apply(x), Tokens.INPUTS));
    Tensor decoded =
        decoder.forward(
            queries,
            memory,
            options.causal() ? AttentionMasks.causal() : AttentionMasks.none(),
            memoryMasks(x.size(1), memory.size(1)),
            AttentionPositions.inOrder(),
            new AttentionPositions(null, places.key(), null, places.hasKey()));
    return head.after(norm, decoded);
  }

  private Tensor encoded(Tensor tokens, AttentionPositions places) {
    if (encoder != null) {
      return encoder.forward(tokens, AttentionMasks.none(), places);
    }
    return perceptron.get(1).apply(Activation.MISH.apply(perceptron.get(0).apply(tokens)));
  }

  /** Input t sees the step and conditioning up to t. */
  private AttentionMasks memoryMasks(long inputs, long keys) {
    return hidden == null
        ? AttentionMasks.none()
        : AttentionMasks.none().withAttention(hidden.narrow(0, 0, inputs).narrow(1, 0, keys));
  }

  /**
   * The step has no position. Absolute ones count on after it; in others the last conditioning and
   * the first input are at one time.
   */
  private AttentionPositions memoryPlaces(long count) {
    if (layers.positions() == PositionEncoding.Kind.NONE) {
      return AttentionPositions.inOrder();
    }
    int steps = Math.toIntExact(count);
    double[] has = new double[steps + 1];
    Arrays.fill(has, 1, steps + 1, 1);
    Tensor mask = onDevice(Tensors.of(Dtype.FLOAT32, has, steps + 1L).to(ScalarType.Bool));
    if (layers.positions() == PositionEncoding.Kind.ABSOLUTE) {
      return new AttentionPositions(null, null, mask, mask);
    }
    long[] times = new long[steps + 1];
    Arrays.setAll(times, i -> i == 0 ? 0 : i - steps);
    Tensor at = onDevice(Tensors.of(times, times.length));
    return new AttentionPositions(at, at, mask, mask);
  }

  private Tensor onDevice(Tensor tensor) {
    return tensor.to(kind.device(), tensor.scalar_type());
  }

  private long requireTokens(String name, Tensor tensor, int size, String limit, int horizon) {
    requirePresent(tensor, "%s needs the input %s, got null", this, name);
    require(
        tensor.defined() && tensor.dim() == 3,
        "%s must be [batch, time, %d], got %s",
        name,
        size,
        tensor.defined() ? Arrays.toString(Tensors.shape(tensor)) : "nothing");
    Tensors.requireInput(tensor, size, "the features of " + name, this, kind);
    long time = tensor.size(1);
    require(
        time >= 1 && time <= horizon,
        "%s must have 1 to %s = %d steps, got %d",
        name,
        limit,
        horizon,
        time);
    return tensor.size(0);
  }

  /**
   * The inputs of the plain form.
   *
   * @return {@code X} and {@code Z} as {@code [batch, time, size]}, between them {@code opt_step}
   *     as {@code [batch, 1]}
   */
  @Override
  public final List<Port> inputs() {
    return List.of(
        new Port("X", Axes.SEQUENCE, sizes.in),
        new Port("opt_step", Axes.FEATURES, 1),
        new Port("Z", Axes.SEQUENCE, sizes.cond));
  }

  @Override
  public final Port output() {
    return new Port("output", Axes.SEQUENCE, sizes.out);
  }

  /** Always refused: the network takes three inputs. */
  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    return plain(graph, List.of(x));
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(
        inputs.size() == 3, "%s takes %s, got %d inputs", this, requiredInputs(), inputs.size());
    V features = step().plain(graph.at("step"), inputs.get(1));
    V step = graph.split(features, 1, options.embedding());
    V cond = condEmbedding.plain(graph, inputs.get(2));
    V joined = graph.concatenate(graph.permute(step, 1, 0), graph.permute(cond, 1, 0));
    V tokens = plainPlaced(graph, graph.permute(joined, 1, 0), Tokens.MEMORY);
    PlainLook.Places<V> places = plainPlaces(graph, tokens);
    V memory = plainEncoded(graph, tokens, new PlainLook<>(null, places, places));
    V queries = plainPlaced(graph, inputEmbedding.plain(graph, inputs.get(0)), Tokens.INPUTS);
    PlainLook.Places<V> inOrder = PlainLook.Places.inOrder();
    V decoded =
        decoder.plain(
            graph.at("decoder"),
            List.of(queries, memory),
            new PlainLook<>(plainFuture(graph, queries, queries, 0), inOrder, inOrder),
            new PlainLook<>(plainFuture(graph, queries, memory, 1), inOrder, places));
    return head.plain(graph, norm.plain(graph, decoded));
  }

  private <V> V plainPlaced(PlainGraph<V> graph, V tokens, Tokens which) {
    Tensor table = places(which);
    if (table == null) {
      return tokens;
    }
    V kept = graph.constant(which == Tokens.INPUTS ? "pos_emb" : "cond_pos_emb", table);
    return graph.add(tokens, graph.rows(kept, graph.places(tokens, 2, false)));
  }

  private <V> V plainEncoded(PlainGraph<V> graph, V tokens, PlainLook<V> look) {
    if (encoder != null) {
      return encoder.plain(graph.at("encoder"), tokens, look);
    }
    V inside = graph.apply(Activation.MISH, perceptron.get(0).plain(graph, tokens));
    return perceptron.get(1).plain(graph, inside);
  }

  private <V> PlainLook.Places<V> plainPlaces(PlainGraph<V> graph, V memory) {
    if (layers.positions() == PositionEncoding.Kind.NONE) {
      return PlainLook.Places.inOrder();
    }
    V has = beyond(graph, graph.places(memory, 2, false), 0);
    return layers.positions() == PositionEncoding.Kind.ABSOLUTE
        ? new PlainLook.Places<>(null, has)
        : new PlainLook.Places<>(graph.places(memory, 2, true), has);
  }

  /** What hides keys after t + offset from query t; null where all are seen. */
  private <V> @Nullable V plainFuture(PlainGraph<V> graph, V queries, V keys, int offset) {
    if (!options.causal()) {
      return null;
    }
    V key = graph.permute(graph.places(keys, 2, false), 1, 0);
    V query = graph.multiply(graph.places(queries, 2, false), graph.number(-1));
    V hidden = beyond(graph, graph.add(key, query), offset);
    return graph.multiply(hidden, graph.number(PlainLook.HIDDEN));
  }

  /** One where a whole number is above a limit, else zero. */
  private static <V> V beyond(PlainGraph<V> graph, V x, int limit) {
    V above = graph.apply(Activation.RELU, graph.add(x, graph.number(-limit)));
    V further = graph.apply(Activation.RELU, graph.add(x, graph.number(-limit - 1)));
    return graph.add(above, graph.multiply(further, graph.number(-1)));
  }

  @Override
  public final List<String> requiredInputs() {
    return List.of("X", "opt_step", "Z");
  }

  @Override
  public final Tensor applyNamed(Map<String, Tensor> inputs) {
    Tensor none = new Tensor();
    return forward(
        inputs.getOrDefault("X", none),
        inputs.getOrDefault("opt_step", none),
        inputs.getOrDefault("Z", none));
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "(" + options.words() + ")";
  }
}
