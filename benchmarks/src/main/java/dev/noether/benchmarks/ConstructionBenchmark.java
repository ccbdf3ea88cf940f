package dev.noether.benchmarks;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
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
      Representation rho = Representation.regular(Groups.icosahedral()).times(10);
      return GroupHomomorphismBasis.of(rho, rho, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT32)
          .dim();
    }
  }

  /**
   * The icosahedral group with everything: irreps, characters, subgroups by name, the regular
   * representation.
   *
   * @return the number of named subgroups and of irreps
   */
  @Benchmark
  public long icosahedralWithEverything() {
    FiniteGroup group = Groups.icosahedral();
    return group.subgroups().stream().filter(subgroup -> subgroup.name().isPresent()).count()
        + group.characterTable().size()
        + Representation.regular(group).irreps().size();
  }

  /**
   * C1000, its irreps and its regular representation.
   *
   * @return the size
   */
  @Benchmark
  public int cyclicThousand() {
    return Representation.regular(Groups.cyclic(1000)).size();
  }

  /**
   * S6 from two permutations, with its irreps and, for these, its characters.
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

  /**
   * C2 wr S4, 384 elements, with its irreps.
   *
   * @return the number of irreps
   */
  @Benchmark
  public int wreathProductOnFourPoints() {
    return FiniteGroup.named("C2 wr S4").irreps().size();
  }

  /**
   * C2 wr S5, 3840 elements, with its irreps.
   *
   * @return the number of irreps
   */
  @Benchmark
  public int wreathProductOnFivePoints() {
    return FiniteGroup.named("C2 wr S5").irreps().size();
  }

  /** A rotated sum of irreps of the icosahedral group, of size 600. */
  @State(Scope.Benchmark)
  public static class Hidden {
    private final FiniteGroup group = Groups.icosahedral();
    private final List<Matrix> matrices;

    /** Builds the matrices of the generators. */
    public Hidden() {
      Random random = new Random(1);
      double[] normal = random.doubles(600 * 600L, -1, 1).toArray();
      Representation rotated =
          Representation.regular(group).times(10).changeBasis(orthogonal(normal));
      matrices = group.generators().stream().map(g -> rotated.at(group.element(g))).toList();
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
    return Decomposition.of(hidden.group, hidden.matrices).representation().irreps().size();
  }
}
