package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.CompactGroup;
import dev.noether.nn.Equivariance;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.bilinear.Pairing;
import dev.noether.nn.bilinear.TensorProductOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Multilayer perceptrons that multiply features. */
class GatedMlpTest {
  private static final TensorProductOptions OPTIONS =
      TensorProductOptions.defaults()
          .with(MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1))
          .with(Pairing.ALIGNED);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static GatedMlp network(Representation rho, TensorProductOptions options) {
    Representation hidden = GatedMlp.channels(rho.finiteGroup(), 2 * rho.finiteGroup().order());
    return new GatedMlp(rho, rho, List.of(hidden, hidden), options);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"C3: irrep(1)", "D4: irrep(1,1)", "Q8: irrep(1,1)", "Icosahedral: irrep(1)"})
  void isEquivariantInBothModesAndItsPlainFormIsItself(String text) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho =
          rotated(
              Representation.parse(text)
                  .plus(Representation.parse(text).tensor(Representation.parse(text))));
      GatedMlp network = network(rho, OPTIONS);
      Tensor x = random(Dtype.FLOAT64, 2, 3, rho.size());
      assertThat(Equivariance.check(network, x).relativeError()).isLessThan(1e-11);
      network.eval();
      assertThat(Equivariance.check(network, x).relativeError()).isLessThan(1e-11);
      assertThat(distance(network.plain(new EagerGraph(x), x), network.forward(x)))
          .isLessThan(1e-12);
    }
  }

  @Test
  void isBuiltAgainFromItsDescriptionAndState() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("D4: regular");
      GatedMlp network = network(rho, OPTIONS.withMaxDegree(1));
      LayerRegistry registry = LayerRegistry.standard();
      Layer copy = registry.build(registry.describe(network).orElseThrow());
      copy.load(network.stateDict());
      assertThat(copy).isInstanceOf(GatedMlp.class);
      Tensor x = random(Dtype.FLOAT64, 4, rho.size());
      assertThat(distance(((GatedMlp) copy).forward(x), network.forward(x))).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SO(2)", "O(2)", "SO(3)", "O(3)"})
  void isEquivariantUnderCompactGroups(String name) {
    CompactGroup group = CompactGroup.named(name).orElseThrow();
    Representation vectors = Representation.vectors(group);
    Representation in = Representation.trivial(group).times(2).plus(vectors.times(2));
    Representation hidden = GatedMlp.channels(group, 2, 20);
    assertThat(hidden.size()).isGreaterThanOrEqualTo(20);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      GatedMlp network =
          new GatedMlp(in, vectors.tensor(vectors), List.of(hidden, hidden), OPTIONS);
      Tensor x = random(Dtype.FLOAT64, 4, in.size());
      assertThat(Equivariance.check(network, x).relativeError()).isLessThan(1e-11);
      Layer copy = network.copy();
      assertThat(distance(((GatedMlp) copy).forward(x), network.forward(x))).isZero();
    }
  }

  @Test
  void theWholeRegularRepresentationIsInItsChannels() {
    Representation regular = Representation.parse("Q8: 2 x regular");
    assertThat(GatedMlp.channels(regular.finiteGroup(), 9).multiplicities())
        .isEqualTo(regular.multiplicities());
  }

  @Test
  void refusalsSayWhatIsWrong() {
    Representation rho = Representation.parse("D4: regular");
    assertThatThrownBy(() -> new GatedMlp(rho, rho, List.of()))
        .hasMessageContaining("at least one hidden representation");
    assertThatThrownBy(() -> GatedMlp.channels(rho.finiteGroup(), 0))
        .hasMessage("a hidden layer needs a width of at least 1, got 0");
    assertThatThrownBy(() -> GatedMlp.channels(CompactGroup.O3, 2, 0))
        .hasMessage("a hidden layer needs a width of at least 1, got 0");
  }
}
