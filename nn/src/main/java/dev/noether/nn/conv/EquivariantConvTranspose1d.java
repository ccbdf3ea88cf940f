package dev.noether.nn.conv;

import dev.noether.nn.LayerType;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;

/**
 * A transposed convolution over time whose channels transform, as PyTorch's {@code
 * ConvTranspose1d}: it makes time longer where a convolution with a stride makes it shorter.
 */
public final class EquivariantConvTranspose1d extends EquivariantConvolution {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantConvTranspose1d> TYPE =
      EquivariantConvolution.type(EquivariantConvTranspose1d.class)
          .builds(
              s ->
                  new EquivariantConvTranspose1d(
                      s.representation("in"),
                      s.representation("out"),
                      Geometry.of(s),
                      MapOptions.of(s)));

  /**
   * A layer between two representations.
   *
   * @param in the representation of the input's channels
   * @param out the representation of the output's channels
   * @param geometry kernel size, stride, padding, dilation, output padding
   * @param options bias, expansion, initialization, seed and dtype
   * @throws IllegalArgumentException if the groups differ, Hom_G(in, out) is empty, or an option
   *     does not concern this layer
   */
  public EquivariantConvTranspose1d(
      Representation in, Representation out, ConvolutionOptions geometry, MapOptions options) {
    super(in, out, geometry, options);
    Geometry.requireTransposed(geometry);
  }

  /**
   * A layer with the default options.
   *
   * @param in the representation of the input's channels
   * @param out the representation of the output's channels
   * @param geometry the kernel's geometry
   * @throws IllegalArgumentException as the other constructor
   */
  public EquivariantConvTranspose1d(
      Representation in, Representation out, ConvolutionOptions geometry) {
    this(in, out, geometry, MapOptions.defaults());
  }

  @Override
  Tensor arrange(Tensor taps) {
    return taps.permute(1, 2, 0);
  }

  @Override
  boolean isTransposed() {
    return true;
  }
}
