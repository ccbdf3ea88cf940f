package dev.noether.benchmarks;

import dev.noether.Noether;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import dev.noether.train.Callback;
import dev.noether.train.Dataset;
import dev.noether.train.History;
import dev.noether.train.Loss;
import dev.noether.train.Run;
import dev.noether.train.Trainer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The trainer against the loop that one would write by hand, in turns, processor time of a step:
 * {@code TrainerLoop [ROUNDS]}. With {@code TrainerLoop memory STEPS} the memory of one long run.
 */
public final class TrainerLoop {
  private static final int SAMPLES = 16_384;
  private static final int STEPS_PER_TURN = 128;
  private static final int WARM_TURNS = 4;

  private TrainerLoop() {}

  /**
   * Prints a table.
   *
   * @param arguments the number of turns of each, or {@code memory} and a number of steps
   */
  public static void main(String[] arguments) {
    Noether.seed(0);
    if (arguments.length == 2 && arguments[0].equals("memory")) {
      memory(Long.parseLong(arguments[1]));
      return;
    }
    int rounds = arguments.length == 0 ? 20 : Integer.parseInt(arguments[0]);
    compare("linear, Icosahedral: 2 x regular to 4 x regular", 1024, rounds, TrainerLoop::linear);
    compare("MLP, C2 x C2: 6 x regular, 64, 64, 3 x regular", 64, rounds, TrainerLoop::small);
  }

  private static EquivariantLayer linear() {
    return new EquivariantLinear(
        Representation.parse("Icosahedral: 2 x regular"),
        Representation.parse("Icosahedral: 4 x regular"));
  }

  private static EquivariantLayer small() {
    return new EquivariantMlp(
        Representation.parse("C2 x C2: 6 x regular"),
        Representation.parse("C2 x C2: 3 x regular"),
        MlpOptions.hidden(64, 64));
  }

  private static void compare(
      String name, int batch, int rounds, Supplier<EquivariantLayer> layers) {
    EquivariantLayer byHand = layers.get();
    EquivariantLayer trained = layers.get();
    Optimizer first = new Adam(byHand.parameters(), new AdamOptions(1e-3));
    Optimizer second = new Adam(trained.parameters(), new AdamOptions(1e-3));
    Dataset data = data(byHand);
    double[] bare = new double[rounds];
    double[] trainer = new double[rounds];
    for (int turn = -WARM_TURNS; turn < rounds; turn++) {
      double one = microseconds(clock -> loop(byHand, first, data, batch, clock));
      double other = microseconds(clock -> fit(trained, second, data, batch, clock));
      if (turn >= 0) {
        bare[turn] = one;
        trainer[turn] = other;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s, batch %d: by hand %.1f us, trainer %.1f us, %.3f of it; fastest turns %.1f, %.1f, %.3f%n",
        name,
        batch,
        quantile(bare, 0.5),
        quantile(trainer, 0.5),
        quantile(trainer, 0.5) / quantile(bare, 0.5),
        quantile(bare, 0),
        quantile(trainer, 0),
        quantile(trainer, 0) / quantile(bare, 0));
  }

  private static Dataset data(EquivariantLayer layer) {
    return Dataset.of(
        torch.randn(SAMPLES, layer.in().size()), torch.randn(SAMPLES, layer.out().size()));
  }

  /** Times from the end of the first step to that of the last. */
  private static final class StepClock implements Callback {
    private long start;
    private long end;
    private int steps;

    void tick() {
      end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      if (steps++ == 0) {
        start = end;
      }
    }

    @Override
    public void onStep(Run run) {
      tick();
    }

    double microseconds() {
      return (end - start) / 1e3 / (steps - 1);
    }
  }

  @FunctionalInterface
  private interface Turn {
    void run(StepClock clock);
  }

  private static double microseconds(Turn turn) {
    StepClock clock = new StepClock();
    turn.run(clock);
    return clock.microseconds();
  }

  private static void fit(
      EquivariantLayer model, Optimizer optimizer, Dataset data, int batch, StepClock clock) {
    Trainer.builder()
        .steps(STEPS_PER_TURN)
        .batchSize(batch)
        .callbacks(clock)
        .build()
        .fit(model, Loss.meanSquaredError(), optimizer, data);
  }

  /** Shuffled batches, forward, loss, backward, step, a scope for each. */
  private static double loop(
      EquivariantLayer model, Optimizer optimizer, Dataset data, int batch, StepClock clock) {
    model.train();
    double sum = 0;
    int perEpoch = SAMPLES / batch;
    Tensor order = torch.randperm(SAMPLES);
    for (int step = 0; step < STEPS_PER_TURN; step++) {
      int from = step % perEpoch * batch;
      if (from == 0) {
        order = torch.randperm(SAMPLES);
      }
      try (PointerScope scope = new PointerScope()) {
        Tensor chosen = order.narrow(0, from, batch);
        Tensor x = data.tensor("x").index_select(0, chosen);
        Tensor y = data.tensor("y").index_select(0, chosen);
        optimizer.zero_grad();
        Tensor loss = torch.mse_loss(model.forward(x), y);
        sum += loss.item_double();
        loss.backward();
        optimizer.step();
      }
      clock.tick();
    }
    return sum;
  }

  private static double quantile(double[] numbers, double part) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[(int) (part * (sorted.length - 1))];
  }

  /** A line each tenth of a run: memory of the process, and what of the heap is in use. */
  private static void memory(long steps) {
    EquivariantLayer model = small();
    Optimizer optimizer = new Adam(model.parameters(), new AdamOptions(1e-3));
    Callback lines =
        new Callback() {
          @Override
          public void onStep(Run run) {
            if (run.steps() % (steps / 10) == 0) {
              System.gc();
              Runtime heap = Runtime.getRuntime();
              System.out.printf(
                  Locale.ROOT,
                  "%,d steps: process %.1f MB, heap %.1f MB%n",
                  run.steps(),
                  Pointer.physicalBytes() / 1e6,
                  (heap.totalMemory() - heap.freeMemory()) / 1e6);
            }
          }
        };
    History history =
        Trainer.builder()
            .steps(steps)
            .batchSize(64)
            .averageWeights(0.999)
            .clipNorm(1)
            .callbacks(lines)
            .build()
            .fit(model, Loss.meanSquaredError(), optimizer, data(model));
    System.out.println(history.epochs().size() + " epochs");
  }
}
