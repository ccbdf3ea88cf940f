package dev.noether.nn.linear;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.torch.Dtype;
import dev.noether.torch.Seeds;
import java.util.OptionalLong;

/**
 * How a plain layer is made. Start from {@link #defaults()} and change what differs.
 *
 * @param bias whether the layer adds a bias
 * @param seed the seed of the layer's own generator; empty draws from LibTorch's
 * @param dtype the dtype of the layer
 */
public record DenseOptions(boolean bias, OptionalLong seed, Dtype dtype) {
  /** The settings of an architecture. */
  public static final SettingGroup<DenseOptions> SETTINGS =
      new SettingGroup<DenseOptions>().with("bias", DenseOptions::bias, true);

  /**
   * Reads the options.
   *
   * @param settings an architecture's settings
   * @return the options, with a seed
   * @throws IllegalArgumentException if one does not fit
   */
  public static DenseOptions of(Settings settings) {
    DenseOptions options = defaults().with(settings.dtype()).withSeed(0);
    return settings.flag("bias") ? options : options.withoutBias();
  }

  /**
   * A bias, LibTorch's generator, float32.
   *
   * @return the defaults
   */
  public static DenseOptions defaults() {
    return new DenseOptions(true, OptionalLong.empty(), Dtype.FLOAT32);
  }

  /**
   * The same without a bias.
   *
   * @return new options
   */
  public DenseOptions withoutBias() {
    return new DenseOptions(false, seed, dtype);
  }

  /**
   * The same with a seed of its own.
   *
   * @param value the seed
   * @return new options
   */
  public DenseOptions withSeed(long value) {
    return new DenseOptions(bias, OptionalLong.of(value), dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public DenseOptions with(Dtype other) {
    return new DenseOptions(bias, seed, other);
  }

  /**
   * The same with the seed of a further part, so that parts of one layer differ.
   *
   * @param part the number of the part
   * @return new options; the same where there is no seed
   */
  public DenseOptions forPart(int part) {
    return new DenseOptions(bias, Seeds.next(seed, part), dtype);
  }
}
