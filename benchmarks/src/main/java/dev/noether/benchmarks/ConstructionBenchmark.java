package dev.noether.benchmarks;

import dev.noether.group.FiniteGroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** Building groups, representations and bases in a warm JVM. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ConstructionBenchmark {
  /** For JMH. */
  public ConstructionBenchmark() {}

  /**
   * The icosahedral group, its irreps, ten regular copies, and the basis of their maps.
   *
   * @return the dimension of Hom
   */
  @Benchmark
  public int icosahedralWithTheBasisOfTenCopies() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.regular(FiniteGroup.icosahedral()).times(10);
      return GroupHomomorphismBasis.of(rho, rho, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT32)
          .dim();
    }
  }

  /**
   * C1000, its irreps and its regular representation.
   *
   * @return the size
   */
  @Benchmark
  public int cyclicThousand() {
    return Representation.regular(FiniteGroup.cyclic(1000)).size();
  }

  /**
   * S6 from two permutations, with its irreps.
   *
   * @return the number of irreps
   */
  @Benchmark
  public int symmetricSixFromGenerators() {
    return FiniteGroup.fromPermutations(
            "S6", java.util.List.of(new int[] {1, 2, 3, 4, 5, 0}, new int[] {1, 0, 2, 3, 4, 5}))
        .irreps()
        .size();
  }
}
