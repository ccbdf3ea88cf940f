package dev.noether.benchmarks;

import static dev.noether.algebra.Checks.require;

import dev.noether.Noether;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.linear.MapOptions;
import dev.noether.parallel.Communicator;
import dev.noether.parallel.CommunicatorOptions;
import dev.noether.parallel.GradientSync;
import dev.noether.parallel.Loopback;
import dev.noether.parallel.Rendezvous;
import dev.noether.parallel.StepTime;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import dev.noether.train.Callback;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import dev.noether.train.Ranks;
import dev.noether.train.Run;
import dev.noether.train.Trainer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Steps of training on several ranks of this machine, medians, in turns: {@code RankTimes
 * [ROUNDS]}. For three networks what a group of one costs, two ranks of one thread beside one
 * process of two threads, and one to four ranks beside what {@link StepTime} computes for them.
 */
public final class RankTimes {
  private static final int BATCH = 512;
  private static final int STEPS = 500;

  /** A process that has just started compiles its own code on the cores that it computes on. */
  private static final int WARM_UP = 250;

  private static final List<String> MODELS = List.of("Icosahedral", "C4", "C2");

  private RankTimes() {}

  /**
   * Prints a table, or is a rank of it.
   *
   * @param arguments the number of turns; or {@code rank MODEL BATCH RANK RANKS PLACE}
   * @throws Exception if a rank cannot be started
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 6) {
      rank(arguments);
      return;
    }
    int rounds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
    Loopback network = Loopback.measure();
    System.out.printf(
        Locale.ROOT,
        "loopback: %.1f us, %.0f MB/s%n",
        network.latency() * 1e6,
        network.bandwidth() / 1e6);
    for (String model : MODELS) {
      alone(model, rounds);
    }
    for (String model : MODELS) {
      ranks(model, rounds, network);
    }
  }

  private static EquivariantLayer model(String name) {
    int copies = name.equals("Icosahedral") ? 2 : 32;
    Representation in = Representation.parse(name + ": " + copies + " x regular");
    return new EquivariantMlp(
        in, in, MlpOptions.hidden(240, 240), MapOptions.defaults().withSeed(1));
  }

  /** The time from step to step, on the wall or of the processor. */
  private static final class Clock implements Callback {
    private final List<Double> seconds = new ArrayList<>();
    private final LongSupplier clock;
    private long last;

    Clock(LongSupplier clock) {
      this.clock = clock;
    }

    @Override
    public void onStep(Run run) {
      long now = clock.getAsLong();
      if (last != 0) {
        seconds.add((now - last) / 1e9);
      }
      last = now;
    }
  }

  private static double step(String name, int batch, Ranks ranks, LongSupplier nanoseconds) {
    try (PointerScope scope = new PointerScope()) {
      Noether.seed(1);
      EquivariantLayer model = model(name);
      Dataset data =
          Dataset.of(torch.randn(4096, model.in().size()), torch.randn(4096, model.out().size()));
      Clock clock = new Clock(nanoseconds);
      Trainer.builder()
          .steps(STEPS)
          .batchSize(batch)
          .ranks(ranks)
          .callbacks(clock)
          .build()
          .fit(
              model,
              Loss.meanSquaredError(),
              new SGD(model.parameters(), new SGDOptions(0.01)),
              data);
      return median(
          clock.seconds.stream().mapToDouble(Double::doubleValue).skip(WARM_UP).toArray());
    }
  }

  private static double median(double[] numbers) {
    Arrays.sort(numbers);
    return numbers.length == 0 ? Double.NaN : numbers[numbers.length / 2];
  }

  /** A group of one beside none: processor time in one thread. */
  private static void alone(String model, int rounds) {
    LibTorch.load();
    torch.set_num_threads(1);
    LongSupplier processor = ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;
    double[] without = new double[rounds];
    double[] with = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      boolean first = round % 2 == 0;
      double before = first ? step(model, BATCH, Ranks.alone(), processor) : 0;
      double other;
      try (Communicator group = Communicator.alone()) {
        other = step(model, BATCH, GradientSync.of(group), processor);
      }
      if (round >= 0) {
        without[round] = first ? before : step(model, BATCH, Ranks.alone(), processor);
        with[round] = other;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: without ranks %.3f ms, a group of one %.3f ms, %.3f of it; its calls %.2f us a step%n",
        model,
        median(without) * 1e3,
        median(with) * 1e3,
        median(with) / median(without),
        callsOfOne() * 1e6);
  }

