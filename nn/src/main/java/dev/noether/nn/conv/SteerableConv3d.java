package dev.noether.nn.conv;

import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;

/**
 * A convolution over the space that commutes with rotations and reflections, as escnn's {@code
 * R3Conv}.
 */
public final class SteerableConv3d extends SteerableConvolution {
  /** How an architecture describes it. */
  public static final LayerType<SteerableConv3d> TYPE =
      SteerableConvolution.type(SteerableConv3d.class)
          .builds(
              s -> new SteerableConv3d(s.fields("in"), s.fields("out"), SteerableSettings.of(s)));

  /**
   * A layer.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param options kernel, stride, padding, dilation, groups, rings, bias, seed and dtype
   * @throws IllegalArgumentException if the fields live on different spaces or not in the space,
   *     the kernel's size is even, the groups do not share the fields, or no kernel leads to one of
   *     the output's fields
   */
  public SteerableConv3d(FieldType in, FieldType out, SteerableOptions options) {
    super(in, out, options, 3);
  }

  @Override
  boolean isTransposed() {
    return false;
  }
}
