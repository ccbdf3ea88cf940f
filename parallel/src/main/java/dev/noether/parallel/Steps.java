package dev.noether.parallel;

import dev.noether.nn.EquivariantLayer;
import dev.noether.train.Callback;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import dev.noether.train.Run;
import dev.noether.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Times of steps of training in this process, as a rank takes them that waits for nobody. */
final class Steps {
  /** Java's compiler works beside the first half of them, which does not count. */
  private static final int MOST = 1000;

  private static final int FEWEST = 3;
  private static final double LONGEST = 5;
  private static final int BATCHES = 4;

  private Steps() {}

  private static final class Clock implements Callback {
    private final List<Double> seconds = new ArrayList<>();
    private final long start = System.nanoTime();
    private long last;

    @Override
    public void onStep(Run run) {
      long now = System.nanoTime();
      if (last != 0) {
        seconds.add((now - last) / 1e9);
      }
      last = now;
      if (seconds.size() >= FEWEST && (now - start) / 1e9 > LONGEST) {
        run.stop();
      }
    }
  }

  /** Those that count, in their order. */
  static List<Double> seconds(EquivariantLayer model, long batch) {
    Clock clock = new Clock();
    try (PointerScope scope = new PointerScope()) {
      Dataset data =
          Dataset.of(
              numbers(model, BATCHES * batch, model.in().size()),
              numbers(model, BATCHES * batch, model.out().size()));
      Trainer.builder()
          .steps(MOST)
          .batchSize(Math.toIntExact(batch))
          .ranks(GradientSync.ofNobody())
          .callbacks(clock)
          .build()
          .fit(
              model, Loss.meanSquaredError(), new SGD(model.parameters(), new SGDOptions(0)), data);
    }
    return clock.seconds.subList(clock.seconds.size() / 2, clock.seconds.size());
  }

  /** None is drawn: nobody's random numbers change. */
  private static Tensor numbers(EquivariantLayer model, long rows, long columns) {
    Tensor all = torch.linspace(new Scalar(-1.0), new Scalar(1.0), rows * columns);
    return all.view(rows, columns).to(model.dtype().scalarType());
  }
}
