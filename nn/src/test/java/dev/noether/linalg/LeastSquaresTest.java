package dev.noether.linalg;

import static dev.noether.linalg.Signals.distance;
import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Least squares over Hom_G against brute force over a basis of it, and against its own laws. */
class LeastSquaresTest {
  private static EquivariantLeastSquares fit(
      Representation in, Representation out, Tensor x, Tensor y) {
    return EquivariantLeastSquares.between(in, out).plus(x, y);
  }

  private static Tensor equivariantMap(Representation in, Representation out, long seed) {
    return EquivariantMaps.orthogonalProjection(random(seed, out.size(), in.size()), in, out);
  }

  private static double residual(Tensor map, Tensor x, Tensor y) {
    Tensor error = x.matmul(map.t()).sub(y);
    return error.mul(error).sum().item().toDouble();
  }

  /** Ridge regression of the vectorised problem over all basis elements; 0 takes pinv. */
  private static Tensor bruteForce(
      Representation in, Representation out, Tensor x, Tensor y, double ridge) {
    GroupHomomorphismBasis basis =
        GroupHomomorphismBasis.of(in, out, BasisExpansion.MEMORY_HEAVY, Dtype.FLOAT64);
    Tensor elements = basis.expand(torch.eye(basis.dim()).to(ScalarType.Double));
    Tensor norm = elements.mul(elements).sum(1, 2).sqrt().reshape(-1, 1, 1);
    Tensor unit = elements.div(norm); // orthonormal, so |A|^2 = |c|^2
    Tensor design = unit.matmul(x.t()).transpose(1, 2).reshape(basis.dim(), -1).t();
    Tensor gram = design.t().matmul(design);
    Tensor eye = torch.eye(basis.dim()).to(ScalarType.Double).mul(new Scalar(ridge));
    Tensor right = design.t().matmul(y.reshape(-1));
    Tensor c = torch.linalg_pinv(gram.add(eye), 1e-11, true).matmul(right);
    return c.reshape(-1, 1, 1).mul(unit).sum(0L);
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void solutionIsThatOfBruteForceOverABasis(Representation in) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(in);
      for (long samples : new long[] {1, 2, 40}) {
        Tensor x = random(samples, samples, in.size());
        Tensor y = random(samples + 1, samples, out.size());
        for (double ridge : new double[] {0, 0.7}) {
          Tensor solution = fit(in, out, x, y).solve(ridge);
          assertThat(distance(solution, bruteForce(in, out, x, y, ridge))).isLessThan(1e-9);
          assertThat(distance(EquivariantMaps.orthogonalProjection(solution, in, out), solution))
              .isLessThan(1e-12);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void noEquivariantMapHasASmallerResidual(Representation in) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(in);
      Tensor x = random(1, 30, in.size());
      Tensor y = random(2, 30, out.size());
      EquivariantLeastSquares problem = fit(in, out, x, y);
      Tensor best = problem.solve();
      double smallest = residual(best, x, y);
      assertThat(problem.squaredError(best)).isCloseTo(smallest, within(1e-9));
      for (int seed = 0; seed < 5; seed++) {
        for (double size : new double[] {1, 1e-2, 1e-4}) {
          Tensor other = best.add(equivariantMap(in, out, seed).mul(new Scalar(size)));
          assertThat(residual(other, x, y)).isGreaterThan(smallest);
          assertThat(problem.squaredError(other)).isCloseTo(residual(other, x, y), within(1e-9));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void theFewestSamplesDetermineANoiselessMapAndOneLessDoesNot(Representation in) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(in);
      Tensor truth = equivariantMap(in, out, 5);
      long fewest = EquivariantLeastSquares.between(in, out).requiredSamples();
      Tensor x = random(6, fewest, in.size());
      Tensor y = x.matmul(truth.t());
      assertThat(distance(fit(in, out, x, y).solveUnique(), truth)).isLessThan(1e-9);
      if (fewest > 1) {
        Tensor fewer = x.narrow(0, 1, fewest - 1);
        EquivariantLeastSquares open = fit(in, out, fewer, fewer.matmul(truth.t()));
        assertThatThrownBy(open::solveUnique)
            .hasMessageContaining("at least %d samples", fewest)
            .hasMessageContaining("got %d", fewest - 1);
        assertThat(distance(open.solve(), truth)).isGreaterThan(1e-6);
      }
    }
  }

  @Test
  void item01LeastSquaresSolvesTheConstrainedProblemFromAsFewSamplesAsItNeeds() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("Icosahedral: 2 x regular");
      Tensor truth = equivariantMap(rho, rho, 1);
      Tensor x = random(2, 2, rho.size());
      EquivariantLeastSquares problem = fit(rho, rho, x, x.matmul(truth.t()));
      assertThat(problem.requiredSamples()).isEqualTo(2);
      assertThat(distance(problem.solveUnique(), truth)).isLessThan(1e-9);

      Representation small = Representation.parse("D4: 2 x regular");
      Tensor a = random(3, 20, small.size());
      Tensor b = random(4, 20, small.size());
      Tensor free = torch.linalg_pinv(a, 1e-12, false).matmul(b).t();
      Tensor projected = EquivariantMaps.orthogonalProjection(free, small, small);
      double exact = residual(fit(small, small, a, b).solve(), a, b);
      assertThat(exact).isLessThan(0.999 * residual(projected, a, b));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void batchesInAnyOrderGiveTheOneShotSolution(int batch) {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Signals.rotated("C5: 2 x regular", 1);
      Representation out = Representation.parse("C5: regular + irrep(2)");
      Tensor x = random(1, 21, in.size());
      Tensor y = random(2, 21, out.size());
      EquivariantLeastSquares streamed = EquivariantLeastSquares.between(in, out);
      EquivariantLeastSquares merged = EquivariantLeastSquares.between(in, out);
      for (int start = 21 - batch; start >= 0; start -= batch) {
        Tensor a = x.narrow(0, start, batch);
        Tensor b = y.narrow(0, start, batch);
        streamed = streamed.plus(a, b);
        merged = fit(in, out, a, b).plus(merged);
      }
      Tensor whole = fit(in, out, x, y).solve();
      assertThat(streamed.count()).isEqualTo(21);
      assertThat(merged.count()).isEqualTo(21);
      assertThat(distance(streamed.solve(), whole)).isLessThan(1e-11);
      assertThat(distance(merged.solve(), whole)).isLessThan(1e-11);
    }
  }

  @Test
  void badlyScaledDataKeepsItsAccuracyBecauseNothingIsSquared() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse("C3: 2 x irrep(1)");
      Tensor truth = equivariantMap(in, in, 5);
      Tensor scale = Tensors.of(Dtype.FLOAT64, new double[] {1, 1, 1e-7, 1e-7}, 4);
      Tensor x = random(1, 50, 4).mul(scale);
      Tensor found = fit(in, in, x, x.matmul(truth.t())).solveUnique();
      assertThat(distance(found, truth)).isLessThan(1e-7);
    }
  }

