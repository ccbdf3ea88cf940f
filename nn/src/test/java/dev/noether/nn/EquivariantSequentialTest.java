package dev.noether.nn;

import static dev.noether.nn.LinearLawsTest.distance;
import static dev.noether.nn.LinearLawsTest.random;
import static dev.noether.nn.LinearLawsTest.rotated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.hom.Execution;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that stay in the isotypic basis are the same function as their layers one by one. */
class EquivariantSequentialTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantSequential chain(
      Representation in, Representation middle, Execution execution, Dtype dtype) {
    LinearOptions options = LinearOptions.defaults().with(execution).with(dtype).withSeed(2);
    EquivariantSequential chain =
        EquivariantSequential.of(
            EquivariantAffine.learnable(in, options),
            new EquivariantLinear(in, middle, options),
            new EquivariantRmsNorm(middle, 1e-6, dtype),
            new NormNonlinearity(middle, Activation.SILU, dtype),
            new EquivariantLinear(middle, middle, options.withoutBias()),
            EquivariantAffine.learnable(middle, options),
            new EquivariantLinear(middle, in, options));
    for (Tensor p : chain.namedParameters().values()) {
      p.set_data(p.detach().add(random(Dtype.FLOAT64, Tensors.shape(p)).to(p.scalar_type())));
    }
    return chain;
  }

  /** The output, and the gradients of the input and of every parameter. */
  private static List<Tensor> results(
      EquivariantSequential chain, UnaryOperator<Tensor> function, Tensor x) {
    chain.zeroGrad();
    Tensor leaf = x.detach().clone().set_requires_grad(true);
    Tensor y = function.apply(leaf);
    y.sin().sum().backward();
    List<Tensor> results = new ArrayList<>(List.of(y.detach(), leaf.grad()));
    chain.namedParameters().values().forEach(p -> results.add(p.grad()));
    return results;
  }

  private static Tensor oneByOne(EquivariantSequential chain, Tensor x) {
    Tensor current = x;
    for (EquivariantLayer layer : chain.layers()) {
      current = layer.forward(current);
    }
    return current;
  }

  @ParameterizedTest
  @ValueSource(strings = {"C1", "C5", "D4", "Q8", "2T", "Icosahedral"})
  void chainsGiveTheSameFunctionAndGradientsAsTheirLayersOneByOne(String group) {
    Representation regular = Representation.parse(group + ": regular");
    Representation last =
        Representation.irrep(regular.irreps().get(regular.irreps().size() - 1)).times(2);
    Representation mixed = last.plus(regular.times(2)).plus(rotated(regular)).plus(last);
    try (PointerScope scope = new PointerScope()) {
      for (Dtype dtype : Dtype.values()) {
        double tolerance = dtype == Dtype.FLOAT32 ? 1e-4 : 1e-11;
        for (Representation middle : List.of(mixed, regular.times(3), rotated(mixed))) {
          EquivariantSequential chain = chain(mixed, middle, Execution.SPECTRAL, dtype);
          assertThat(chain.staysInside(6)).isTrue();
          Tensor x = random(dtype, 2, 3, mixed.size());
          List<Tensor> inside = results(chain, chain::forward, x);
          List<Tensor> apart = results(chain, input -> oneByOne(chain, input), x);
          // In float32 a copy of length zero, where its direction turns, magnifies rounding.
          int compared = dtype == Dtype.FLOAT32 ? 1 : apart.size();
          for (int i = 0; i < compared; i++) {
            double largest = Math.max(1, apart.get(i).abs().max().item().toDouble());
            assertThat(distance(inside.get(i), apart.get(i)))
                .as("%s, result %d", middle, i)
                .isLessThan(tolerance * largest);
          }
          chain.eval();
          Equivariance.checkThat(chain, x, tolerance);
        }
      }
    }
  }

  @Test
  void denseLayersAreNeverJoined() {
    Representation rho = Representation.parse("Icosahedral: 2 x regular");
    assertThat(chain(rho, rho, Execution.DENSE, Dtype.FLOAT32).staysInside(1024)).isFalse();
    assertThat(chain(rho, rho, Execution.AUTO, Dtype.FLOAT32).staysInside(1024)).isTrue();
  }

  @Test
  void chainsMoveWithTheirBuffers() {
    Representation rho = Representation.parse("D3: 2 x regular + irrep(1,1)");
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential chain = chain(rho, rho, Execution.SPECTRAL, Dtype.FLOAT32);
      Tensor x = random(Dtype.FLOAT32, 4, rho.size());
      Tensor before = chain.forward(x);
      chain.to(Dtype.FLOAT64);
      Tensor wide = chain.forward(x.to(Dtype.FLOAT64.scalarType()));
      assertThat(distance(wide, before.to(Dtype.FLOAT64.scalarType()))).isLessThan(1e-4);
    }
  }

  @Test
  void emptyBatchesPass() {
    Representation rho = Representation.parse("D3: 2 x regular + irrep(1,1)");
    try (PointerScope scope = new PointerScope()) {
      for (Execution execution : Execution.values()) {
        Tensor y = chain(rho, rho, execution, Dtype.FLOAT32).forward(random(Dtype.FLOAT32, 0, 14));
        assertThat(Tensors.shape(y)).containsExactly(0, 14);
      }
    }
  }
}
