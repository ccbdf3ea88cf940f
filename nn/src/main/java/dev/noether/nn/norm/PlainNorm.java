package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A norm that scales every feature by a number of its own, and so knows no symmetry. */
abstract sealed class PlainNorm extends Layer implements Forward, PlainLayer
    permits BatchNorm1d, LayerNorm, RmsNorm {
  private final int features;

  PlainNorm(int features) {
    require(features >= 1, "a norm needs at least one feature, got %d", features);
    LibTorch.load();
    this.features = features;
  }

  /** One number for each feature. */
  final Tensor filled(Dtype dtype, double value) {
    double[] values = new double[features];
    Arrays.fill(values, value);
    return Tensors.of(dtype, values, features);
  }

  /**
   * The features.
   *
   * @return their number
   */
  public int features() {
    return features;
  }

  @Override
  public List<Port> inputs() {
    return List.of(new Port("input", Axes.FEATURES, features));
  }

  @Override
  public Port output() {
    return new Port("output", Axes.FEATURES, features);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + features + ")";
  }
}