  @Test
  void resultsComeInTheSamplesDtype() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse("C5: regular");
      Tensor x = random(1, 30, 5).to(ScalarType.Float);
      Tensor found = fit(in, in, x, x).solve();
      assertThat(Tensors.dtypeName(found)).isEqualTo("float32");
      assertThat(distance(found, torch.eye(5))).isLessThan(1e-6);
    }
  }

  @Test
  void withoutACommonIrrepZeroIsTheOnlyMap() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse("D4: irrep(1,1)");
      Representation out = Representation.parse("D4: trivial");
      EquivariantLeastSquares problem = fit(in, out, random(1, 3, 2), random(2, 3, 1));
      assertThat(problem.solveUnique().abs().max().item().toDouble()).isZero();
      assertThat(problem.squaredError(problem.solve())).isPositive();
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    try (PointerScope scope = new PointerScope()) {
      Representation c5 = Representation.parse("C5: regular");
      EquivariantLeastSquares empty = EquivariantLeastSquares.between(c5, c5);
      assertThatThrownBy(empty::solve).hasMessageContaining("needs samples, got none");
      assertThatThrownBy(
              () -> EquivariantLeastSquares.between(c5, Representation.parse("C4: regular")))
          .hasMessageContaining("representations of one group");
      Tensor x = random(1, 4, 5);
      assertThatThrownBy(() -> empty.plus(x, random(1, 3, 5)))
          .hasMessage("x and y must have as many samples, got 4 and 3");
      assertThatThrownBy(() -> empty.plus(x, random(1, 4, 6)))
          .hasMessage("y must be samples [N, 5] (C5: regular), got [4, 6]");
      Tensor broken = Scopes.compute(() -> x.div(random(1, 4, 5).mul(new Scalar(0.0))));
      assertThatThrownBy(() -> empty.plus(broken, x))
          .hasMessage(
              "x must be finite, got NaN or infinity in row 0; drop or repair such samples");
      assertThatThrownBy(() -> empty.plus(x, x.to(ScalarType.Float)))
          .hasMessageContaining("one dtype and one device");
      assertThatThrownBy(() -> empty.plus(x.to(ScalarType.Long), x))
          .hasMessageContaining("floating-point numbers, got int64");
      assertThatThrownBy(() -> empty.plus(x, x).solve(-1))
          .hasMessage("ridge must be a finite number of at least 0, got -1.0");
      Tensor same = x.narrow(0, 0, 1).mul(new Scalar(0.0)).add(new Scalar(1.0)).expand(9, 5);
      assertThatThrownBy(() -> empty.plus(same, same).solveUnique())
          .hasMessageContaining("samples determine 0 of 2 unknowns at irrep(1)");
      assertThatThrownBy(() -> empty.plus(x, x).squaredError(random(1, 5, 5)))
          .hasMessageContaining("must be equivariant");
      assertThatThrownBy(
              () -> empty.plus(EquivariantLeastSquares.between(c5, Signals.rotatedRegular(c5))))
          .hasMessageContaining("only problems between the same representations merge");
    }
  }
}
