package dev.noether.nn;

import static dev.noether.nn.LinearLawsTest.distance;
import static dev.noether.nn.LinearLawsTest.random;
import static dev.noether.nn.LinearLawsTest.rotated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every layer, wherever it is admitted. */
public class EveryLayerTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** All layers on a representation, with parameters away from their first values. */
  public static List<EquivariantLayer> layers(Representation rho, Dtype dtype) {
    LinearOptions options = LinearOptions.defaults().with(dtype).withSeed(1);
    List<EquivariantLayer> layers = new ArrayList<>();
    layers.add(new EquivariantLinear(rho, rho, options));
    layers.add(EquivariantAffine.learnable(rho, options));
    layers.add(new InvariantBias(rho, dtype));
    layers.add(new EquivariantRmsNorm(rho, 1e-6, dtype));
    layers.add(new EquivariantLayerNorm(rho, 1e-6, options));
    layers.add(new EquivariantLayerNorm(rho, 1e-6, options.withoutBias()));
    layers.add(new EquivariantBatchNorm1d(rho, BatchNormOptions.defaults().with(dtype)));
    layers.add(
        new EquivariantBatchNorm1d(
            rho,
            BatchNormOptions.defaults().withoutRunningStatistics().withoutAffine().with(dtype)));
    layers.add(new IrrepSubspaceNormPooling(rho, dtype));
    layers.add(new InvariantPooling(rho, dtype));
    layers.add(new ChangeToIsotypicBasis(rho, dtype));
    layers.add(new ChangeToIsotypicBasis(rho, dtype).inverse());
    layers.add(new NormNonlinearity(rho, Activation.SILU, dtype));
    layers.add(new GatedNonlinearity(rho, dtype));
    layers.add(new FourierNonlinearity(rho, Activation.GELU, dtype));
    layers.add(new EquivariantDropout(rho, 0.5, dtype));
    layers.add(
        new EquivariantConv1d(
            rho, rho, ConvolutionOptions.kernel(3).withPadding(1).withDilation(2), options));
    layers.add(
        new EquivariantConvTranspose1d(
            rho,
            rho,
            ConvolutionOptions.kernel(4).withStride(2).withPadding(1).withOutputPadding(1),
            options));
    layers.add(new EquivariantMultiheadAttention(rho, AttentionOptions.heads(1).with(options)));
    if (SignedPermutations.of(rho).filter(SignedPermutations::isUnsigned).isPresent()) {
      layers.add(new PointwiseNonlinearity(rho, Activation.ELU));
    }
    layers.add(
        EquivariantSequential.of(
            new EquivariantLinear(rho, rho, options),
            new FourierNonlinearity(rho, Activation.TANH, dtype),
            EquivariantAffine.learnable(rho, options)));
    for (EquivariantLayer layer : layers) {
      Map<String, Tensor> parameters = ((Layer) layer).namedParameters();
      parameters
          .values()
          .forEach(
              p ->
                  p.set_data(
                      p.detach().add(random(Dtype.FLOAT64, Tensors.shape(p)).to(p.scalar_type()))));
    }
    return layers;
  }

  /** Dropout draws the same numbers at every call. */
  private static Tensor forward(EquivariantLayer layer, Tensor x) {
    torch.manual_seed(1);
    return layer.forward(x);
  }

  public static Tensor input(EquivariantLayer layer, Dtype dtype, int samples) {
    int size = layer.in().size();
    return layer.featureAxis() == -1
        ? random(dtype, samples, 3, size)
        : random(dtype, samples, size, 9);
  }

  private static void assertEquivariant(EquivariantLayer layer, Dtype dtype) {
    EquivariantLayer seeded =
        new EquivariantLayer() {
          @Override
          public Representation in() {
            return layer.in();
          }

          @Override
          public Representation out() {
            return layer.out();
          }

          @Override
          public int featureAxis() {
            return layer.featureAxis();
          }

          @Override
          public Tensor forward(Tensor input) {
            return EveryLayerTest.forward(layer, input);
          }

          @Override
          public String toString() {
            return layer.toString();
          }
        };
    double tolerance = dtype == Dtype.FLOAT32 ? 1e-5 : 1e-11;
    Equivariance.checkThat(seeded, input(layer, dtype, 2), tolerance);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C5", "D4", "Q8", "Icosahedral"})
  void isEquivariantInTrainingAndEvaluationInAnyBasis(String group) {
    Representation regular = Representation.parse(group + ": regular");
    Representation mixed =
        Representation.irrep(regular.irreps().get(regular.irreps().size() - 1))
            .plus(Representation.trivial(regular.group()))
            .plus(regular);
    for (Representation rho : List.of(regular, mixed, rotated(mixed))) {
      for (Dtype dtype : Dtype.values()) {
        try (PointerScope scope = new PointerScope()) {
          for (EquivariantLayer layer : layers(rho, dtype)) {
            assertEquivariant(layer, dtype);
            ((Layer) layer).eval();
            assertEquivariant(layer, dtype);
          }
        }
      }
    }
  }

  @Test
  void gradientsOfParametersAndInputsAgreeWithFiniteDifferences() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("C3: regular + irrep(1)"));
      for (EquivariantLayer layer : layers(rho, Dtype.FLOAT64)) {
        Map<String, Tensor> leaves = new LinkedHashMap<>(((Layer) layer).namedParameters());
        leaves.put("x", input(layer, Dtype.FLOAT64, 1).set_requires_grad(true));
        GradientsTest.assertGradients(leaves, () -> forward(layer, leaves.get("x")).sin().sum());
      }
    }
  }

  @Test
  void loadedStateGivesTheSameOutputsInEveryPairOfModes() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: regular + irrep(1,1)"));
      for (int i = 0; i < layers(rho, Dtype.FLOAT32).size(); i++) {
        for (int modes = 0; modes < 4; modes++) {
          EquivariantLayer one = layers(rho, Dtype.FLOAT32).get(i);
          EquivariantLayer two = layers(rho, Dtype.FLOAT32).get(i);
          Tensor x = input(one, Dtype.FLOAT32, 2);
          ((Layer) one)
              .namedParameters()
              .values()
              .forEach(p -> p.set_data(p.detach().mul(p.detach())));
          forward(one, x); // moves running statistics
          Layer source = modes % 2 == 0 ? ((Layer) one).train() : ((Layer) one).eval();
          Layer target = modes / 2 == 0 ? ((Layer) two).train() : ((Layer) two).eval();
          target.load(source.stateDict());
          source.eval();
          target.eval();
          assertThat(distance(forward(one, x), forward(two, x))).as("%s", one).isZero();
        }
      }
    }
  }

  @Test
  void movesBetweenDtypesKeepTheFunction() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: regular + irrep(1,1)"));
      for (EquivariantLayer layer : layers(rho, Dtype.FLOAT32)) {
        Tensor x = input(layer, Dtype.FLOAT32, 2);
        ((Layer) layer).eval();
        Tensor before = forward(layer, x);
        ((Layer) layer).to(Dtype.FLOAT64);
        Tensor wide = forward(layer, x.to(Dtype.FLOAT64.scalarType()));
        assertThat(Tensors.dtypeName(wide)).isEqualTo("float64");
        assertThat(distance(before, wide) / wide.abs().max().item().toDouble())
            .as("%s", layer)
            .isLessThan(1e-5);
        ((Layer) layer).to(Dtype.FLOAT32);
        assertThat(distance(before, forward(layer, x))).as("%s", layer).isZero();
      }
    }
  }

  @Test
  void zeroHasFiniteOutputsAndGradients() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      for (EquivariantLayer layer : layers(rho, Dtype.FLOAT32)) {
        Tensor x = input(layer, Dtype.FLOAT32, 2).mul(new Scalar(0.0)).set_requires_grad(true);
        Tensor y = forward(layer, x);
        y.sum().backward();
        assertThat(Arrays.stream(Tensors.toArray(y))).as("%s", layer).allMatch(Double::isFinite);
        assertThat(Arrays.stream(Tensors.toArray(x.grad())))
            .as("%s", layer)
            .allMatch(Double::isFinite);
      }
    }
  }

  @Test
  void eachLayerOfAModelIsCheckedByItself() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: regular");
      for (EquivariantLayer layer : layers(rho, Dtype.FLOAT64)) {
        ((Layer) layer).eval();
        Map<String, Equivariance.Report> reports = Equivariance.checkEach((Layer) layer);
        assertThat(reports).containsKey("");
        reports.values().forEach(r -> assertThat(r.relativeError()).isLessThan(1e-11));
      }
      EquivariantSequential model =
          EquivariantSequential.of(
              new EquivariantLinear(rho, rho), new Broken(rho), new EquivariantLinear(rho, rho));
      Map<String, Equivariance.Report> reports = Equivariance.checkEach(model.eval());
      assertThat(reports.keySet())
          .containsExactly("", "0", "0.bias_module", "1", "2", "2.bias_module");
      assertThat(error(reports, "1")).isGreaterThan(0.1);
      assertThat(error(reports, "0")).isLessThan(1e-6);
      assertThat(error(reports, "2")).isLessThan(1e-6);
    }
  }

  private static double error(Map<String, Equivariance.Report> reports, String name) {
    return Objects.requireNonNull(reports.get(name)).relativeError();
  }

  private static final class Broken extends Layer implements EquivariantLayer {
    private final Representation rho;

    Broken(Representation rho) {
      this.rho = rho;
    }

    @Override
    public Representation in() {
      return rho;
    }

    @Override
    public Representation out() {
      return rho;
    }

    @Override
    public Tensor forward(Tensor input) {
      return input.cumsum(-1);
    }
  }
}
