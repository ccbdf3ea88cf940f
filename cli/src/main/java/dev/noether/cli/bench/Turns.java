package dev.noether.cli.bench;

import dev.noether.torch.ComputeDevice;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Times several things turn by turn, so that whatever else the machine does falls on all.
 *
 * @param device where they run
 * @param iterations timed turns; 0 for as many as fit into the budget
 * @param least how many turns at least, whatever the budget, where their number is not given
 * @param budgetMs the budget of all together
 */
record Turns(ComputeDevice device, int iterations, int least, double budgetMs) {
  /** Java compiles what runs often, and that takes a while: half the budget. */
  private static final double WARM_UP = 0.5;

  /** What is timed. */
  interface Step {
    void run();
  }

  /** The medians of each; who begins changes, since whoever follows finds caches cold. */
  double[] medians(Step... steps) {
    Clock clock = Clock.ofWork(device);
    double warm = 0;
    while (warm < WARM_UP * budgetMs) {
      for (Step step : steps) {
        warm += time(clock, step);
      }
    }
    List<DoubleStream.Builder> times =
        Arrays.stream(steps).map(step -> DoubleStream.builder()).toList();
    double spent = 0;
    for (int i = 0; iterations > 0 ? i < iterations : i < least || spent < budgetMs; i++) {
      for (int turn = 0; turn < steps.length; turn++) {
        int own = (i + turn) % steps.length;
        double time = time(clock, steps[own]);
        times.get(own).add(time);
        spent += time;
      }
    }
    return times.stream().mapToDouble(own -> Spread.of(own.build().toArray()).median()).toArray();
  }

  private static double time(Clock clock, Step step) {
    clock.start();
    step.run();
    clock.stop();
    return clock.milliseconds();
  }
}
