package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.group.Element;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  private static final Representation RHO = irreps("Icosahedral");

  private static Representation irreps(String group) {
    return Representation.directSum(
            Representation.parse(group + ": regular").irreps().stream()
                .map(Representation::irrep)
                .toList())
        .times(2);
  }

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @Test
  void factorsOfProductsAreNotRoundedOnGpus() {
    try (PointerScope scope = new PointerScope()) {
      Context context = torch.globalContext();
      assertThat(context.allowTF32CuDNN()).isFalse();
      assertThat(context.allowTF32CuBLAS()).isFalse();
    }
  }

  /** The factor that is nearest with 10 bits behind the first, in float32's own rounding. */
  private static Tensor rounded(Tensor x) {
    Tensor scaled = x.mul(new Scalar((1 << 13) + 1.0));
    return scaled.sub(scaled.sub(x));
  }

  /** How far x to W x is from commuting with the group, beside the largest output. */
  private static double defect(UnaryOperator<Tensor> map, Tensor x) {
    Tensor y = map.apply(x);
    double most = 0;
    for (Element element : RHO.finiteGroup().elements()) {
      Tensor turn = Tensors.of(Dtype.FLOAT32, RHO.at(element)).t();
      Tensor difference = map.apply(x.mm(turn)).sub(y.mm(turn));
      most = Math.max(most, difference.abs().max().item_double());
    }
    return most / y.abs().max().item_double();
  }

  @Test
  void roundedFactorsWouldCostAThousandthOfEquivariance() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      torch.manual_seed(0);
      EquivariantLinear layer = new EquivariantLinear(RHO, RHO);
      Tensor weight = layer.weight();
      Tensor x = torch.randn(256, RHO.size());
      assertThat(defect(layer::forward, x)).isLessThan(1e-6);
      assertThat(defect(input -> rounded(input).mm(rounded(weight).t()), x)).isBetween(1e-4, 1e-3);
    }
  }
}