  /** What a group of one does in a step, by itself. */
  private static double callsOfOne() {
    try (Communicator group = Communicator.alone()) {
      Ranks ranks = GradientSync.of(group);
      Ranks.Share share = new Ranks.Share(0, BATCH, BATCH, BATCH);
      int steps = 100_000;
      double sum = 0;
      long start = System.nanoTime();
      for (int step = 0; step < steps; step++) {
        ranks.compute(share, true, () -> {});
        sum += ranks.reduce(1.0).get()[0];
        ranks.ofFirst(false);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      require(sum == steps, "the sums of a group of one must be its own numbers, got %s", sum);
      return seconds / steps;
    }
  }

  private static void ranks(String model, int rounds, Loopback network) throws Exception {
    double[][] seconds = new double[5][rounds]; // by ranks; 0 is one process of two threads
    double[] eighths = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      seconds[0][round] = group(model, BATCH, 1, 2);
      eighths[round] = group(model, BATCH / 8, 1, 1);
      for (int size = 1; size <= 4; size++) {
        seconds[size][round] = group(model, BATCH, size, 1);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: one process of two threads %.3f ms, two ranks of one %.3f ms, %.2f of it%n",
        model,
        median(seconds[0]) * 1e3,
        median(seconds[2]) * 1e3,
        median(seconds[2]) / median(seconds[0]));
    long bytes = GradientSync.bytesPerStep(model(model));
    int cores = Runtime.getRuntime().availableProcessors();
    double perSample = Math.max(0, (median(seconds[1]) - median(eighths)) / (BATCH - BATCH / 8));
    double fixed = Math.max(0, median(seconds[1]) - perSample * BATCH);
    StepTime time = new StepTime(fixed, perSample, network.latency(), network.bandwidth());
    for (int size = 1; size <= 4; size++) {
      // Ranks that share a core take turns.
      double computed = time.compute(BATCH, size) * Math.max(1, (double) size / cores);
      System.out.printf(
          Locale.ROOT,
          "  %d ranks: measured %.3f ms, computed %.3f ms%n",
          size,
          median(seconds[size]) * 1e3,
          (computed + time.exchange(bytes, size)) * 1e3);
    }
  }

  private static double group(String model, int batch, int size, int threads) throws Exception {
    Path folder = Files.createTempDirectory("noether-rank-times");
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Dnoether.threads=" + threads,
                  "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                  "-cp",
                  System.getProperty("java.class.path"),
                  RankTimes.class.getName(),
                  "rank",
                  model,
                  String.valueOf(batch),
                  String.valueOf(rank),
                  String.valueOf(size),
                  folder.resolve("meet").toUri().toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(
                  rank == 0 ? ProcessBuilder.Redirect.PIPE : ProcessBuilder.Redirect.DISCARD)
              .start());
    }
    String said =
        new String(processes.get(0).getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    for (Process process : processes) {
      process.waitFor();
    }
    Files.deleteIfExists(folder.resolve("meet"));
    Files.deleteIfExists(folder);
    return said.lines()
        .filter(line -> line.startsWith("step "))
        .mapToDouble(line -> Double.parseDouble(line.substring(5)))
        .findFirst()
        .orElseThrow(() -> new IOException("a rank of " + size + " ended without a time"));
  }

  private static void rank(String[] arguments) {
    LibTorch.load();
    int batch = Integer.parseInt(arguments[2]);
    int rank = Integer.parseInt(arguments[3]);
    int size = Integer.parseInt(arguments[4]);
    try (Communicator group =
        Communicator.join(
            Rendezvous.parse(arguments[5]), rank, size, CommunicatorOptions.defaults())) {
      double seconds = step(arguments[1], batch, GradientSync.of(group), System::nanoTime);
      if (rank == 0) {
        System.out.printf(Locale.ROOT, "step %.9f%n", seconds);
      }
    }
  }
}
