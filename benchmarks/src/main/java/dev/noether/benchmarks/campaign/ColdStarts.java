package dev.noether.benchmarks.campaign;

import dev.noether.nn.Layer;
import dev.noether.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Every registered layer, fresh, evaluated for the first time by many threads at once. */
final class ColdStarts implements Part {
  private static final int THREADS = 16;

  private final long most;

  private final Predicate<String> wanted;

  /**
   * Cold starts.
   *
   * @param most how many of each layer are enough; the deadline may come first
   * @param wanted the types of layers
   */
  ColdStarts(long most, Predicate<String> wanted) {
    this.most = most;
    this.wanted = wanted;
  }

  @Override
  public void run(Means means) throws Exception {
    Map<String, Layer> layers = AnyLayer.ofTypes(wanted);
    means.tally().count("layers", layers.size());
    List<AnyLayer.Driven> driven = new ArrayList<>();
    layers.forEach(
        (name, layer) -> {
          layer.eval();
          Optional<AnyLayer.Driven> own = AnyLayer.driven(layer);
          if (own.isPresent()) {
            driven.add(own.get());
          } else {
            means.tally().count("no function of a tensor: " + name);
          }
        });
    long count = 0;
    do {
      for (AnyLayer.Driven own : driven) {
        coldStart(own, means.tally());
      }
      means.tally().count("cold starts of every layer");
      count++;
    } while (count < most && means.hasTime());
  }

  private static void coldStart(AnyLayer.Driven driven, Tally tally) throws Exception {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor expected = driven.call().of(driven.layer().copy(), driven.inputs());
      Layer fresh = driven.layer().copy();
      CyclicBarrier barrier = new CyclicBarrier(THREADS);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Thread thread = new Thread(() -> evaluate(driven, fresh, expected, barrier, tally));
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static void evaluate(
      AnyLayer.Driven driven, Layer layer, Tensor expected, CyclicBarrier barrier, Tally tally) {
    try {
      barrier.await();
      for (int round = 0; round < 2; round++) {
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          if (driven.call().of(layer, driven.inputs()).equal(expected)) {
            tally.count("evaluations with the bits of one thread");
          } else {
            tally.finding("other bits in a cold start", layer.toString());
          }
        }
      }
    } catch (RuntimeException e) {
      tally.finding("a cold start throws", layer + ": " + LibTorch.firstLine(e));
    } catch (Exception e) {
      tally.finding("a cold start throws", layer + ": " + e);
    }
  }
}
