package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  @Test
  void factorsOfProductsAreNotRoundedOnGpus() {
    LibTorch.load();
    try (PointerScope scope = new PointerScope()) {
      Context context = torch.globalContext();
      assertThat(context.allowTF32CuDNN()).isFalse();
      assertThat(context.allowTF32CuBLAS()).isFalse();
    }
  }
}
