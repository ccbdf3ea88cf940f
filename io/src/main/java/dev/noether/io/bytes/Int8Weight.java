package dev.noether.io.bytes;

import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight in whole multiples of one step, from -127 to 127: symmetric quantization. Equal entries
 * stay equal, so what is rounded so commutes with permutations and changes of sign as exactly as
 * before.
 *
 * @param levels int8, of the weight's shape
 * @param step what each is multiplied by, float32, {@code [1]}
 */
public record Int8Weight(Tensor levels, Tensor step) {
  private static final double MOST = 127;

  /**
   * The nearest of a weight.
   *
   * @param weight numbers, at least one
   * @return its levels and step; the step of zeros is 1
   */
  public static Int8Weight of(Tensor weight) {
    Tensor wide = weight.detach().cpu().to(ScalarType.Double);
    double largest = wide.abs().max().item().toDouble();
    float step = largest == 0 ? 1 : (float) (largest / MOST);
    Tensor levels = wide.div(new Scalar((double) step)).round().to(ScalarType.Char).contiguous();
    return new Int8Weight(levels, Tensors.of(new float[] {step}, 1));
  }
}
