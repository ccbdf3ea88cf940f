package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What messages between ranks take: a network's latency and bandwidth, or those that two processes
 * of this machine measure when they exchange tensors, of the loopback network and of Gloo on it.
 *
 * @param latency seconds from the call that sends a small message to the end of the one that
 *     receives it
 * @param bandwidth bytes a second
 */
public record Loopback(double latency, double bandwidth) {
  private static final int FEW = 30;
  private static final int MANY = 400;
  private static final long SIZE = 256;
  private static final long LARGE = 4L << 20; // numbers: 16 MiB

  /**
   * Checks the numbers.
   *
   * @param latency seconds of a small message
   * @param bandwidth bytes a second
   * @throws IllegalArgumentException if the latency is negative, or the bandwidth not positive
   */
  public Loopback {
    require(
        latency >= 0 && bandwidth > 0,
        "a latency is not negative and a bandwidth is positive, got %s s and %s bytes/s",
        latency,
        bandwidth);
  }

  /**
   * Measures in two processes, which take some seconds to start.
   *
   * @return medians
   * @throws IOException if a process cannot be started
   */
  public static Loopback measure() throws IOException {
    Path folder = Files.createTempDirectory("noether-loopback");
    List<Process> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < 2; rank++) {
        processes.add(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Dnoether.threads=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Loopback.class.getName(),
                    folder.resolve("meet").toString(),
                    String.valueOf(rank))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(
                    rank == 0 ? ProcessBuilder.Redirect.PIPE : ProcessBuilder.Redirect.DISCARD)
                .start());
      }
      return read(processes.get(0));
    } finally {
      processes.forEach(Process::destroy);
      Files.deleteIfExists(folder.resolve("meet"));
      Files.deleteIfExists(folder);
    }
  }

  private static Loopback read(Process process) throws IOException {
    String text;
    try (InputStream output = process.getInputStream()) {
      text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while two processes measured the network", e);
    }
    for (String line : text.split("\\R", -1)) {
      if (line.startsWith("measured ")) {
        String[] numbers = line.split(" ", -1);
        return new Loopback(Double.parseDouble(numbers[1]), Double.parseDouble(numbers[2]));
      }
    }
    throw new IOException("two processes that measure the network ended without a result");
  }

  /**
   * One of the two.
   *
   * @param arguments where they meet, and the rank
   */
  public static void main(String[] arguments) {
    LibTorch.load();
    CommunicatorOptions options = CommunicatorOptions.defaults().withTimeout(Duration.ofMinutes(1));
    int rank = Integer.parseInt(arguments[1]);
    Rendezvous where = Rendezvous.file(Path.of(arguments[0]));
    try (PointerScope scope = new PointerScope();
        Communicator group = Communicator.join(where, rank, 2, options)) {
      double message = seconds(MANY, group, 1, group::broadcast);
      double small = seconds(MANY, group, 1, group::allReduce);
      double large = seconds(FEW, group, LARGE, group::allReduce);
      // In a ring of two a sum is two messages of half the bytes.
      double bandwidth = 4.0 * LARGE / Math.max(1e-9, large - small);
      if (rank == 0) {
        System.out.printf(Locale.ROOT, "measured %.9f %.0f%n", message, bandwidth);
      }
    }
  }

  /** The median over the rounds of what the rank takes that came last: it waited for nobody. */
  private static double seconds(
      int rounds, Communicator group, long numbers, Consumer<Tensor> exchange) {
    Tensor tensor = torch.zeros(numbers);
    double[] seconds = new double[2 * rounds];
    for (int round = 0; round < rounds; round++) {
      compute();
      long start = System.nanoTime();
      exchange.accept(tensor);
      seconds[group.rank() * rounds + round] = (System.nanoTime() - start) / 1e9;
    }
    Tensor all = Tensors.of(Dtype.FLOAT64, seconds, seconds.length);
    group.allReduce(all);
    double[] both = Tensors.toArray(all);
    return IntStream.range(rounds / 2, rounds)
        .mapToDouble(round -> Math.min(both[round], both[rounds + round]))
        .sorted()
        .skip(rounds / 4)
        .findFirst()
        .orElseThrow();
  }

  /** Ranks compute between exchanges: what waits for messages sleeps meanwhile. */
  private static void compute() {
    try (PointerScope scope = new PointerScope()) {
      Tensor matrix = torch.ones(SIZE, SIZE);
      torch.mm(matrix, matrix);
    }
  }
}
