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
 * oneDNN's convolutions, which LibTorch takes on the CPU. On machines whose processor tells nothing
 * of its caches, as in some virtual machines, they may be wrong: whatever stood in memory before
 * comes in, some strides and widths give other numbers, and bfloat16 always does. There LibTorch's
 * own serve instead.
 */
final class OneDnn {
  private static final long[] CHANNELS = {1, 5, 12};
  private static final double TOLERANCE = 0.05;

  private OneDnn() {}

  /** Lets LibTorch's own convolutions serve where oneDNN's are wrong. */
  static void hold() {
    try (PointerScope scope = new PointerScope();
        InferenceMode normal = new InferenceMode(false);
        NoGradGuard guard = new NoGradGuard()) {
      Context context = torch.globalContext();
      if (Context.hasMKLDNN() && context.userEnabledMkldnn() && !isRight(context)) {
        context.setUserEnabledMkldnn(false);
      }
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
