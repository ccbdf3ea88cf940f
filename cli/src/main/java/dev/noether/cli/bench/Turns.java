package dev.noether.cli.bench;

import dev.noether.torch.ComputeDevice;
import java.util.stream.DoubleStream;

/**
 * Times two things turn by turn, so that whatever else the machine does falls on both.
 *
 * @param device where they run
 * @param iterations timed turns; 0 for as many as fit into the budget
 * @param least how many turns at least, whatever the budget, where their number is not given
 * @param budgetMs the budget of both together
 */
record Turns(ComputeDevice device, int iterations, int least, double budgetMs) {
  /** Java compiles what runs often, and that takes a while: half the budget. */
  private static final double WARM_UP = 0.5;

  /** What is timed. */
  interface Step {
    void run();
  }

  /** The medians of two; who begins changes, since the second finds caches cold. */
  double[] medians(Step first, Step second) {
    Clock clock = Clock.ofWork(device);
    DoubleStream.Builder one = DoubleStream.builder();
    DoubleStream.Builder two = DoubleStream.builder();
    double warm = 0;
    while (warm < WARM_UP * budgetMs) {
      warm += time(clock, first) + time(clock, second);
    }
    double spent = 0;
    for (int i = 0; iterations > 0 ? i < iterations : i < least || spent < budgetMs; i++) {
      double a = 0;
      if (i % 2 == 0) {
        a = time(clock, first);
      }
      double b = time(clock, second);
      if (i % 2 == 1) {
        a = time(clock, first);
      }
      one.add(a);
      two.add(b);
      spent += a + b;
    }
    return new double[] {
      Spread.of(one.build().toArray()).median(), Spread.of(two.build().toArray()).median()
    };
  }

  private static double time(Clock clock, Step step) {
    clock.start();
    step.run();
    clock.stop();
    return clock.milliseconds();
  }
}
