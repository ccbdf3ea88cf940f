package dev.noether.nn.linear;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Initialization;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.Seeds;
import java.util.OptionalLong;

/**
 * How a layer of equivariant maps is made. Start from {@link #defaults()} and change what differs.
 *
 * @param bias whether the layer adds a bias
 * @param expansion the coordinates of the equivariant map
 * @param execution how the equivariant map is applied
 * @param initialization how the weight is drawn
 * @param seed the seed of the layer's own generator; empty draws from LibTorch's
 * @param dtype the dtype of the layer
 */
public record MapOptions(
    boolean bias,
    BasisExpansion expansion,
    Execution execution,
    Initialization initialization,
    OptionalLong seed,
    Dtype dtype) {
  /** The settings of an architecture. */
  public static final SettingGroup<MapOptions> SETTINGS =
      new SettingGroup<MapOptions>()
          .with("bias", MapOptions::bias, true)
          .with("expansion", MapOptions::expansion, BasisExpansion.ISOTYPIC_EXPANSION)
          .with("execution", MapOptions::execution, Execution.AUTO)
          .with("initialization", MapOptions::initialization, Initialization.XAVIER_NORMAL);

  /**
   * Reads the options.
   *
   * @param settings an architecture's settings
   * @return the options, with a seed
   * @throws IllegalArgumentException if one does not fit
   */
  public static MapOptions of(Settings settings) {
    return new MapOptions(
        settings.flag("bias"),
        settings.constant(BasisExpansion.class, "expansion"),
        settings.constant(Execution.class, "execution"),
        settings.constant(Initialization.class, "initialization"),
        OptionalLong.of(0),
        settings.dtype());
  }

  /**
   * A bias, isotypic expansion, automatic execution, Xavier normal, LibTorch's generator, float32.
   *
   * @return the defaults
   */
  public static MapOptions defaults() {
    return new MapOptions(
        true,
        BasisExpansion.ISOTYPIC_EXPANSION,
        Execution.AUTO,
        Initialization.XAVIER_NORMAL,
        OptionalLong.empty(),
        Dtype.FLOAT32);
  }

  /**
   * The same without a bias.
   *
   * @return new options
   */
  public MapOptions withoutBias() {
    return new MapOptions(false, expansion, execution, initialization, seed, dtype);
  }

  /**
   * The same with another expansion.
   *
   * @param other the expansion
   * @return new options
   */
  public MapOptions with(BasisExpansion other) {
    return new MapOptions(bias, other, execution, initialization, seed, dtype);
  }

  /**
   * The same with another execution.
   *
   * @param other how the equivariant map is applied
   * @return new options
   */
  public MapOptions with(Execution other) {
    return new MapOptions(bias, expansion, other, initialization, seed, dtype);
  }

  /**
   * The same with another initialization.
   *
   * @param other the initialization
   * @return new options
   */
  public MapOptions with(Initialization other) {
    return new MapOptions(bias, expansion, execution, other, seed, dtype);
  }

  /**
   * The same with a seed of its own.
   *
   * @param value the seed
   * @return new options
   */
  public MapOptions withSeed(long value) {
    return new MapOptions(
        bias, expansion, execution, initialization, OptionalLong.of(value), dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public MapOptions with(Dtype other) {
    return new MapOptions(bias, expansion, execution, initialization, seed, other);
  }

  /**
   * The same with the seed of a further part, so that parts of one layer differ.
   *
   * @param part the number of the part
   * @return new options; the same where there is no seed
   */
  public MapOptions forPart(int part) {
    return new MapOptions(
        bias, expansion, execution, initialization, Seeds.next(seed, part), dtype);
  }
}
