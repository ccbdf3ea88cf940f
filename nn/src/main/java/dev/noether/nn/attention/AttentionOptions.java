package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.MapOptions;

/**
 * How attention is made. Start from {@link #heads(int)} and change what differs.
 *
 * @param heads the number of heads, at least 1
 * @param dropout the probability with which a weight of attention is dropped in training, at least
 *     0 and below 1
 * @param batchFirst whether tensors are {@code [batch, time, size]}; else {@code [time, batch,
 *     size]}
 * @param maps bias, expansion, initialization, seed and dtype of the projections
 */
public record AttentionOptions(int heads, double dropout, boolean batchFirst, MapOptions maps) {
  /** The settings of an architecture of equivariant attention. */
  static final SettingGroup<AttentionOptions> SETTINGS =
      new SettingGroup<AttentionOptions>()
          .required("heads", AttentionOptions::heads)
          .with("dropout", AttentionOptions::dropout, 0.0)
          .with("batch_first", AttentionOptions::batchFirst, true)
          .withAll(MapOptions.SETTINGS, AttentionOptions::maps);

  /** The settings of an architecture of plain attention. */
  static final SettingGroup<AttentionOptions> PLAIN_SETTINGS =
      new SettingGroup<AttentionOptions>()
          .required("heads", AttentionOptions::heads)
          .with("dropout", AttentionOptions::dropout, 0.0)
          .with("batch_first", AttentionOptions::batchFirst, true)
          .with("bias", options -> options.maps.bias(), true);

  static AttentionOptions of(Settings settings) {
    return of(settings, MapOptions.of(settings));
  }

  static AttentionOptions plain(Settings settings) {
    MapOptions maps = MapOptions.defaults().with(settings.dtype()).withSeed(0);
    return of(settings, settings.flag("bias") ? maps : maps.withoutBias());
  }

  private static AttentionOptions of(Settings settings, MapOptions maps) {
    return new AttentionOptions(
        settings.whole("heads"), settings.number("dropout"), settings.flag("batch_first"), maps);
  }

  /**
   * Checks the numbers.
   *
   * @param heads the number of heads
   * @param dropout the probability of dropout
   * @param batchFirst whether the batch comes first
   * @param maps the options of the projections
   * @throws IllegalArgumentException if one is out of range
   */
  public AttentionOptions {
    require(heads >= 1, "attention has at least one head, got %d", heads);
    requireDropout(dropout);
  }

  /**
   * No dropout, batch first, linear layers with their defaults.
   *
   * @param count the number of heads
   * @return the options
   */
  public static AttentionOptions heads(int count) {
    return new AttentionOptions(count, 0, true, MapOptions.defaults());
  }

  /**
   * The same with dropout.
   *
   * @param probability at least 0 and below 1
   * @return new options
   */
  public AttentionOptions withDropout(double probability) {
    return new AttentionOptions(heads, probability, batchFirst, maps);
  }

  /**
   * The same with time before the batch, as PyTorch's default.
   *
   * @return new options
   */
  public AttentionOptions timeFirst() {
    return new AttentionOptions(heads, dropout, false, maps);
  }

  /**
   * The same with other options for the projections.
   *
   * @param other bias, expansion, initialization, seed and dtype
   * @return new options
   */
  public AttentionOptions with(MapOptions other) {
    return new AttentionOptions(heads, dropout, batchFirst, other);
  }

  /** For words about a layer. */
  String headCount() {
    return heads + (heads == 1 ? " head" : " heads");
  }
}
