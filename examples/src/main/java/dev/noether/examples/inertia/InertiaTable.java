package dev.noether.examples.inertia;

import static dev.noether.algebra.Checks.require;

import dev.noether.examples.Results;
import dev.noether.torch.LibTorch;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The table of errors: {@code InertiaTable [SIZES [SEEDS [STEPS [CHANNELS]]]]}, by default 1000 and
 * 3000 samples, five seeds, 2000 steps, 384 channels.
 */
public final class InertiaTable {
  private InertiaTable() {}

  /**
   * Trains and prints.
   *
   * @param arguments sizes with commas between them, seeds, steps, channels
   */
  public static void main(String[] arguments) {
    require(arguments.length <= 4, "at most four arguments: SIZES SEEDS STEPS CHANNELS");
    LibTorch.setThreads("threads", 1);
    List<Integer> sizes =
        Arrays.stream((arguments.length > 0 ? arguments[0] : "1000,3000").split(","))
            .map(Integer::parseInt)
            .toList();
    int seeds = number(arguments, 1, 5);
    int steps = number(arguments, 2, 2000);
    int channels = number(arguments, 3, 384);
    Results results = MomentOfInertia.run(sizes, seeds, steps, channels, System.out::println);
    results
        .cells()
        .forEach(
            cell ->
                System.out.printf(
                    Locale.ROOT,
                    "%s, %d samples: %.4f +- %.4f%n",
                    cell.model(),
                    cell.samples(),
                    cell.mean(),
                    cell.deviation()));
  }

  private static int number(String[] arguments, int place, int fallback) {
    return arguments.length > place ? Integer.parseInt(arguments[place]) : fallback;
  }
}
