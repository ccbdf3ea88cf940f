package dev.noether;

import dev.noether.torch.LibTorch;
import org.bytedeco.pytorch.global.torch;

/**
 * The first line of a program: {@code Noether.seed(0)}.
 *
 * <p>It loads LibTorch the way that is fast on this machine and makes everything after it
 * reproducible: the weights of new layers, {@code torch.randn}, dropout. Nothing is lost without
 * it, because each layer loads LibTorch by itself, as long as no call to LibTorch comes before.
 *
 * <pre>{@code
 * Noether.seed(0);
 * Tensor x = torch.randn(256, 4);
 * EquivariantLinear layer =
 *     new EquivariantLinear(
 *         Representation.parse("C4: regular"), Representation.parse("C4: 3 x regular"));
 * }</pre>
 */
public final class Noether {
  private Noether() {}

  /**
   * Seeds LibTorch's generators, of the CPU and of every GPU.
   *
   * @param seed any number; the same one gives the same numbers
   * @throws IllegalStateException if there is no LibTorch for this platform, or its libraries are
   *     not on the class path
   */
  public static void seed(long seed) {
    LibTorch.load();
    torch.manual_seed(seed);
  }
}
