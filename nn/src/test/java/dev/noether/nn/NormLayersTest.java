package dev.noether.nn;

import static dev.noether.nn.LinearLawsTest.distance;
import static dev.noether.nn.LinearLawsTest.random;
import static dev.noether.nn.LinearLawsTest.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Normalisations and norm pooling: equivariant in any basis, smooth at zero. */
class NormLayersTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static List<Layer> layers(Representation rho, Dtype dtype) {
    LinearOptions options = LinearOptions.defaults().with(dtype);
    List<Layer> layers =
        List.of(
            new EquivariantRmsNorm(rho, 1e-6, dtype),
            new EquivariantLayerNorm(rho, 1e-6, options),
            new EquivariantLayerNorm(rho, 1e-6, options.withoutBias()),
            new IrrepSubspaceNormPooling(rho, dtype));
    for (Layer layer : layers) {
      layer.namedParameters().values().forEach(p -> p.set_data(p.detach().add(draw(p))));
    }
    return layers;
  }

  private static Tensor draw(Tensor like) {
    return random(Dtype.FLOAT64, Tensors.shape(like)).to(like.scalar_type());
  }

  @ParameterizedTest
  @ValueSource(strings = {"C5", "D4", "Q8", "Icosahedral"})
  void areEquivariantInAnyBasis(String group) {
    Representation regular = Representation.parse(group + ": regular + 3 x trivial");
    Representation mixed =
        Representation.irrep(regular.irreps().get(regular.irreps().size() - 4)).plus(regular);
    try (PointerScope scope = new PointerScope()) {
      for (Representation rho : List.of(regular, mixed, rotated(mixed))) {
        for (Dtype dtype : Dtype.values()) {
          for (Layer layer : layers(rho, dtype)) {
            Tensor x = random(dtype, 2, 3, rho.size());
            double tolerance = dtype == Dtype.FLOAT32 ? 1e-5 : 1e-11;
            Equivariance.checkThat((EquivariantLayer) layer, x, tolerance);
            layer.eval();
            Equivariance.checkThat((EquivariantLayer) layer, x, tolerance);
          }
        }
      }
    }
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("C5: regular + irrep(1)"));
      for (Layer layer : layers(rho, Dtype.FLOAT64)) {
        Map<String, Tensor> leaves = new LinkedHashMap<>(layer.namedParameters());
        leaves.put("x", random(Dtype.FLOAT64, 3, rho.size()).set_requires_grad(true));
        GradientsTest.assertGradients(
            leaves, () -> ((EquivariantLayer) layer).forward(leaves.get("x")).sin().sum());
      }
    }
  }

  @Test
  void zeroHasFiniteOutputsAndGradients() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      for (Layer layer : layers(rho, Dtype.FLOAT32)) {
        Tensor x = random(Dtype.FLOAT32, 2, 6).mul(new Scalar(0.0)).set_requires_grad(true);
        Tensor y = ((EquivariantLayer) layer).forward(x);
        y.sum().backward();
        assertThat(Arrays.stream(Tensors.toArray(y))).allMatch(Double::isFinite);
        assertThat(Arrays.stream(Tensors.toArray(x.grad()))).allMatch(Double::isFinite);
      }
    }
  }

  @Test
  void loadedLayersGiveTheSameOutputsInEveryPairOfModes() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: 2 x regular"));
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      for (int i = 0; i < 4; i++) {
        for (boolean saved : new boolean[] {true, false}) {
          for (boolean loaded : new boolean[] {true, false}) {
            Layer one = layers(rho, Dtype.FLOAT32).get(i);
            Layer two = layers(rho, Dtype.FLOAT32).get(i);
            one.namedParameters().values().forEach(p -> p.set_data(p.detach().mul(p)));
            Layer source = saved ? one.train() : one.eval();
            Layer target = loaded ? two.train() : two.eval();
            target.load(source.stateDict());
            assertThat(
                    distance(
                        ((EquivariantLayer) one).forward(x), ((EquivariantLayer) two).forward(x)))
                .isZero();
          }
        }
      }
    }
  }

  @Test
  void epsOutOfRangeIsRefused() {
    Representation rho = Representation.parse("C5: regular");
    for (double eps : new double[] {0, -1e-6, Double.NaN, 1}) {
      assertThatThrownBy(() -> new EquivariantRmsNorm(rho, eps, Dtype.FLOAT32))
          .hasMessage("eps must be above 0 and below 1, got " + eps);
      assertThatThrownBy(() -> new EquivariantLayerNorm(rho, eps, LinearOptions.defaults()))
          .hasMessageStartingWith("eps must be above 0");
    }
  }
}
