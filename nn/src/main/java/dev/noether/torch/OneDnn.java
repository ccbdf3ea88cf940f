package dev.noether.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * oneDNN's convolutions, which LibTorch takes on the CPU. On some machines (seen on an AMD EPYC
 * with AVX-512, in version 3.7.1) they are wrong: where channels do not fill its blocks, whatever
 * stood in memory before comes in, and bfloat16 gives other numbers altogether.
 */
public final class OneDnn {
  /** The channels of a block. */
  public static final int BLOCK = 16;

  private static final long[] CHANNELS = {1, 5, 12};
  private static final double TOLERANCE = 0.05;

  private OneDnn() {}

  /** Found out once: a machine does not change. */
  private static final class Found {
    static final boolean WRONG = !isRight();
  }

  /**
   * Whether convolutions on this machine need whole blocks of channels, and float32 or float64.
   *
   * @return false where oneDNN is right, or not there
   */
  public static boolean needsWholeBlocks() {
    return Found.WRONG;
  }

  private static boolean isRight() {
    LibTorch.load();
    try (PointerScope scope = new PointerScope();
        InferenceMode normal = new InferenceMode(false);
        NoGradGuard guard = new NoGradGuard()) {
      Context context = torch.globalContext();
      return !Context.hasMKLDNN() || !context.userEnabledMkldnn() || isRight(context);
    }
  }

  private static boolean isRight(Context context) {
    for (long channels : CHANNELS) {
      Tensor x = waves(2, channels, 8);
      Tensor back = waves(channels, 3, 3);
      Tensor weight = waves(3, channels, 3);
      leaveNumbersBehind();
      Tensor transposed = torch.conv_transpose1d(x, back);
      leaveNumbersBehind();
      Tensor rounded = torch.conv1d(rounded(x), rounded(weight)).to(ScalarType.Float);
      context.setUserEnabledMkldnn(false);
      boolean right =
          areClose(transposed, torch.conv_transpose1d(x, back))
              && areClose(rounded, torch.conv1d(x, weight));
      context.setUserEnabledMkldnn(true);
      if (!right) {
        return false;
      }
    }
    return true;
  }

  private static Tensor rounded(Tensor x) {
    return x.to(ScalarType.BFloat16);
  }

  /** What comes next is likely to get this memory: zeros would hide what is read by mistake. */
  private static void leaveNumbersBehind() {
    try (PointerScope scope = new PointerScope()) {
      for (int size = 16; size <= 1 << 14; size *= 2) {
        torch.empty(size).fill_(new Scalar(1e4));
      }
    }
  }

  private static Tensor waves(long... shape) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return torch.arange(new Scalar(count)).to(ScalarType.Float).sin().view(shape);
  }

  private static boolean areClose(Tensor a, Tensor b) {
    double scale = Math.max(1, b.abs().max().item_double());
    // A comparison with NaN is false.
    return a.sub(b).abs().max().item_double() < TOLERANCE * scale;
  }
}
