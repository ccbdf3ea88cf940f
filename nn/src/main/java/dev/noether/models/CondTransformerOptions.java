package dev.noether.models;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.hom.Initialization;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.MapOptions;
import java.util.function.Consumer;

/**
 * How a conditional transformer is made. Start from {@link #horizons} and change what differs.
 *
 * @param inHorizon the longest sequence of inputs
 * @param condHorizon the longest sequence of conditioning
 * @param layers the number of decoder layers
 * @param heads the number of heads of attention
 * @param embedding the number of features inside, even; an equivariant network needs a multiple of
 *     the group's order
 * @param embeddingDropout the probability of dropout of embedded tokens, at least 0 and below 1
 * @param attentionDropout the probability of dropout inside layers, at least 0 and below 1
 * @param causal whether input t sees inputs up to t and conditioning up to t only
 * @param condLayers the number of encoder layers over the conditioning; 0 for a perceptron on each
 *     of its steps
 * @param maps initialization, seed, dtype and execution of the linear maps; a plain network reads
 *     seed and dtype
 */
public record CondTransformerOptions(
    int inHorizon,
    int condHorizon,
    int layers,
    int heads,
    int embedding,
    double embeddingDropout,
    double attentionDropout,
    boolean causal,
    int condLayers,
    MapOptions maps) {
  private static final int LAYERS = 6;
  private static final int HEADS = 6;
  private static final int EMBEDDING = 768;
  private static final double DROPOUT = 0.1;

  static final SettingGroup<CondTransformerOptions> SETTINGS =
      new SettingGroup<CondTransformerOptions>()
          .required("in_horizon", CondTransformerOptions::inHorizon)
          .required("cond_horizon", CondTransformerOptions::condHorizon)
          .with("num_layers", CondTransformerOptions::layers, LAYERS)
          .with("num_attention_heads", CondTransformerOptions::heads, HEADS)
          .with("embedding_dim", CondTransformerOptions::embedding, EMBEDDING)
          .with("p_drop_emb", CondTransformerOptions::embeddingDropout, DROPOUT)
          .with("p_drop_attn", CondTransformerOptions::attentionDropout, DROPOUT)
          .with("causal_attn", CondTransformerOptions::causal, false)
          .with("num_cond_layers", CondTransformerOptions::condLayers, 0);

  /**
   * Checks the numbers.
   *
   * @param inHorizon the longest sequence of inputs
   * @param condHorizon the longest sequence of conditioning
   * @param layers the number of decoder layers
   * @param heads the number of heads
   * @param embedding the number of features inside
   * @param embeddingDropout dropout of tokens
   * @param attentionDropout dropout inside layers
   * @param causal whether the future is hidden
   * @param condLayers the number of encoder layers
   * @param maps the options of the linear maps
   * @throws IllegalArgumentException if one is out of range
   */
  public CondTransformerOptions {
    require(
        inHorizon >= 1 && condHorizon >= 1,
        "horizons must be at least 1 step, got in_horizon %d and cond_horizon %d",
        inHorizon,
        condHorizon);
    require(layers >= 1, "num_layers must be at least 1, got %d", layers);
    require(heads >= 1, "attention has at least one head, got %d", heads);
    require(condLayers >= 0, "num_cond_layers must be at least 0, got %d", condLayers);
    StepEmbedding.requireEven("embedding_dim", embedding);
    requireDropout(embeddingDropout);
    requireDropout(attentionDropout);
  }

  /**
   * The defaults of the Python package: 6 layers, 6 heads, 768 features, dropout 0.1, no causal
   * mask, a perceptron over the conditioning, Xavier uniform.
   *
   * @param in the longest sequence of inputs
   * @param cond the longest sequence of conditioning
   * @return the options
   */
  public static CondTransformerOptions horizons(int in, int cond) {
    return new CondTransformerOptions(
        in,
        cond,
        LAYERS,
        HEADS,
        EMBEDDING,
        DROPOUT,
        DROPOUT,
        false,
        0,
        MapOptions.defaults().with(Initialization.XAVIER_UNIFORM));
  }

  static CondTransformerOptions of(Settings settings, MapOptions maps) {
    return new CondTransformerOptions(
        settings.whole("in_horizon"),
        settings.whole("cond_horizon"),
        settings.whole("num_layers"),
        settings.whole("num_attention_heads"),
        settings.whole("embedding_dim"),
        settings.number("p_drop_emb"),
        settings.number("p_drop_attn"),
        settings.flag("causal_attn"),
        settings.whole("num_cond_layers"),
        maps);
  }

  static CondTransformerOptions plain(Settings settings) {
    return of(settings, MapOptions.defaults().with(settings.dtype()).withSeed(0));
  }

  /**
   * The same with other numbers of decoder layers and heads.
   *
   * @param layerCount the number of decoder layers
   * @param headCount the number of heads
   * @return new options
   */
  public CondTransformerOptions withLayers(int layerCount, int headCount) {
    return changed(
        draft -> {
          draft.layers = layerCount;
          draft.heads = headCount;
        });
  }

  /**
   * The same with another number of features inside.
   *
   * @param size the number of features
   * @return new options
   */
  public CondTransformerOptions withEmbedding(int size) {
    return changed(draft -> draft.embedding = size);
  }

  /**
   * The same with other dropout.
   *
   * @param ofEmbedding the probability of dropout of embedded tokens
   * @param ofAttention the probability of dropout inside layers
   * @return new options
   */
  public CondTransformerOptions withDropout(double ofEmbedding, double ofAttention) {
    return changed(
        draft -> {
          draft.embeddingDropout = ofEmbedding;
          draft.attentionDropout = ofAttention;
        });
  }

  /**
   * The same where input t sees inputs up to t and conditioning up to t only.
   *
   * @return new options
   */
  public CondTransformerOptions withCausalAttention() {
    return changed(draft -> draft.causal = true);
  }

  /**
   * The same with encoder layers over the conditioning.
   *
   * @param count the number of layers; 0 for a perceptron on each step
   * @return new options
   */
  public CondTransformerOptions withCondLayers(int count) {
    return changed(draft -> draft.condLayers = count);
  }

  /**
   * The same with other options for the linear maps.
   *
   * @param other initialization, seed, dtype, execution
   * @return new options
   */
  public CondTransformerOptions with(MapOptions other) {
    return changed(draft -> draft.maps = other);
  }

  /** The same with something changed. */
  private CondTransformerOptions changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** Options that change: what the methods that begin with {@code with} have in common. */
  private static final class Draft {
    private final CondTransformerOptions before;
    private int layers;
    private int heads;
    private int embedding;
    private double embeddingDropout;
    private double attentionDropout;
    private boolean causal;
    private int condLayers;
    private MapOptions maps;

    Draft(CondTransformerOptions before) {
      this.before = before;
      layers = before.layers;
      heads = before.heads;
      embedding = before.embedding;
      embeddingDropout = before.embeddingDropout;
      attentionDropout = before.attentionDropout;
      causal = before.causal;
      condLayers = before.condLayers;
      maps = before.maps;
    }

    CondTransformerOptions options() {
      return new CondTransformerOptions(
          before.inHorizon,
          before.condHorizon,
          layers,
          heads,
          embedding,
          embeddingDropout,
          attentionDropout,
          causal,
          condLayers,
          maps);
    }
  }

  /** For words about a network. */
  String words() {
    return layers
        + (layers == 1 ? " layer, " : " layers, ")
        + heads
        + (heads == 1 ? " head, " : " heads, ")
        + embedding
        + " features, horizons "
        + inHorizon
        + " and "
        + condHorizon;
  }
}
