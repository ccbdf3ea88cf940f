package dev.noether.nn.conv;

import dev.noether.nn.LayerType;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;

/** A convolution over time whose channels transform, as PyTorch's {@code Conv1d}. */
public final class EquivariantConv1d extends EquivariantConvolution {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantConv1d> TYPE =
      EquivariantConvolution.type(EquivariantConv1d.class)
          .builds(
              s ->
                  new EquivariantConv1d(
                      s.representation("in"),
                      s.representation("out"),
                      Geometry.of(s),
                      MapOptions.of(s)));

  /**
   * A layer between two representations.
   *
   * @param in the representation of the input's channels
   * @param out the representation of the output's channels
   * @param geometry kernel size, stride, padding, dilation
   * @param options bias, expansion, initialization, seed and dtype
   * @throws IllegalArgumentException if the groups differ, Hom_G(in, out) is empty, or an option
   *     does not concern this layer
   */
  public EquivariantConv1d(
      Representation in, Representation out, ConvolutionOptions geometry, MapOptions options) {
    super(in, out, geometry, options);
    Geometry.requirePlain(geometry);
  }

  /**
   * A layer with the default options.
   *
   * @param in the representation of the input's channels
   * @param out the representation of the output's channels
   * @param geometry the kernel's geometry
   * @throws IllegalArgumentException as the other constructor
   */
  public EquivariantConv1d(Representation in, Representation out, ConvolutionOptions geometry) {
    this(in, out, geometry, MapOptions.defaults());
  }

  @Override
  Tensor arrange(Tensor taps) {
    return taps.permute(2, 1, 0);
  }

  @Override
  boolean isTransposed() {
    return false;
  }
}
