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
public record BilinearOptions(MapOptions map, Pairing pairing, int maxDegree) {
  /** All irreps take part. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  /** The settings of an architecture, those of the linear map left out. */
  public static final SettingGroup<BilinearOptions> SETTINGS =
      new SettingGroup<BilinearOptions>()
          .with("pairing", BilinearOptions::pairing, Pairing.ALL)
          .with("max_degree", BilinearOptions::maxDegree, NO_LIMIT);

  /**
   * Checks the limit.
   *
   * @param map the options of the linear map
   * @param pairing which copies are multiplied
   * @param maxDegree the largest degree of an irrep that takes part
   * @throws IllegalArgumentException if the limit is below 1
   */
  public BilinearOptions {
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
  public static BilinearOptions of(Settings settings) {
    return new BilinearOptions(
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
  public static BilinearOptions defaults() {
    return new BilinearOptions(MapOptions.defaults().withoutBias(), Pairing.ALL, NO_LIMIT);
  }

  /**
   * The same with other options of the linear map.
   *
   * @param other bias, expansion, execution, initialization, seed and dtype
   * @return new options
   */
  public BilinearOptions with(MapOptions other) {
    return new BilinearOptions(other, pairing, maxDegree);
  }

  /**
   * The same with another choice of pairs.
   *
   * @param other which copies are multiplied
   * @return new options
   */
  public BilinearOptions with(Pairing other) {
    return new BilinearOptions(map, other, maxDegree);
  }

  /**
   * The same with another limit.
   *
   * @param limit the largest degree (dimension) of an irrep that takes part
   * @return new options
   * @throws IllegalArgumentException if it is below 1
   */
  public BilinearOptions withMaxDegree(int limit) {
    return new BilinearOptions(map, pairing, limit);
  }
}
