package dev.noether.benchmarks.campaign;

import dev.noether.nn.Layer;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Steps of training and evaluation of every registered layer leave no native memory behind. */
final class NativeMemory implements Part {
  /** A leak of one small tensor in every step is above it. */
  private static final long MOST_BYTES_PER_STEP = 64;

  private static final long NOISE = 24L << 20;

  private final int steps;
  private final Predicate<String> wanted;

  /**
   * Steps.
   *
   * @param steps of each layer
   * @param wanted the types of layers
   */
  NativeMemory(int steps, Predicate<String> wanted) {
    this.steps = steps;
    this.wanted = wanted;
  }

  @Override
  public void run(Means means) {
    for (Map.Entry<String, Layer> entry : AnyLayer.ofTypes(wanted).entrySet()) {
      Optional<AnyLayer.Driven> driven = AnyLayer.driven(entry.getValue());
      if (!means.hasTime()) {
        means.tally().count("no time for " + entry.getKey());
      } else if (driven.isPresent()) {
        run(entry.getKey(), driven.get(), means);
      }
    }
  }

  private void run(String name, AnyLayer.Driven driven, Means means) {
    long before = 0;
    int warm = steps / 4;
    for (int step = 0; step < steps; step++) {
      if (step == warm) {
        before = Pointer.physicalBytes();
      }
      if (step % 2 == 0) {
        driven.layer().train();
      } else {
        driven.layer().eval();
      }
      try (PointerScope scope = new PointerScope()) {
        Tensor output = driven.call().of(driven.layer(), driven.inputs());
        if (output.requires_grad()) {
          driven.layer().zeroGrad();
          output.sin().sum().backward();
        }
      }
      means.tally().count("steps");
    }
    long growth = Pointer.physicalBytes() - before;
    if (growth > NOISE + MOST_BYTES_PER_STEP * (steps - warm)) {
      means.tally().finding("native memory grows", name + ": " + growth + " bytes in " + steps);
    }
    means.tally().count("layers");
  }
}
