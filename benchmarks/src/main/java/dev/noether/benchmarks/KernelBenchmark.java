package dev.noether.benchmarks;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.Space;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Building the kernels of steerable convolutions in a warm JVM: each time from the group on, with
 * the standard deviations of the first weights.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class KernelBenchmark {
  /** For JMH. */
  public KernelBenchmark() {}

  private static int regular(Space space, int copies, int size) {
    FieldType type = space.type(space.regularField(), copies);
    return KernelExpansion.onGrid(type, type, size, 1).initialDeviations().length;
  }

  /**
   * C8, 16 regular fields to 16 of them, kernel 7.
   *
   * @return the number of weights
   */
  @Benchmark
  public int cyclicEight() {
    return regular(Space.cyclic(8), 16, 7);
  }

  /**
   * D12, a regular field to another, kernel 5.
   *
   * @return the number of weights
   */
  @Benchmark
  public int dihedralTwelve() {
    return regular(Space.dihedral(12), 1, 5);
  }

  /**
   * The octahedral group, four regular fields to four, kernel 5.
   *
   * @return the number of weights
   */
  @Benchmark
  public int octahedral() {
    return regular(Space.octahedral(), 4, 5);
  }

  /**
   * The icosahedral group, a regular field to another, kernel 3.
   *
   * @return the number of weights
   */
  @Benchmark
  public int icosahedral() {
    return regular(Space.icosahedral(), 1, 3);
  }

  /**
   * The six convolutions of escnn's introductory notebook: C8, 24 to 96 regular fields, kernels 7
   * and 5.
   *
   * @return the number of weights
   */
  @Benchmark
  public int notebook() {
    Space space = Space.cyclic(8);
    FieldType in = space.type(space.trivialField());
    int weights = 0;
    for (int width : new int[] {24, 48, 48, 96, 96, 64}) {
      FieldType out = space.type(space.regularField(), width);
      int size = weights == 0 ? 7 : 5;
      weights += KernelExpansion.onGrid(in, out, size, 1).initialDeviations().length;
      in = out;
    }
    return weights;
  }
}
