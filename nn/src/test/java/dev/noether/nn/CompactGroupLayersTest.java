package dev.noether.nn;

import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.FourierNonlinearity;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.pooling.IrrepSubspaceNormPooling;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.stats.SymmetryTest;
import dev.noether.torch.Dtype;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that need only irreps are equivariant under the rotations of the plane and of space. */
class CompactGroupLayersTest {
  private static final MapOptions OPTIONS = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(3);

  private static List<EquivariantLayer> layers(Representation rho) {
    GatedNonlinearity gated = new GatedNonlinearity(rho, Dtype.FLOAT64);
    return List.of(
        new EquivariantLinear(rho, rho.plus(Representation.trivial(rho.group())), OPTIONS),
        new EquivariantAffine(rho, Fixtures.affine(OPTIONS)),
        new EquivariantRmsNorm(rho, 1e-6, Dtype.FLOAT64),
        new EquivariantLayerNorm(rho, Fixtures.norm(OPTIONS)),
        new NormNonlinearity(rho, Activation.SILU, Dtype.FLOAT64),
        gated,
        new EquivariantDropout(rho, 0.5, Dtype.FLOAT64),
        new IrrepSubspaceNormPooling(rho, Dtype.FLOAT64),
        new EquivariantMultiheadAttention(rho.times(2), AttentionOptions.heads(2).with(OPTIONS)),
        EquivariantSequential.of(
            new EquivariantLinear(rho, gated.in(), OPTIONS),
            gated,
            new EquivariantRmsNorm(rho, 1e-6, Dtype.FLOAT64),
            new EquivariantLinear(rho, rho, OPTIONS)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SO(3): 3 x irrep(0) + 2 x irrep(1) + irrep(2)",
        "O(3): 2 x irrep(0,0) + irrep(1,1) * irrep(1,1) + irrep(1,0)",
        "SO(2): 2 x irrep(0) + 3 x irrep(1) + irrep(2)",
        "O(2): irrep(0,0) + irrep(1,0) + 2 x irrep(1,1) + irrep(1,3)"
      })
  void layersAreEquivariantOnHaarSamples(String text) {
    Representation rho = Representation.parse(text);
    try (PointerScope scope = new PointerScope()) {
      for (EquivariantLayer layer : layers(rho)) {
        layer.eval();
        Tensor x = random(Dtype.FLOAT64, 4, 3, layer.in().size());
        assertThat(Equivariance.check(layer, x).relativeError()).as("%s", layer).isLessThan(1e-11);
      }
    }
  }

  @Test
  void aNetworkTrainsAndIsBuiltAgain() {
    Representation rho = Representation.parse("SO(3): 4 x irrep(0) + 2 x irrep(1) + irrep(2)");
    GatedNonlinearity gated = new GatedNonlinearity(rho, Dtype.FLOAT64);
    EquivariantSequential network =
        EquivariantSequential.of(
            new EquivariantLinear(rho, gated.in(), OPTIONS),
            gated,
            new EquivariantLayerNorm(rho, Fixtures.norm(OPTIONS)),
            new EquivariantLinear(rho, Representation.parse("SO(3): irrep(1)"), OPTIONS));
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 16, rho.size());
      SGD optimizer = new SGD(network.parameters(), new SGDOptions(0.05));
      double first = 0;
      double last = 0;
      for (int step = 0; step < 20; step++) {
        optimizer.zero_grad();
        Tensor loss = network.forward(x).sub(x.narrow(1, 4, 3)).pow(new Scalar(2)).mean();
        loss.backward();
        optimizer.step();
        last = loss.item().toDouble();
        first = step == 0 ? last : first;
      }
      assertThat(last).isLessThan(0.9 * first);
      network.eval();
      EquivariantLayer loaded = (EquivariantLayer) Fixtures.builtAgain(network);
      assertThat(loaded.in()).isEqualTo(rho);
      Tensor difference = loaded.forward(x).sub(network.forward(x)).abs().max();
      assertThat(difference.item().toDouble()).isZero();
      Equivariance.checkThat(loaded, x, 1e-11);
    }
  }

  @Test
  void whatNeedsAListOfElementsSaysSo() {
    Representation rho = Representation.parse("SO(3): irrep(0) + irrep(1)");
    assertThatThrownBy(() -> new FourierNonlinearity(rho, Activation.GELU, Dtype.FLOAT64))
        .hasMessageStartingWith("this needs a finite group, whose elements can be listed");
    assertThatThrownBy(() -> new PointwiseNonlinearity(rho, Activation.RELU))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                SymmetryTest.of(
                    random(Dtype.FLOAT64, 9, 4), rho, SymmetryTest.Statistic.MOMENTS, 3, 1))
        .hasMessageStartingWith("this needs a finite group, whose elements can be listed");
  }
}
