package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.bilinear.EquivariantTensorProduct;
import dev.noether.nn.bilinear.EquivariantTensorSquare;
import dev.noether.nn.bilinear.Pairing;
import dev.noether.nn.bilinear.TensorProductOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of features: bilinear, equivariant, and all of them. */
class BilinearTest {
  private static final TensorProductOptions OPTIONS =
      TensorProductOptions.defaults()
          .with(MapOptions.defaults().withoutBias().with(Dtype.FLOAT64).withSeed(1));

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static Representation rho(String text) {
    return Representation.parse(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "C3: regular; C3: irrep(1) + trivial",
        "D4: regular; D4: 2 x irrep(1,1) + irrep(1,0)",
        "Q8: irrep(1,1) + trivial; Q8: regular",
        "Icosahedral: irrep(1) + irrep(2); Icosahedral: irrep(4) + irrep(1)",
        "SO(2): 2 x irrep(1) + irrep(2); SO(2): irrep(0) + irrep(3)",
        "O(2): irrep(1,1) + irrep(1,0); O(2): irrep(1,2) + irrep(0,0)",
        "SO(3): 2 x irrep(1) + irrep(0); SO(3): irrep(2) + irrep(1)",
        "O(3): irrep(1,1) + irrep(0,1); O(3): irrep(0,2) + irrep(1,1) + irrep(0,0)"
      })
  void productsAreEquivariantAndBilinear(String first, String second) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation left = rotated(rho(first));
      Representation right = rho(second);
      Representation out = rotated(left.plus(right));
      for (Pairing pairing : Pairing.values()) {
        EquivariantTensorProduct layer =
            new EquivariantTensorProduct(left, right, out, OPTIONS.with(pairing));
        assertThat(Equivariance.check(layer.equivariance().orElseThrow()).relativeError())
            .isLessThan(1e-11);
        Tensor x = random(Dtype.FLOAT64, 2, 3, left.size());
        Tensor y = random(Dtype.FLOAT64, 2, 3, right.size());
        Tensor z = y.cos();
        Tensor sum = layer.forward(x, y).add(layer.forward(x, z));
        assertThat(distance(layer.forward(x, y.add(z)), sum)).isLessThan(1e-12);
        Tensor twice = layer.forward(x.add(x), y);
        assertThat(distance(twice, layer.forward(x, y).mul(new Scalar(2.0)))).isLessThan(1e-12);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "C3: regular + irrep(1); C3: irrep(1) + trivial; C3: regular",
        "D4: regular; D4: irrep(1,1); D4: irrep(1,1) + irrep(1,0)",
        "Q8: irrep(1,1) + trivial; Q8: irrep(1,1); Q8: irrep(1,1) + trivial",
        "SO(2): irrep(1) + irrep(0); SO(2): irrep(1) + irrep(2); SO(2): irrep(0) + irrep(1)",
        "O(3): irrep(1,1) + irrep(0,0); O(3): irrep(1,1); O(3): irrep(0,2) + irrep(0,1)"
      })
  void allBilinearEquivariantMapsAreReached(String first, String second, String third) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation left = rotated(rho(first));
      Representation right = rotated(rho(second));
      EquivariantTensorProduct layer =
          new EquivariantTensorProduct(left, right, rho(third), OPTIONS);
      Tensor x = random(Dtype.FLOAT64, 200, left.size());
      Tensor y = random(Dtype.FLOAT64, 200, 2L * right.size()).narrow(1, 0, right.size());
      int dense = HomSpace.between(left.tensor(right), rho(third)).dim();
      assertThat(layer.mixing().basis().dim()).isEqualTo(dense);
      assertThat(rank(layer.mixing().coefficients(), c -> layer.forward(x, y))).isEqualTo(dense);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "C3: regular + irrep(1); C3: regular",
        "D4: regular; D4: irrep(1,1) + irrep(1,0)",
        "Q8: 2 x irrep(1,1) + trivial; Q8: irrep(1,1) + trivial",
        "Icosahedral: 2 x irrep(1); Icosahedral: irrep(4) + irrep(1) + trivial",
        "SO(2): 2 x irrep(1) + irrep(0); SO(2): irrep(0) + irrep(1) + irrep(2)",
        "O(2): 2 x irrep(1,1) + irrep(1,2); O(2): irrep(0,0) + irrep(1,0) + irrep(1,2)",
        "SO(3): 2 x irrep(1) + irrep(2); SO(3): irrep(0) + irrep(1) + irrep(2)",
        "O(3): 2 x irrep(1,1) + irrep(0,0); O(3): irrep(0,2) + irrep(0,1) + irrep(0,0)"
      })
  void squaresReachAllQuadraticEquivariantMaps(String first, String second) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = rotated(rho(first));
      Representation out = rho(second);
      EquivariantTensorSquare layer = new EquivariantTensorSquare(in, out, OPTIONS);
      Tensor x = random(Dtype.FLOAT64, 200, in.size());
      assertThat(Equivariance.check(layer, x.narrow(0, 0, 4)).relativeError()).isLessThan(1e-11);
      assertThat(distance(layer.forward(x.neg()), layer.forward(x))).isLessThan(1e-12);
      GroupHomomorphismBasis all =
          GroupHomomorphismBasis.of(
              in.tensor(in), out, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
      Tensor products = x.unsqueeze(-1).mul(x.unsqueeze(-2)).reshape(200, -1);
      Tensor some = all.initialize(Initialization.XAVIER_NORMAL, OptionalLong.of(1));
      int dense = rank(some, c -> products.matmul(all.expand(c).t()));
      assertThat(layer.mixing().basis().dim()).isEqualTo(dense);
      assertThat(rank(layer.mixing().coefficients(), c -> layer.forward(x))).isEqualTo(dense);
    }
  }

  /** The dimension of the space of functions that the coefficients give, on fixed inputs. */
  private static int rank(Tensor coefficients, Function<Tensor, Tensor> function) {
    int n = Math.toIntExact(coefficients.numel());
    double[][] rows = new double[n][];
    for (int i = 0; i < n; i++) {
      coefficients.zero_();
      coefficients.narrow(0, i, 1).fill_(new Scalar(1.0));
      rows[i] = Tensors.toArray(function.apply(coefficients));
    }
    return SingularOps_DDRM.rank(new DMatrixRMaj(rows), 1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3: regular + irrep(1)", "Q8: 2 x irrep(1,1) + trivial", "D4: regular"})
  void plainFormsAreTheLayers(String text) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = rotated(rho(text));
      Representation other = rho(text).times(2);
      Tensor x = random(Dtype.FLOAT64, 2, 3, rho.size());
      Tensor y = random(Dtype.FLOAT64, 2, 3, other.size());
      for (Pairing pairing : Pairing.values()) {
        EquivariantTensorProduct product =
            new EquivariantTensorProduct(rho, other, rho, OPTIONS.with(pairing));
        Tensor plain = product.plain(new EagerGraph(x), List.of(x, y));
        assertThat(distance(plain, product.forward(x, y))).isLessThan(1e-12);
        EquivariantTensorSquare square =
            new EquivariantTensorSquare(other, rho, OPTIONS.with(pairing));
        assertThat(distance(square.plain(new EagerGraph(y), y), square.forward(y)))
            .isLessThan(1e-12);
      }
    }
  }

  /** Neither what goes in nor what comes out of larger irreps counts. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Icosahedral: trivial + irrep(1) + irrep(2) + irrep(3)",
        "Octahedral: regular",
        "SO(3): irrep(0) + irrep(1) + irrep(2) + irrep(3)",
        "O(3): irrep(0,0) + irrep(1,1) + irrep(0,2) + irrep(1,3)"
      })
  void aLimitOfDegreesLeavesLargerIrrepsOut(String text) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.directSum(irreps(rho(text)));
      int limit = 3;
      TensorProductOptions small = OPTIONS.withMaxDegree(limit);
      double[] entries = new double[rho.size()];
      for (Representation.Copy copy : rho.copies()) {
        double shown = copy.irrep().dimension() > limit ? 1 : 0;
        Arrays.fill(entries, copy.start(), copy.start() + copy.irrep().dimension(), shown);
      }
      Tensor large = Tensors.of(Dtype.FLOAT64, entries, rho.size());
      Tensor x = random(Dtype.FLOAT64, 5, rho.size());
      Tensor other = x.add(large);
      EquivariantTensorProduct product = new EquivariantTensorProduct(rho, rho, rho, small);
      EquivariantTensorSquare square = new EquivariantTensorSquare(rho, rho, small);
      for (Tensor[] pair :
          List.of(
              new Tensor[] {product.forward(x, x.cos()), product.forward(other, x.cos())},
              new Tensor[] {product.forward(x.cos(), x), product.forward(x.cos(), other)},
              new Tensor[] {square.forward(x), square.forward(other)})) {
        assertThat(distance(pair[0], pair[1])).isLessThan(1e-13);
        assertThat(pair[0].mul(large).abs().max().item().toDouble()).isLessThan(1e-13);
        assertThat(pair[0].abs().max().item().toDouble()).isGreaterThan(0.01);
      }
    }
  }

  private static List<Representation> irreps(Representation rho) {
    return rho.irreps().stream().map(Representation::irrep).toList();
  }

  /**
   * A basis of the dense Hom space of 120 x 120 products to 120 features would be 28,800 matrices
   * of 1.7 million entries. What is kept is as large as one of them, places in it included.
   */
  @Test
  void noBasisOfADenseHomSpaceIsKept() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rho("Icosahedral: 2 x regular");
      TensorProductOptions options = TensorProductOptions.defaults();
      EquivariantTensorProduct product = new EquivariantTensorProduct(rho, rho, rho, options);
      long entries = 120L * 120 * 120;
      assertThat(product.mixing().basis().dim()).isEqualTo(28_800);
      assertThat(MemoryFootprint.of(product).nonTrainableBytes()).isLessThan(5 * entries);
      EquivariantTensorSquare square = new EquivariantTensorSquare(rho, rho, options);
      assertThat(MemoryFootprint.of(square).nonTrainableBytes()).isLessThan(3 * entries);
    }
  }

  @Test
  void alignedSquaresReachProductsOfDifferentCopies() {
    Representation in = rho("Icosahedral: 2 x irrep(1)");
    EquivariantTensorSquare cross =
        new EquivariantTensorSquare(
            in, rho("Icosahedral: irrep(1)"), OPTIONS.with(Pairing.ALIGNED));
    assertThat(cross.mixing().basis().dim()).isEqualTo(1);
  }

  @Test
  void refusalsSayWhatIsWrong() {
    Representation vector = rho("Icosahedral: irrep(1)");
    assertThatThrownBy(() -> new EquivariantTensorSquare(vector, vector, OPTIONS))
        .hasMessageContaining("no bilinear equivariant map leads from");
    assertThatThrownBy(() -> new EquivariantTensorProduct(vector, rho("C3: regular"), vector))
        .hasMessageContaining("must be representations of one group");
    assertThatThrownBy(() -> OPTIONS.withMaxDegree(0))
        .hasMessage("maxDegree must be at least 1, the degree of the trivial irrep, got 0");
    EquivariantTensorProduct layer = new EquivariantTensorProduct(vector, vector, vector, OPTIONS);
    Tensor x = random(Dtype.FLOAT64, 2, 3);
    assertThatThrownBy(() -> layer.forward(x, random(Dtype.FLOAT64, 4, 3)))
        .hasMessage("both inputs must have the same leading axes, got [2, 3] and [4, 3]");
    assertThatThrownBy(() -> layer.forward(x, random(Dtype.FLOAT64, 2, 4)))
        .hasMessageContaining("right.size() = 3");
    assertThatThrownBy(() -> layer.plain(new EagerGraph(x), x))
        .hasMessageContaining("takes two inputs, got 1");
  }
}
