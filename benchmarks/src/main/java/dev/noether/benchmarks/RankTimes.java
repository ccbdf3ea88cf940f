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
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
  private static final int STEPS = 1000;
  private static final int MOST_RANKS = 4;

  /** A process that has just started compiles its own code on the cores that it computes on. */
  private static final int WARM_UP = 500;

  private static final List<String> MODELS = List.of("Icosahedral", "C4", "C2");

  private RankTimes() {}

  /**
   * Prints a table, or is a rank of it.
   *
   * @param arguments the number of turns; or {@code rank MODEL RANK RANKS PLACE}, or {@code own
   *     MODEL}
   * @throws Exception if a rank cannot be started
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 5) {
      rank(arguments);
      return;
    }
    if (arguments.length == 2) {
      own(arguments[1]);
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

  private static double step(String name, Ranks ranks, LongSupplier nanoseconds) {
    try (PointerScope scope = new PointerScope()) {
      Noether.seed(1);
      EquivariantLayer model = model(name);
      Dataset data =
          Dataset.of(torch.randn(4096, model.in().size()), torch.randn(4096, model.out().size()));
      Clock clock = new Clock(nanoseconds);
      Trainer.builder()
          .steps(STEPS)
          .batchSize(BATCH)
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
      double before = first ? step(model, Ranks.alone(), processor) : 0;
      double other;
      try (Communicator group = Communicator.alone()) {
        other = step(model, GradientSync.of(group), processor);
      }
      if (round >= 0) {
        without[round] = first ? before : step(model, Ranks.alone(), processor);
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
    double[][] seconds = new double[MOST_RANKS + 1][rounds]; // by ranks; 0: one of two threads
    double[][] computed = new double[MOST_RANKS + 1][rounds];
    long bytes = GradientSync.bytesPerStep(model(model));
    for (int round = 0; round < rounds; round++) {
      StepTime time = own(model, network);
      seconds[0][round] = group(model, 1, 2);
      for (int size = 1; size <= MOST_RANKS; size++) {
        seconds[size][round] = group(model, size, 1);
        computed[size][round] = time.step(BATCH, bytes, size);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: one process of two threads %.3f ms, two ranks of one %.3f ms, %.2f of it%n",
        model,
        median(seconds[0]) * 1e3,
        median(seconds[2]) * 1e3,
        median(ratios(seconds[2], seconds[0])));
    for (int size = 1; size <= MOST_RANKS; size++) {
      System.out.printf(
          Locale.ROOT,
          "  %d ranks: measured %.3f ms, computed %.3f ms, %.2f of it%n",
          size,
          median(seconds[size]) * 1e3,
          median(computed[size]) * 1e3,
          median(ratios(computed[size], seconds[size])));
    }
  }

  /** Of the same round each. */
  private static double[] ratios(double[] over, double[] under) {
    return IntStream.range(0, over.length).mapToDouble(i -> over[i] / under[i]).toArray();
  }

  /** What a rank computes while every core of this machine has one. */
  private static StepTime own(String model, Loopback network) throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    List<List<String>> commands = Collections.nCopies(cores, List.of("own", model));
    List<Double> numbers = numbers(commands, 1);
    return new StepTime(
        numbers.get(0), numbers.get(1), numbers.subList(2, numbers.size()), network, cores);
  }

  private static double group(String model, int size, int threads) throws Exception {
    Path folder = Files.createTempDirectory("noether-rank-times");
    List<List<String>> commands = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      String place = folder.resolve("meet").toUri().toString();
      commands.add(List.of("rank", model, String.valueOf(rank), String.valueOf(size), place));
    }
    try {
      return numbers(commands, threads).get(0);
    } finally {
      Files.deleteIfExists(folder.resolve("meet"));
      Files.deleteIfExists(folder);
    }
  }

  /** What the first of several processes tells, which run at once. */
  private static List<Double> numbers(List<List<String>> commands, int threads) throws Exception {
    List<Process> processes = new ArrayList<>();
    for (List<String> own : commands) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-Dnoether.threads=" + threads);
      command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(RankTimes.class.getName());
      command.addAll(own);
      processes.add(
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(
                  processes.isEmpty()
                      ? ProcessBuilder.Redirect.PIPE
                      : ProcessBuilder.Redirect.DISCARD)
              .start());
    }
    String said =
        new String(processes.get(0).getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    for (Process process : processes) {
      process.waitFor();
    }
    List<Double> numbers =
        said.lines()
            .filter(line -> line.startsWith("seconds "))
            .flatMap(line -> Arrays.stream(line.split(" ", -1)).skip(1).map(Double::valueOf))
            .toList();
    if (numbers.isEmpty()) {
      throw new IOException("a process of " + commands + " ended without a time");
    }
    return numbers;
  }

  private static void own(String model) {
    LibTorch.load();
    try (PointerScope scope = new PointerScope()) {
      StepTime time = StepTime.measured(model(model), BATCH, new Loopback(0, 1));
      List<Double> numbers = new ArrayList<>(List.of(time.fixed(), time.perSample()));
      numbers.addAll(time.spread());
      tell(numbers);
    }
  }

  private static void tell(List<Double> numbers) {
    System.out.println(
        "seconds " + numbers.stream().map(String::valueOf).collect(Collectors.joining(" ")));
  }

  private static void rank(String[] arguments) {
    LibTorch.load();
    int rank = Integer.parseInt(arguments[2]);
    int size = Integer.parseInt(arguments[3]);
    try (Communicator group =
        Communicator.join(
            Rendezvous.parse(arguments[4]), rank, size, CommunicatorOptions.defaults())) {
      tell(List.of(step(arguments[1], GradientSync.of(group), System::nanoTime)));
    }
  }
}
