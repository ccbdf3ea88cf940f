package dev.noether.models;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.hom.Initialization;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.Port;

/**
 * How a transformer layer is made. Start from {@link #plain} or {@link #equivariant} and change
 * what differs.
 *
 * @param heads the number of heads of attention
 * @param feedForward the width between the two linear layers; an equivariant layer takes the next
 *     multiple of the group's order
 * @param dropout the probability of dropout in training, at least 0 and below 1
 * @param activation the function between the two linear layers
 * @param eps what is added to mean squares in the norms
 * @param batchFirst whether tensors are {@code [batch, time, size]}; else {@code [time, batch,
 *     size]}
 * @param normFirst whether norms stand before attention and feed-forward, else after each sum
 * @param norm the norm
 * @param positions the positions that attention knows
 * @param maps bias, initialization, seed, dtype and execution of the linear maps; a plain layer
 *     reads bias, seed and dtype
 */
public record TransformerLayerOptions(
    int heads,
    int feedForward,
    double dropout,
    Activation activation,
    double eps,
    boolean batchFirst,
    boolean normFirst,
    TransformerNorm norm,
    PositionEncoding positions,
    MapOptions maps) {
  private static final int FEED_FORWARD = 2048;
  private static final double DROPOUT = 0.1;
  private static final double EPS = 1e-5;

  static final SettingGroup<TransformerLayerOptions> PLAIN =
      settings(false).with("bias", options -> options.maps.bias(), true);

  static final SettingGroup<TransformerLayerOptions> EQUIVARIANT =
      settings(true).withAll(MapOptions.SETTINGS, TransformerLayerOptions::maps);

  /**
   * Checks the numbers.
   *
   * @param heads the number of heads
   * @param feedForward the width of the feed-forward part
   * @param dropout the probability of dropout
   * @param activation the function
   * @param eps what is added to mean squares
   * @param batchFirst whether the batch comes first
   * @param normFirst whether norms come first
   * @param norm the norm
   * @param positions the positions
   * @param maps the options of the linear maps
   * @throws IllegalArgumentException if one is out of range
   */
  public TransformerLayerOptions {
    require(heads >= 1, "attention has at least one head, got %d", heads);
    require(feedForward >= 1, "the feed-forward width must be at least 1, got %d", feedForward);
    requireDropout(dropout);
  }

  /**
   * The defaults of PyTorch: feed-forward 2048, dropout 0.1, relu, layer norm after each sum; batch
   * first.
   *
   * @param heads the number of heads
   * @return the options
   */
  public static TransformerLayerOptions plain(int heads) {
    return defaults(heads, false, TransformerNorm.LAYERNORM);
  }

  /**
   * The defaults of an equivariant layer: feed-forward 2048, dropout 0.1, relu, RMS norm before
   * each part, Xavier uniform; batch first.
   *
   * @param heads the number of heads
   * @return the options
   */
  public static TransformerLayerOptions equivariant(int heads) {
    return defaults(heads, true, TransformerNorm.RMSNORM);
  }

  private static TransformerLayerOptions defaults(
      int heads, boolean normFirst, TransformerNorm norm) {
    return new TransformerLayerOptions(
        heads,
        FEED_FORWARD,
        DROPOUT,
        Activation.RELU,
        EPS,
        true,
        normFirst,
        norm,
        PositionEncoding.none(),
        MapOptions.defaults().with(Initialization.XAVIER_UNIFORM));
  }

  private static SettingGroup<TransformerLayerOptions> settings(boolean equivariant) {
    TransformerLayerOptions usual = equivariant ? equivariant(1) : plain(1);
    return new SettingGroup<TransformerLayerOptions>()
        .required("heads", TransformerLayerOptions::heads)
        .with("dim_feedforward", TransformerLayerOptions::feedForward, FEED_FORWARD)
        .with("dropout", TransformerLayerOptions::dropout, DROPOUT)
        .with("activation", options -> options.activation.name(), usual.activation.name())
        .with("layer_norm_eps", TransformerLayerOptions::eps, EPS)
        .with("batch_first", TransformerLayerOptions::batchFirst, true)
        .with("norm_first", TransformerLayerOptions::normFirst, usual.normFirst)
        .with("norm_module", TransformerLayerOptions::norm, usual.norm)
        .with("positions", options -> options.positions.kind(), PositionEncoding.Kind.NONE)
        .with("position_reach", options -> options.positions.reach(), 0)
        .with("rope_base", options -> options.positions.base(), usual.positions.base());
  }

  static TransformerLayerOptions plain(Settings settings) {
    MapOptions maps = MapOptions.defaults().with(settings.dtype()).withSeed(0);
    return of(settings, settings.flag("bias") ? maps : maps.withoutBias());
  }

  static TransformerLayerOptions equivariant(Settings settings) {
    return of(settings, MapOptions.of(settings));
  }

  private static TransformerLayerOptions of(Settings settings, MapOptions maps) {
    return new TransformerLayerOptions(
        settings.whole("heads"),
        settings.whole("dim_feedforward"),
        settings.number("dropout"),
        settings.constant(Activation.class, "activation"),
        settings.number("layer_norm_eps"),
        settings.flag("batch_first"),
        settings.flag("norm_first"),
        settings.constant(TransformerNorm.class, "norm_module"),
        new PositionEncoding(
            settings.constant(PositionEncoding.Kind.class, "positions"),
            settings.whole("position_reach"),
            settings.number("rope_base")),
        maps);
  }

  /** The options of one attention; parts of one layer differ in their seeds. */
  AttentionOptions attention(int part) {
    return new AttentionOptions(heads, dropout, batchFirst, maps.forPart(part));
  }

  /**
   * The same with another width between the two linear layers.
   *
   * @param other the width
   * @return new options
   */
  public TransformerLayerOptions withFeedForward(int other) {
    return new TransformerLayerOptions(
        heads, other, dropout, activation, eps, batchFirst, normFirst, norm, positions, maps);
  }

  /**
   * The same with another dropout.
   *
   * @param other the probability, at least 0 and below 1
   * @return new options
   */
  public TransformerLayerOptions withDropout(double other) {
    return new TransformerLayerOptions(
        heads, feedForward, other, activation, eps, batchFirst, normFirst, norm, positions, maps);
  }

  /**
   * The same with another activation.
   *
   * @param other the function
   * @return new options
   */
  public TransformerLayerOptions with(Activation other) {
    return new TransformerLayerOptions(
        heads, feedForward, dropout, other, eps, batchFirst, normFirst, norm, positions, maps);
  }

  /**
   * The same with time before the batch.
   *
   * @return new options
   */
  public TransformerLayerOptions timeFirst() {
    return new TransformerLayerOptions(
        heads, feedForward, dropout, activation, eps, false, normFirst, norm, positions, maps);
  }

  /**
   * The same with norms before or after each part.
   *
   * @param other whether norms come first
   * @return new options
   */
  public TransformerLayerOptions withNormFirst(boolean other) {
    return new TransformerLayerOptions(
        heads, feedForward, dropout, activation, eps, batchFirst, other, norm, positions, maps);
  }

  /**
   * The same with another norm.
   *
   * @param other the norm
   * @return new options
   */
  public TransformerLayerOptions with(TransformerNorm other) {
    return new TransformerLayerOptions(
        heads,
        feedForward,
        dropout,
        activation,
        eps,
        batchFirst,
        normFirst,
        other,
        positions,
        maps);
  }

  /**
   * The same with positions.
   *
   * @param other the positions that attention knows
   * @return new options
   */
  public TransformerLayerOptions with(PositionEncoding other) {
    return new TransformerLayerOptions(
        heads, feedForward, dropout, activation, eps, batchFirst, normFirst, norm, other, maps);
  }

  /**
   * The same with other options for the linear maps.
   *
   * @param other bias, initialization, seed, dtype, execution
   * @return new options
   */
  public TransformerLayerOptions with(MapOptions other) {
    return new TransformerLayerOptions(
        heads,
        feedForward,
        dropout,
        activation,
        eps,
        batchFirst,
        normFirst,
        norm,
        positions,
        other);
  }

  /** What the axes of tokens are. */
  Axes axes() {
    return batchFirst ? Axes.SEQUENCE : Axes.TIME_FIRST;
  }

  /** A port of tokens of so many features. */
  Port port(String name, int size) {
    return new Port(name, axes(), size);
  }

  /** For words about a layer. */
  String words() {
    return heads + (heads == 1 ? " head" : " heads") + ", feed-forward " + feedForward;
  }
}
