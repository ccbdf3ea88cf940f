package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.FiniteGroup;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.FourierNonlinearity;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.ChangeToIsotypicBasis;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.pooling.InvariantPooling;
import dev.noether.plain.Activation;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nonlinearities, pooling, dropout and chains. */
class NonlinearitiesTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @Test
  void item09PointwiseFunctionsThatBreakTheSymmetryAreRefused() {
    Representation irrep = Representation.parse("C5: irrep(1)");
    assertThatThrownBy(() -> new PointwiseNonlinearity(irrep, Activation.RELU))
        .hasMessage(
            "a pointwise relu breaks the symmetry of C5: irrep(1): the group does not permute its"
                + " coordinates; use a norm, gated or Fourier nonlinearity");
    Representation sign = Representation.parse("C2: irrep(1)");
    assertThatThrownBy(() -> new PointwiseNonlinearity(sign, Activation.GELU))
        .hasMessage(
            "a pointwise gelu breaks the symmetry of C2: irrep(1): the group changes signs and gelu"
                + " is not odd; use tanh, or a norm, gated or Fourier nonlinearity");
    Representation bent = rotated(Representation.parse("D3: regular"));
    assertThatThrownBy(() -> new PointwiseNonlinearity(bent, Activation.RELU))
        .hasMessageContaining("does not permute its coordinates");
  }

  @Test
  void oddFunctionsAreAdmittedWhereTheGroupChangesSigns() {
    try (PointerScope scope = new PointerScope()) {
      Representation sign = Representation.parse("D4: irrep(1,0) + regular");
      Equivariance.checkThat(
          new PointwiseNonlinearity(sign, Activation.TANH),
          random(Dtype.FLOAT64, 3, sign.size()),
          1e-12);
    }
  }

  @Test
  void fourierNonlinearityOfAPermutationIsThePointwiseFunction() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D4: 2 x regular");
      Tensor x = random(Dtype.FLOAT64, 3, rho.size());
      for (Activation f : Activation.values()) {
        Tensor fourier = new FourierNonlinearity(rho, f, Dtype.FLOAT64).forward(x);
        assertThat(distance(fourier, f.apply(x))).isLessThan(1e-13);
      }
    }
  }

  @Test
  void gatesMultiplyTheirCopy() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: trivial + irrep(1)");
      GatedNonlinearity layer = new GatedNonlinearity(rho, Dtype.FLOAT64);
      assertThat(layer.in().size()).isEqualTo(5);
      Tensor x = Tensors.of(Dtype.FLOAT64, new double[] {0, 1e3, 2, 3, 4}, 5);
      assertThat(Tensors.toArray(layer.forward(x))).containsExactly(1, 3, 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C5", "D4", "Q8", "2T", "Octahedral"})
  void item08InvariantPoolingHoldsEveryInvariantOfDegreeOneAndTwo(String group) {
    try (PointerScope scope = new PointerScope()) {
      Representation regular = Representation.parse(group + ": regular");
      Representation rho =
          regular.plus(
              Representation.irrep(regular.irreps().get(regular.irreps().size() - 1)).times(2));
      InvariantPooling layer = new InvariantPooling(rotated(rho), Dtype.FLOAT64);
      // Dimensions of invariants by characters: of rho itself, and of Sym^2 of its nontrivial part.
      double order = rho.finiteGroup().order();
      double linear = 0;
      double quadratic = 0;
      for (var g : rho.finiteGroup().elements()) {
        linear += rho.character(g) / order;
      }
      for (var g : rho.finiteGroup().elements()) {
        double chi = rho.character(g) - linear;
        double square =
            rho.character(
                    rho.finiteGroup().element(rho.finiteGroup().multiply(g.index(), g.index())))
                - linear;
        quadratic += (chi * chi + square) / 2 / order;
      }
      assertThat(layer.out().size()).isEqualTo((int) Math.round(linear + quadratic));
      // They are independent: no polynomial of degree two in x is counted twice.
      int count = layer.out().size();
      Tensor values = layer.forward(random(Dtype.FLOAT64, 2L * count, rho.size()));
      assertThat(rank(values)).isEqualTo(count);
      // The sign of a trivial feature is kept.
      Tensor x = random(Dtype.FLOAT64, 1, rho.size());
      Tensor plus = layer.forward(x).narrow(-1, 0, 1);
      Tensor minus = layer.forward(x.mul(new Scalar(-1.0))).narrow(-1, 0, 1);
      assertThat(plus.item().toDouble()).isEqualTo(-minus.item().toDouble()).isNotZero();
    }
  }

  private static long rank(Tensor matrix) {
    double[] entries = Tensors.toArray(matrix);
    long[] shape = Tensors.shape(matrix);
    var data = new org.ejml.data.DMatrixRMaj((int) shape[0], (int) shape[1], true, entries);
    return org.ejml.dense.row.MatrixFeatures_DDRM.rank(data);
  }

  @Test
  void dropoutDropsWholeSummandsAndKeepsTheMean() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular + irrep(1) + trivial");
      EquivariantDropout layer = new EquivariantDropout(rho, 0.25, Dtype.FLOAT64);
      double[] ones = new double[4000 * 8];
      Arrays.fill(ones, 1);
      Tensor y = layer.forward(Tensors.of(Dtype.FLOAT64, ones, 4000, 8));
      double[] values = Tensors.toArray(y);
      for (int row = 0; row < 4000; row++) {
        double[] summands = Arrays.copyOfRange(values, row * 8, row * 8 + 8);
        assertThat(Arrays.stream(summands, 0, 5).distinct().count()).isOne();
        assertThat(Arrays.stream(summands, 5, 7).distinct().count()).isOne();
      }
      assertThat(Arrays.stream(values).average().orElseThrow()).isBetween(0.95, 1.05);
      layer.eval();
      assertThat(distance(layer.forward(y), y)).isZero();
    }
    Representation rho = Representation.parse("C5: regular");
    for (double p : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> new EquivariantDropout(rho, p, Dtype.FLOAT32))
          .hasMessage("the probability of dropout must be at least 0 and below 1, got " + p);
    }
  }

  @Test
  void theIsotypicBasisIsLeftAsItWasEntered() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: 2 x regular"));
      ChangeToIsotypicBasis into = new ChangeToIsotypicBasis(rho, Dtype.FLOAT64);
      EquivariantSequential chain =
          EquivariantSequential.of(
              into,
              new EquivariantLinear(
                  into.out(), into.out(), MapOptions.defaults().with(Dtype.FLOAT64)),
              new NormNonlinearity(into.out(), Activation.RELU, Dtype.FLOAT64),
              into.inverse());
      Tensor x = random(Dtype.FLOAT64, 4, rho.size());
      Equivariance.checkThat(chain, x, 1e-12);
      assertThat(chain.in()).isEqualTo(rho);
      assertThat(chain.out()).isEqualTo(rho);
      assertThat(distance(into.inverse().forward(into.forward(x)), x)).isLessThan(1e-13);
    }
  }

  @Test
  void chainsThatDoNotFitAreRefused() {
    Representation rho = Representation.parse("C3: regular");
    Representation two = Representation.parse("C3: 2 x regular");
    assertThatThrownBy(
            () ->
                EquivariantSequential.of(
                    new EquivariantLinear(rho, two), new EquivariantLinear(rho, rho)))
        .hasMessage("layer 0 gives C3: 2 x regular (size 6), layer 1 takes C3: regular (size 3)");
    assertThatThrownBy(EquivariantSequential::of)
        .hasMessage("a chain has at least one layer, got none");
  }

  /** Of many copies the embedding is no matrix of their size: the functions are those of a few. */
  @ParameterizedTest
  @ValueSource(strings = {"C4: regular", "Q8: regular", "Icosahedral: 3 x irrep(1)"})
  void manyCopiesUnderAFourierNonlinearityAreAsManyOfOne(String text) {
    try (PointerScope scope = new PointerScope()) {
      Representation few = rotated(Representation.parse(text));
      Representation many = few.times(1200 / few.size());
      Tensor x = random(Dtype.FLOAT64, 3, many.size());
      Tensor expected =
          new FourierNonlinearity(few, Activation.GELU, Dtype.FLOAT64)
              .forward(x.view(3, -1, few.size()))
              .view(3, -1);
      FourierNonlinearity layer = new FourierNonlinearity(many, Activation.GELU, Dtype.FLOAT64);
      assertThat(distance(layer.forward(x), expected)).isLessThan(1e-12);
      assertThat(MemoryFootprint.of(layer).nonTrainableBytes()).isLessThan(100_000);
      assertThat(distance(layer.plain(new EagerGraph(x), x), expected)).isLessThan(1e-12);
    }
  }

  /** relu(a) - relu(-a) = a, so that only A^T A = I is left, wherever the copies stand. */
  @ParameterizedTest
  @ValueSource(strings = {"C4", "D3", "Q8"})
  void manyCopiesOfAnyKindAreEmbeddedIsometrically(String name) {
    try (PointerScope scope = new PointerScope()) {
      FiniteGroup group = FiniteGroup.named(name);
      Representation regular = Representation.regular(group);
      Representation irrep = Representation.irrep(group.irreps().get(group.irreps().size() - 1));
      Representation rho =
          Representation.directSum(
              List.of(regular.times(50), irrep.times(100), rotated(regular.plus(irrep)).times(40)));
      FourierNonlinearity layer = new FourierNonlinearity(rho, Activation.RELU, Dtype.FLOAT64);
      Tensor x = random(Dtype.FLOAT64, 3, rho.size());
      assertThat(distance(layer.forward(x).sub(layer.forward(x.neg())), x)).isLessThan(1e-12);
      assertThat(
              Equivariance.check(layer::forward, rho, rho, random(Dtype.FLOAT64, 3, rho.size()))
                  .relativeError())
          .isLessThan(1e-12);
    }
  }
}
