package dev.noether.nn;

import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.activation.Dropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.MultivariateNormal;
import dev.noether.nn.distribution.NormalCovariance;
import dev.noether.nn.pooling.InvariantPooling;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Numbers, sizes and dtypes at the edges: a right result, or words. */
class NumericEdgesTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void everyLogVarianceIsThatOfADistribution(Dtype dtype) {
    Representation rho = Representation.parse("D3: 2 x irrep(1,1) + trivial");
    double[] values = {-1e4, -100, -10, 0, 10, 80, 89, 100, 710, 1e4, 6e4};
    for (NormalCovariance covariance : NormalCovariance.values()) {
      try (PointerScope scope = new PointerScope()) {
        EquivariantMultivariateNormal layer =
            new EquivariantMultivariateNormal(rho, covariance, dtype);
        for (double value : values) {
          if (dtype == Dtype.FLOAT16 && value < 0) {
            continue; // the density itself is below -65504
          }
          Tensor features = random(dtype, 3, layer.in().size()).mul(new Scalar(0.1));
          features.narrow(-1, rho.size(), rho.irreps().size()).fill_(new Scalar(value));
          features.set_requires_grad(true);
          MultivariateNormal normal = layer.forward(features);
          Tensor density = normal.logProb(random(dtype, 3, rho.size()));
          assertFinite(density, covariance + " " + dtype + " " + value);
          assertFinite(normal.variance(), covariance + " " + dtype + " " + value);
          assertFinite(normal.entropy(), covariance + " " + dtype + " " + value);
          density.sum().backward();
          assertFinite(features.grad(), covariance + " " + dtype + " " + value);
        }
      }
    }
  }

  private static void assertFinite(Tensor tensor, String of) {
    assertThat(tensor.isfinite().all().item().toBool()).as(of).isTrue();
  }

  @Test
  void numbersThatAreNoFloatingPointAreRefusedByLayersWithoutADtype() {
    Representation rho = Representation.parse("D3: regular");
    PointwiseNonlinearity relu = new PointwiseNonlinearity(rho, Activation.RELU);
    Dropout dropout = new Dropout(0.5);
    Tensor ones = torch.ones(2, 6);
    for (ScalarType type : List.of(ScalarType.Long, ScalarType.Bool, ScalarType.ComplexFloat)) {
      Tensor x = ones.to(type);
      String message = "input must be floating-point numbers, got %s; convert it with to(...)";
      assertThatThrownBy(() -> relu.forward(x))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message.formatted(Tensors.dtypeName(x)));
      assertThatThrownBy(() -> dropout.forward(x))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message.formatted(Tensors.dtypeName(x)));
    }
  }

  @Test
  void aPoolingOfTooManyInvariantsSaysWhatToDo() {
    Representation rho = Representation.parse("C4: 250 x regular");
    assertThatThrownBy(() -> new InvariantPooling(rho))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "C4: 250 x regular has 94125 invariants of degree two, at most 65536 are pooled; take "
                + "IrrepSubspaceNormPooling, or fewer copies");
  }
}
