package dev.noether.benchmarks;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.Decomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
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
            "S6", List.of(new int[] {1, 2, 3, 4, 5, 0}, new int[] {1, 0, 2, 3, 4, 5}))
        .irreps()
        .size();
  }

  /** A rotated sum of irreps of the icosahedral group, of size 600. */
  @State(Scope.Benchmark)
  public static class Hidden {
    private final Representation rotated;

    /** Builds the matrices. */
    public Hidden() {
      Representation plain = Representation.regular(FiniteGroup.icosahedral()).times(10);
      Random random = new Random(1);
      double[] normal = random.doubles(600 * 600L, -1, 1).toArray();
      rotated = plain.changeBasis(orthogonal(normal));
    }

    private static Matrix orthogonal(double[] entries) {
      DMatrixRMaj matrix = new DMatrixRMaj(600, 600, true, entries);
      var qr = DecompositionFactory_DDRM.qr(600, 600);
      qr.decompose(matrix);
      return Matrix.of(600, 600, qr.getQ(null, false).data);
    }
  }

  /**
   * Decomposition of matrices of size 600, given for the generators of the icosahedral group.
   *
   * @param hidden the matrices
   * @return the number of irreps
   */
  @Benchmark
  public int decomposeSixHundred(Hidden hidden) {
    FiniteGroup group = hidden.rotated.group();
    List<Matrix> matrices =
        group.generators().stream().map(g -> hidden.rotated.at(group.element(g))).toList();
    return Decomposition.of(group, matrices).representation().irreps().size();
  }
}
