package dev.noether.benchmarks;

import dev.noether.Noether;
import dev.noether.io.runtime.RuntimeFile;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.rep.Representation;
import dev.noether.runtime.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * An exported policy as a service would use it: how long it takes to load in a warm JVM, and the
 * calls that 1 to 16 threads make in a second on one model: {@code Serving [ROUNDS]}.
 */
public final class Serving {
  private static final int LOADS = 200;
  private static final int CALLS = 100_000;

  private Serving() {}

  /**
   * Prints both.
   *
   * @param arguments the number of turns of each number of threads
   * @throws Exception if a file cannot be written or a thread was stopped
   */
  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length == 0 ? 7 : Integer.parseInt(arguments[0]);
    Path file = Files.createTempFile("policy", ".noether");
    try {
      Noether.seed(0);
      RuntimeFile.write(
          new EquivariantMlp(
              Representation.parse("C2 x C2: 12 x regular"),
              Representation.parse("C2 x C2: 3 x regular"),
              MlpOptions.hidden(128, 128, 128)),
          file);
      System.out.printf(
          Locale.ROOT,
          "policy of 3 x 128, %s: %d bytes, loads in %.2f ms (median of the last half of %d)%n",
          Model.arithmetic(),
          Files.size(file),
          load(file),
          LOADS);
      threads(Model.load(file), rounds);
    } finally {
      Files.delete(file);
    }
  }

  private static double load(Path file) throws IOException {
    double[] times = new double[LOADS];
    for (int i = 0; i < LOADS; i++) {
      long start = System.nanoTime();
      Model.load(file);
      times[i] = (System.nanoTime() - start) / 1e6;
    }
    double[] warm = Arrays.copyOfRange(times, LOADS / 2, LOADS);
    Arrays.sort(warm);
    return warm[warm.length / 2];
  }

  /** In turns, so that a busy moment does not meet one number of threads alone. */
  private static void threads(Model model, int rounds) throws InterruptedException {
    int[] counts = {1, 2, 4, 8, 16};
    double[][] rates = new double[counts.length][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int i = 0; i < counts.length; i++) {
        double rate = rate(model, counts[i]);
        if (round >= 0) {
          rates[i][round] = rate;
        }
      }
    }
    for (int i = 0; i < counts.length; i++) {
      Arrays.sort(rates[i]);
      System.out.printf(
          Locale.ROOT, "%2d threads: %.0f calls a millisecond%n", counts[i], rates[i][rounds / 2]);
    }
  }

  private static double rate(Model model, int threads) throws InterruptedException {
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Thread thread = new Thread(() -> call(model, begin, CALLS / threads));
      thread.start();
      all.add(thread);
    }
    long start = System.nanoTime();
    begin.countDown();
    for (Thread thread : all) {
      thread.join();
    }
    return CALLS / threads * threads / ((System.nanoTime() - start) / 1e6);
  }

  private static void call(Model model, CountDownLatch begin, int calls) {
    float[] in = new float[model.inputs().get(0).size()];
    float[] out = new float[model.outputs().get(0).size()];
    Arrays.fill(in, 0.5f);
    try {
      begin.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    for (int i = 0; i < calls; i++) {
      model.run(in, out);
    }
  }
}
