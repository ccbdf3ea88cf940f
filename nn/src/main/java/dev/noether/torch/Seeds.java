package dev.noether.torch;

import java.util.OptionalLong;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Where random numbers come from. */
public final class Seeds {
  private Seeds() {}

  /**
   * A generator for LibTorch's functions on the CPU.
   *
   * @param seed the seed of a generator of its own; empty for LibTorch's default one
   * @return the generator
   */
  public static GeneratorOptional generator(OptionalLong seed) {
    LibTorch.load();
    return seed.isPresent()
        ? new GeneratorOptional(torch.make_generator_cpu(seed.getAsLong()))
        : new GeneratorOptional();
  }

  /**
   * The seed of a further part, so that parts of one layer differ.
   *
   * @param seed the seed of the layer
   * @param part the number of the part
   * @return seed + part; empty where there is none
   */
  public static OptionalLong next(OptionalLong seed, int part) {
    return seed.isPresent() ? OptionalLong.of(seed.getAsLong() + part) : seed;
  }

  /**
   * A tensor of numbers uniform in +-bound, drawn in its dtype on the CPU.
   *
   * @param dtype the dtype
   * @param bound the bound
   * @param generator where the numbers come from
   * @param shape the shape
   * @return a new tensor
   */
  public static Tensor uniform(
      Dtype dtype, double bound, GeneratorOptional generator, long... shape) {
    return Scopes.compute(
        () -> torch.zeros(shape).to(dtype.scalarType()).uniform_(-bound, bound, generator));
  }

  /**
   * A tensor of normally distributed numbers, drawn in its dtype on the CPU.
   *
   * @param dtype the dtype
   * @param generator where the numbers come from
   * @param shape the shape
   * @return a new tensor
   */
  public static Tensor normal(Dtype dtype, GeneratorOptional generator, long... shape) {
    return Scopes.compute(() -> torch.zeros(shape).to(dtype.scalarType()).normal_(0, 1, generator));
  }

  /**
   * Runs something that draws from LibTorch's default generator of the CPU, which then goes on as
   * if nothing had been drawn.
   *
   * @param <T> the type of the result
   * @param body what draws
   * @return its result
   */
  public static <T> T undisturbed(Supplier<T> body) {
    LibTorch.load();
    Tensor state = Scopes.compute(() -> torch.getDefaultCPUGenerator().get_state());
    try {
      return body.get();
    } finally {
      try (PointerScope scope = new PointerScope()) {
        torch.getDefaultCPUGenerator().set_state(state);
      }
      state.close();
    }
  }
}
