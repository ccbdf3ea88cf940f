package dev.noether.examples.inertia;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.examples.Results;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.models.GatedMlp;
import dev.noether.nn.Equivariance;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The task is symmetric, its closed form exact, and its network learns. */
class MomentOfInertiaTest {
  @Test
  void theMomentOfOneBodyIsTheTextbooks() {
    try (PointerScope scope = new PointerScope()) {
      Dataset one = MomentOfInertia.samples(1, 3, Dtype.FLOAT64);
      double[] x = Tensors.toArray(one.tensor("x"));
      double[] expected = new double[9];
      for (int body = 0; body < 5; body++) {
        double m = x[body];
        double[] r = {x[5 + 3 * body], x[6 + 3 * body], x[7 + 3 * body]};
        expected[0] += m * (r[1] * r[1] + r[2] * r[2]);
        expected[4] += m * (r[0] * r[0] + r[2] * r[2]);
        expected[8] += m * (r[0] * r[0] + r[1] * r[1]);
        expected[1] -= m * r[0] * r[1];
        expected[2] -= m * r[0] * r[2];
        expected[5] -= m * r[1] * r[2];
      }
      expected[3] = expected[1];
      expected[6] = expected[2];
      expected[7] = expected[5];
      double[] y = Tensors.toArray(one.tensor("y"));
      for (int i = 0; i < 9; i++) {
        assertThat(y[i]).isCloseTo(expected[i], within(1e-12));
      }
    }
  }

  private static double error(FiniteGroup group, int samples) {
    Dataset data = MomentOfInertia.samples(samples, 1, Dtype.FLOAT64);
    Dataset test = MomentOfInertia.samples(1000, 2, Dtype.FLOAT64);
    Representation squares = MomentOfInertia.squares(group);
    Tensor map =
        EquivariantLeastSquares.between(squares, MomentOfInertia.out(group))
            .plus(MomentOfInertia.squares(data.tensor("x")), data.tensor("y"))
            .solve();
    Tensor found = MomentOfInertia.squares(test.tensor("x")).matmul(map.t());
    return found.sub(test.tensor("y")).abs().max().item().toDouble();
  }

  /** Five coefficients for the trace and five for the rest: five samples tell them. */
  @ParameterizedTest
  @ValueSource(strings = {"Ih", "Oh"})
  void leastSquaresOnSymmetricSquaresIsExactFromFiveSamples(String name) {
    try (PointerScope scope = new PointerScope()) {
      FiniteGroup group = FiniteGroup.named(name);
      assertThat(error(group, 5)).isLessThan(1e-9);
      assertThat(error(group, 4)).isGreaterThan(0.1);
    }
  }

  @Test
  void theNetworkCommutesWithAllRotationsAndReflections() {
    try (PointerScope scope = new PointerScope()) {
      GatedMlp network = MomentOfInertia.network(20, 1);
      assertThat(network.in().group()).isEqualTo(CompactGroup.O3);
      assertThat(network.hidden().get(0).size()).isEqualTo(27);
      Tensor x = MomentOfInertia.samples(4, 1, Dtype.FLOAT32).tensor("x");
      assertThat(Equivariance.check(network, x).relativeError()).isLessThan(1e-5);
    }
  }

  @Test
  void aSmallNetworkLearnsAndIsTheSameAgain() {
    List<String> lines = new ArrayList<>();
    Results few = MomentOfInertia.run(List.of(60), 1, size -> 3, 27, lines::add);
    Results more = MomentOfInertia.run(List.of(60), 1, size -> 120, 27, lines::add);
    assertThat(more.rows().get(0).error()).isLessThan(0.8 * few.rows().get(0).error());
    assertThat(MomentOfInertia.run(List.of(60), 1, size -> 3, 27, line -> {})).isEqualTo(few);
    assertThat(MomentOfInertia.usualSteps(1000)).isEqualTo(2000);
    assertThat(MomentOfInertia.usualSteps(60)).isEqualTo(200);
    assertThat(lines).hasSize(2).allMatch(line -> line.startsWith("60 samples, seed 0: "));
  }

  @Test
  void refusalsSayWhatIsWrong() {
    assertThatThrownBy(() -> MomentOfInertia.samples(0, 1, Dtype.FLOAT32))
        .hasMessage("there must be at least one sample, got 0");
    assertThatThrownBy(() -> MomentOfInertia.network(0, 1))
        .hasMessage("a hidden layer needs at least one channel, got 0");
    assertThatThrownBy(() -> MomentOfInertia.run(List.of(), 1, size -> 1, 9, line -> {}))
        .hasMessage("there must be a number of samples and a seed, got [] and 1");
  }
}
