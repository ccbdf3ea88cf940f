package dev.noether.nn;

import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.Fixtures;
import dev.noether.hom.BasisExpansion;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients of every parameter against central differences, in float64. */
class GradientsTest {
  private static final double STEP = 1e-5;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** d loss / d p_i = (loss(p_i + h) - loss(p_i - h)) / 2h + O(h^2), for every entry i. */
  static void assertGradients(Layer layer, Supplier<Tensor> loss) {
    layer.zeroGrad();
    assertGradients(layer.namedParameters(), loss);
  }

  static void assertGradients(Map<String, Tensor> leaves, Supplier<Tensor> loss) {
    loss.get().backward();
    leaves.forEach(
        (name, parameter) -> {
          double[] gradient = Tensors.toArray(parameter.grad());
          double[] values = Tensors.toArray(parameter);
          for (int i = 0; i < values.length; i++) {
            double up = perturbed(parameter, values, i, STEP, loss);
            double down = perturbed(parameter, values, i, -STEP, loss);
            assertThat(gradient[i])
                .as("%s[%d]", name, i)
                .isCloseTo((up - down) / (2 * STEP), within(1e-7));
          }
        });
  }

  private static double perturbed(
      Tensor parameter, double[] values, int entry, double step, Supplier<Tensor> loss) {
    double[] moved = values.clone();
    moved[entry] += step;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      parameter.copy_(Tensors.of(Dtype.FLOAT64, moved, Tensors.shape(parameter)));
      double result = loss.get().item().toDouble();
      parameter.copy_(Tensors.of(Dtype.FLOAT64, values, Tensors.shape(parameter)));
      return result;
    }
  }

  private static Representation in(String group) {
    return rotated(Representation.parse(group + ": regular + irrep(1)"));
  }

  @ParameterizedTest
  @CsvSource({
    "C5,ISOTYPIC_EXPANSION", "C5,MEMORY_HEAVY",
    "Octahedral,ISOTYPIC_EXPANSION", "Octahedral,MEMORY_HEAVY"
  })
  void projectedLayers(String group, BasisExpansion expansion) {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse(group + ": 2 x irrep(1)");
      Representation out = rotated(Representation.parse(group + ": irrep(1) + trivial"));
      Linear layer =
          new Linear(
              in.size(), out.size(), DenseOptions.defaults().with(Dtype.FLOAT64).withSeed(2));
      layer.impose(in, out, expansion);
      Tensor x = random(Dtype.FLOAT64, 4, in.size());
      assertGradients(layer, () -> layer.forward(x).sin().sum());
    }
  }

  @ParameterizedTest
  @CsvSource({"C5,ISOTYPIC_EXPANSION", "C5,MEMORY_HEAVY"})
  void equivariantLayers(String group, BasisExpansion expansion) {
    try (PointerScope scope = new PointerScope()) {
      Representation in = in(group);
      MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).with(expansion).withSeed(2);
      Tensor x = random(Dtype.FLOAT64, 4, in.size());
      EquivariantLinear linear = new EquivariantLinear(in, in, options);
      assertGradients(linear, () -> linear.forward(x).sin().sum());
      EquivariantAffine affine = new EquivariantAffine(in, Fixtures.affine(options));
      assertGradients(affine, () -> affine.forward(x).sin().sum());
      FieldList type = FieldList.of(Representation.parse(group + ": regular"), 2);
      FieldLinear fields =
          new FieldLinear(type, type, options.with(BasisExpansion.ISOTYPIC_EXPANSION));
      Tensor y = random(Dtype.FLOAT64, 4, type.size());
      assertGradients(fields, () -> fields.forward(y).sin().sum());
    }
  }
}
