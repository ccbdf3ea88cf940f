package dev.noether.io;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.symmetry.Restriction;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adagrad;
import org.bytedeco.pytorch.AdagradOptions;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.RMSprop;
import org.bytedeco.pytorch.RMSpropOptions;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After a restriction of the layer and its optimizer, the next steps are the same. */
class OptimizerTransferTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  record Kind(String name, Function<TensorVector, Optimizer> optimizer) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Kind> kinds() {
    SGDOptions momentum = new SGDOptions(0.02);
    momentum.momentum().put(0.9);
    AdamOptions amsgrad = new AdamOptions(0.02);
    amsgrad.amsgrad().put(true);
    RMSpropOptions centered = new RMSpropOptions(0.01);
    centered.centered().put(true);
    return Stream.of(
        new Kind("SGD", p -> new SGD(p, momentum)),
        new Kind("Adam", p -> new Adam(p, amsgrad)),
        new Kind("AdamW", p -> new AdamW(p, new AdamWOptions(0.02))),
        new Kind("RMSprop", p -> new RMSprop(p, centered)),
        new Kind("Adagrad", p -> new Adagrad(p, new AdagradOptions(0.05))));
  }

  private static EquivariantSequential model(Representation rho) {
    MapOptions wide = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(2);
    return EquivariantSequential.of(
        new EquivariantLinear(rho, rho, wide),
        new EquivariantAffine(rho, AffineOptions.defaults().with(Dtype.FLOAT64)),
        new PointwiseNonlinearity(rho, Activation.TANH),
        new EquivariantLinear(rho, rho, wide));
  }

  /** Every image of some samples. */
  private static Tensor symmetric(Representation rho, Tensor samples) {
    FiniteGroup group = rho.finiteGroup();
    List<Tensor> all = new ArrayList<>();
    for (int g = 0; g < group.order(); g++) {
      all.add(Equivariance.act(rho, group.element(g), samples));
    }
    return torch.cat(new TensorVector(all.toArray(Tensor[]::new)), 0);
  }

  private static void step(
      EquivariantLayer layer, Optimizer optimizer, Tensor x, Tensor y, Runnable between) {
    optimizer.zero_grad();
    layer.forward(x).sub(y).pow(new Scalar(2.0)).mean().backward();
    between.run();
    optimizer.step();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theNextStepsAreTheSame(Kind kind) throws IOException {
    Representation rho = Representation.parse("Octahedral: quotient(C3)");
    try (PointerScope scope = new PointerScope()) {
      Tensor x = symmetric(rho, random(Dtype.FLOAT64, 3, rho.size()));
      Tensor y = symmetric(rho, random(Dtype.FLOAT64, 3, rho.size()).sin());
      EquivariantSequential large = model(rho);
      Optimizer before = kind.optimizer.apply(large.parameters());
      for (int i = 0; i < 3; i++) {
        step(large, before, x, y, () -> {});
      }
      Restriction restriction = Restriction.of(large, Groups.octahedral().subgroup("D3"));
      EquivariantLayer small = (EquivariantLayer) restriction.layer();
      Optimizer after = kind.optimizer.apply(small.parameters());
      OptimizerTransfer.carry(restriction, before, after);
      Tensor start = large.forward(x).detach().clone();
      for (int i = 0; i < 3; i++) {
        step(large, before, x, y, () -> {});
        Runnable rescale = kind.name.equals("SGD") ? restriction::rescaleGradients : () -> {};
        step(small, after, x, y, rescale);
        Tensor expected = large.forward(x);
        assertThat(distance(expected, start)).isGreaterThan(1e-3);
        assertThat(distance(small.forward(x), expected)).isLessThan(1e-6);
      }
    }
  }

  @Test
  void refusesWhatCannotBeCarried() {
    Representation rho = Representation.parse("D3: regular");
    EquivariantSequential large = model(rho);
    Restriction restriction = Restriction.of(large, Groups.dihedral(3).subgroup("C3"));
    Adam adam = new Adam(large.parameters(), new AdamOptions(0.1));
    SGD sgd = new SGD(restriction.layer().parameters(), new SGDOptions(0.1));
    assertThatThrownBy(() -> OptimizerTransfer.carry(restriction, adam, sgd))
        .hasMessage("both optimizers must be of one class, got Adam and SGD");
    assertThatThrownBy(() -> OptimizerTransfer.carry(restriction, adam, adam))
        .hasMessageContaining("the optimizer has a parameter that is none of");
  }
}
