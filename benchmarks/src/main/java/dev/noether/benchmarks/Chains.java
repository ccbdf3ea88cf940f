package dev.noether.benchmarks;

import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A chain of four layers beside the same layers one by one, in evaluation without gradients and for
 * few samples, the two in turns. Both read kept weights, so whoever comes second would find them in
 * the cache: before each, a sum of large tensors clears it. Argument: rounds.
 */
public final class Chains {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int LAYERS = 4;
  private static final int BATCH = 64;
  private static final int WARM_UP = 50;
  private static final long CACHE = 2048;

  private static final List<String> CASES =
      List.of(
          "Icosahedral: 4 x regular",
          "Icosahedral: 10 x regular",
          "Icosahedral: 16 x regular",
          "D10: 10 x regular");

  private Chains() {}

  /**
   * Prints a row for each representation.
   *
   * @param arguments rounds (200)
   */
  public static void main(String[] arguments) {
    LibTorch.setThreads(1);
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
    System.out.printf("4 layers, %d samples, without gradients, 1 thread%n", BATCH);
    System.out.println("| maps | joined | one by one us | chain us | ratio |");
    System.out.println("|---|---|---|---|---|");
    for (String text : CASES) {
      row(text, Representation.parse(text), rounds);
    }
  }

  private static void row(String text, Representation rho, int rounds) {
    MapOptions options = MapOptions.defaults().withSeed(0);
    List<EquivariantLinear> layers =
        IntStream.range(0, LAYERS).mapToObj(i -> new EquivariantLinear(rho, rho, options)).toList();
    EquivariantSequential chain = new EquivariantSequential(layers);
    chain.eval();
    Tensor x = Scopes.keep(torch.randn(BATCH, rho.size()));
    Tensor other = Scopes.keep(torch.randn(CACHE, CACHE));
    UnaryOperator<Tensor> alone =
        input -> {
          Tensor current = input;
          for (EquivariantLinear layer : layers) {
            current = layer.forward(current);
          }
          return current;
        };
    double[][] times = new double[2][rounds];
    for (int round = -WARM_UP; round < rounds; round++) {
      for (int turn = 0; turn < 2; turn++) {
        int way = (round + WARM_UP + turn) % 2;
        double microseconds = microseconds(way == 0 ? alone : chain::forward, x, other);
        if (round >= 0) {
          times[way][round] = microseconds;
        }
      }
    }
    double one = median(times[0]);
    double joined = median(times[1]);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %.0f | %.0f | %.2f |%n",
        text,
        isJoined(chain) ? "yes" : "no",
        one,
        joined,
        joined / one);
  }

  private static boolean isJoined(EquivariantSequential chain) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return chain.summary(BATCH).contains("in the isotypic basis");
    }
  }

  private static double median(double[] numbers) {
    return Arrays.stream(numbers).sorted().toArray()[numbers.length / 2];
  }

  private static double microseconds(UnaryOperator<Tensor> way, Tensor x, Tensor other) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      other.add(other).close(); // whatever was in the cache
      long start = THREADS.getCurrentThreadCpuTime();
      Tensor result = way.apply(x);
      double microseconds = (THREADS.getCurrentThreadCpuTime() - start) / 1e3;
      result.close();
      return microseconds;
    }
  }
}
