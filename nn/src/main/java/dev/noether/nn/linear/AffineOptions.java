package dev.noether.nn.linear;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.torch.Dtype;

/**
 * How scales and bias are made. Start from {@link #defaults()} and change what differs.
 *
 * @param bias whether an invariant bias is added
 * @param dtype the dtype of the layer
 */
public record AffineOptions(boolean bias, Dtype dtype) {
  /** The settings of an architecture. */
  public static final SettingGroup<AffineOptions> SETTINGS =
      new SettingGroup<AffineOptions>().with("bias", AffineOptions::bias, true);

  /**
   * Reads the options.
   *
   * @param settings an architecture's settings
   * @return the options
   * @throws IllegalArgumentException if one does not fit
   */
  public static AffineOptions of(Settings settings) {
    return new AffineOptions(settings.flag("bias"), settings.dtype());
  }

  /**
   * A bias, float32.
   *
   * @return the defaults
   */
  public static AffineOptions defaults() {
    return new AffineOptions(true, Dtype.FLOAT32);
  }

  /**
   * The same without a bias.
   *
   * @return new options
   */
  public AffineOptions withoutBias() {
    return new AffineOptions(false, dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public AffineOptions with(Dtype other) {
    return new AffineOptions(bias, other);
  }
}
