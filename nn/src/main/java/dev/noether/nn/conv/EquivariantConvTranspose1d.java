package dev.noether.nn.conv;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.LayerType;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

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
                      geometry(s),
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
    require(
        geometry.outputPadding() < Math.max(geometry.stride(), geometry.dilation()),
        "output padding must be below stride %d or dilation %d, got %d",
        geometry.stride(),
        geometry.dilation(),
        geometry.outputPadding());
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
    return taps.permute(2, 1, 0);
  }

  @Override
  boolean isTransposed() {
    return true;
  }

  @Override
  void requireTime(long time) {
    long result =
        (time - 1) * geometry().stride()
            - 2L * geometry().padding()
            + geometry().span()
            + geometry().outputPadding();
    require(
        time >= 1 && result >= 1,
        "%d steps of input leave %d steps of output after a padding of %d",
        time,
        result,
        geometry().padding());
  }

  @Override
  Tensor convolve(Tensor input, Tensor weight, TensorOptional bias) {
    return torch.conv_transpose1d(
        input,
        weight,
        bias,
        new long[] {geometry().stride()},
        new long[] {geometry().padding()},
        new long[] {geometry().outputPadding()},
        1,
        geometry().dilation());
  }
}
