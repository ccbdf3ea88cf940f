package dev.noether.parallel;

import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What two processes of this machine measure when they sum tensors: latency and bandwidth of the
 * loopback network, and of Gloo on it.
 *
 * @param latency seconds of a message
 * @param bandwidth bytes a second
 */
public record Loopback(double latency, double bandwidth) {
  private static final int ROUNDS = 15;
  private static final long LARGE = 4L << 20; // numbers: 16 MiB

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
      double small = seconds(group, 1);
      double large = seconds(group, LARGE);
      // In a ring of two a sum is two messages of half the bytes.
      double bandwidth = 4.0 * LARGE / Math.max(1e-9, large - small);
      if (rank == 0) {
        System.out.printf(Locale.ROOT, "measured %.9f %.0f%n", small / 2, bandwidth);
      }
    }
  }

  private static double seconds(Communicator group, long numbers) {
    Tensor tensor = torch.zeros(numbers);
    double[] seconds = new double[ROUNDS];
    for (int round = -2; round < ROUNDS; round++) {
      long start = System.nanoTime();
      group.allReduce(tensor);
      if (round >= 0) {
        seconds[round] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds[ROUNDS / 2];
  }
}
