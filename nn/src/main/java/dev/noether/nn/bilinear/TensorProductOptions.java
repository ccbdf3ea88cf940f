package dev.noether.nn.bilinear;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.MapOptions;

/**
 * How a bilinear layer is made. Start from {@link #defaults()} and change what differs.
 *
 * @param map the options of the linear map from the products to the output
 * @param pairing which copies are multiplied
 * @param maxDegree the largest degree (dimension) of an irrep that takes part, on either side and
 *     in the products; {@link #NO_LIMIT} for all
 */
public record TensorProductOptions(MapOptions map, Pairing pairing, int maxDegree) {
  /** All irreps take part. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  /** The settings of an architecture, those of the linear map left out. */
  public static final SettingGroup<TensorProductOptions> SETTINGS =
      new SettingGroup<TensorProductOptions>()
          .with("pairing", TensorProductOptions::pairing, Pairing.ALL)
          .with("max_degree", TensorProductOptions::maxDegree, NO_LIMIT)
          .withAll(MapOptions.SETTINGS, TensorProductOptions::map);

  /**
   * Checks the limit.
   *
   * @param map the options of the linear map
   * @param pairing which copies are multiplied
   * @param maxDegree the largest degree of an irrep that takes part
   * @throws IllegalArgumentException if the limit is below 1
   */
  public TensorProductOptions {
    require(
        maxDegree >= 1,
        "maxDegree must be at least 1, the degree of the trivial irrep, got %d",
        maxDegree);
  }

  /**
   * Reads the options, those of the linear map too.
   *
   * @param settings an architecture's settings
   * @return the options, with a seed
   * @throws IllegalArgumentException if one does not fit
   */
  public static TensorProductOptions of(Settings settings) {
    return new TensorProductOptions(
        MapOptions.of(settings),
        settings.constant(Pairing.class, "pairing"),
        settings.whole("max_degree"));
  }

  /**
   * All pairs of copies, no limit of degrees, and the default options of a linear layer without a
   * bias: the layer is bilinear.
   *
   * @return the defaults
   */
  public static TensorProductOptions defaults() {
    return new TensorProductOptions(MapOptions.defaults().withoutBias(), Pairing.ALL, NO_LIMIT);
  }

  /**
   * The same with other options of the linear map.
   *
   * @param other bias, expansion, execution, initialization, seed and dtype
   * @return new options
   */
  public TensorProductOptions with(MapOptions other) {
    return new TensorProductOptions(other, pairing, maxDegree);
  }

  /**
   * The same with another choice of pairs.
   *
   * @param other which copies are multiplied
   * @return new options
   */
  public TensorProductOptions with(Pairing other) {
    return new TensorProductOptions(map, other, maxDegree);
  }

  /**
   * The same with another limit.
   *
   * @param limit the largest degree (dimension) of an irrep that takes part
   * @return new options
   * @throws IllegalArgumentException if it is below 1
   */
  public TensorProductOptions withMaxDegree(int limit) {
    return new TensorProductOptions(map, pairing, limit);
  }
}
