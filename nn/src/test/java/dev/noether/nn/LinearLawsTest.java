package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.group.Element;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Equivariance of the linear layers and the laws of the projection, over all elements. */
public class LinearLawsTest {
  record Pair(Representation in, Representation out) {}

  static Stream<Pair> pairs() {
    LibTorch.load();
    return Stream.concat(pairsOfManyGroups(), pairsWithManyMaps());
  }

  /** So many maps between two summands that none is kept: the bases are turned into instead. */
  private static Stream<Pair> pairsWithManyMaps() {
    Representation many = rotated(Representation.parse("C3: 12 x regular"));
    Representation sum = many.plus(many).plus(Representation.parse("C3: irrep(1) + trivial"));
    return Stream.of(
        new Pair(many, sum),
        new Pair(sum, many),
        new Pair(many, rotated(Representation.parse("C3: 40 x trivial"))));
  }

  private static Stream<Pair> pairsOfManyGroups() {
    return Stream.of("C2", "C5", "C8", "D3", "D4", "Q8", "2T", "Octahedral", "Icosahedral")
        .flatMap(
            group -> {
              Representation regular = Representation.parse(group + ": regular");
              String last = regular.irreps().get(regular.irreps().size() - 1).toString();
              Representation mixed =
                  Representation.parse(group + ": 2 x " + last + " + regular + trivial");
              return Stream.of(
                  new Pair(regular.times(2), regular),
                  new Pair(mixed, regular),
                  new Pair(rotated(mixed), rotated(regular)),
                  new Pair(
                      rotated(Representation.parse(group + ": 2 x " + last)), rotated(regular)));
            });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void layersAreEquivariant(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      for (Dtype dtype : Fixtures.WIDE) {
        double tolerance = dtype == Dtype.FLOAT32 ? 1e-6 : 1e-13;
        for (BasisExpansion expansion : BasisExpansion.values()) {
          MapOptions options = MapOptions.defaults().with(expansion).with(dtype).withSeed(3);
          EquivariantLinear layer = new EquivariantLinear(pair.in, pair.out, options);
          Tensor x = random(dtype, 2, 3, pair.in.size());
          Equivariance.checkThat(layer, x, tolerance);
          layer.eval();
          Equivariance.checkThat(layer, x, tolerance);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void everyExecutionAndExpansionGivesTheSameFunctionAndGradients(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      for (Dtype dtype : Fixtures.WIDE) {
        double tolerance = dtype == Dtype.FLOAT32 ? 1e-5 : 1e-11;
        Tensor x = random(dtype, 2, 3, pair.in.size());
        @Nullable List<Tensor> first = null;
        for (BasisExpansion expansion : BasisExpansion.values()) {
          for (Execution execution : Execution.values()) {
            MapOptions options =
                MapOptions.defaults().with(expansion).with(execution).with(dtype).withSeed(3);
            EquivariantLinear layer = new EquivariantLinear(pair.in, pair.out, options);
            Tensor leaf = x.detach().clone().set_requires_grad(true);
            Tensor y = layer.forward(leaf);
            y.sin().sum().backward();
            // Gradients as dense maps, which no order of coefficients can touch.
            Tensor gradient = layer.basis().expand(layer.coefficients().grad());
            List<Tensor> found = List.of(y.detach(), leaf.grad(), gradient);
            if (first == null) {
              first = found;
            }
            for (int i = 0; i < found.size(); i++) {
              double largest = first.get(i).abs().max().item().toDouble();
              assertThat(distance(found.get(i), first.get(i)))
                  .as("%s %s %d", expansion, execution, i)
                  .isLessThan(tolerance * largest);
            }
          }
        }
      }
    }
  }

  @Test
  void spectralExecutionIsEquivariantOnManyGroups() {
    LibTorch.load();
    try (PointerScope scope = new PointerScope()) {
      for (String group :
          List.of("C1", "C5", "C6", "D4", "Q8", "2O", "Octahedral", "Icosahedral")) {
        Representation regular = Representation.parse(group + ": regular");
        Representation sum =
            regular
                .plus(regular)
                .plus(Representation.trivial(regular.group()))
                .plus(regular.times(2));
        for (Dtype dtype : Fixtures.WIDE) {
          MapOptions options = MapOptions.defaults().with(Execution.SPECTRAL).with(dtype);
          Equivariance.checkThat(
              new EquivariantLinear(sum, rotated(regular).times(3), options.withSeed(1)),
              random(dtype, 4, sum.size()),
              dtype == Dtype.FLOAT32 ? 1e-6 : 1e-13);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void predictedBytesAreThoseAllocated(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      for (Dtype dtype : Fixtures.WIDE) {
        for (BasisExpansion expansion : BasisExpansion.values()) {
          EquivariantLinear layer =
              new EquivariantLinear(
                  pair.in,
                  pair.out,
                  MapOptions.defaults().withoutBias().with(dtype).with(expansion));
          double allocated = Fixtures.bytesOfBothWays(layer);
          assertThat(
                  EquivariantLinear.predictedBytes(pair.in, pair.out, layer.options()) / allocated)
              .as("%s", expansion)
              .isBetween(0.95, 1.05);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "C3: regular;C3: regular;9;5;23",
        "Icosahedral: 2 x regular;Icosahedral: 4 x regular;28800;1952;23552",
        "Icosahedral: 16 x regular;Icosahedral: 16 x regular;921600;62464;177664"
      })
  void multiplyAddsAreThoseCountedByHand(
      String in, String out, long dense, long blocks, long spectral) {
    Representation from = Representation.parse(in);
    Representation to = Representation.parse(out);
    HomSpace space = HomSpace.between(from, to);
    assertThat(space.denseMultiplyAddsPerSample()).isEqualTo(dense);
    assertThat(space.multiplyAddsPerSample()).isEqualTo(blocks);
    EquivariantLinear layer = new EquivariantLinear(from, to);
    assertThat(layer.plan(64).candidate(Execution.DENSE).multiplyAdds()).isEqualTo(dense);
    assertThat(layer.plan(64).candidate(Execution.SPECTRAL).multiplyAdds()).isEqualTo(spectral);
    assertThatThrownBy(() -> layer.plan(0)).hasMessage("a batch has at least one sample, got 0");
    for (boolean training : new boolean[] {true, false}) {
      if (training) {
        layer.train();
      } else {
        layer.eval();
      }
      assertThat(EquivariantLinear.plan(from, to, MapOptions.defaults(), 64, training))
          .isEqualTo(layer.plan(64));
    }
  }

  /** Between many equal summands the places of one pair are kept, and maps come out whole. */
  @ParameterizedTest
  @CsvSource({"D4: 32 x regular, 0.25", "Q8: 16 x regular, 0.6", "A4: 8 x regular, 0.32"})
  void manyPairsOfSummandsKeepThePlacesOfOne(String text, double most) {
    LibTorch.load();
    Representation rho = Representation.parse(text);
    Representation half = Representation.directSum(rho.summands().subList(0, 6));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Representation in : List.of(rho, half)) {
        GroupHomomorphismBasis basis =
            GroupHomomorphismBasis.forProjections(
                in, rho, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
        long entries = (long) in.size() * rho.size();
        if (in.equals(rho)) {
          assertThat((double) basis.buffers().bytes() / (8 * entries)).isLessThan(most);
        }
        Tensor own = random(Dtype.FLOAT64, 2, basis.dim());
        Tensor maps = basis.expand(own);
        assertThat(distance(basis.coefficients(maps), own)).isLessThan(1e-12);
        assertThat(distance(basis.project(maps), maps)).isLessThan(1e-12);
      }
      MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).with(Execution.DENSE);
      Equivariance.checkThat(
          new EquivariantLinear(half, rho, options), random(Dtype.FLOAT64, 3, half.size()), 1e-12);
    }
  }

  /** Where coefficients lie by summands, both ways of applying them read one list of places. */
  @Test
  void placesOfManyCoefficientsAreKeptOnce() {
    LibTorch.load();
    Representation rho = Representation.parse("C4: 520 x regular");
    MapOptions options = MapOptions.defaults().with(BasisExpansion.PER_SUMMAND);
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer = new EquivariantLinear(rho, rho, options);
      long bytes = Fixtures.bytesOfBothWays(layer);
      assertThat(MemoryFootprint.of(layer).nonTrainableBytes())
          .isLessThan((long) (4.2 * layer.basis().dim()));
      assertThat((double) EquivariantLinear.predictedBytes(rho, rho, options) / bytes)
          .isBetween(0.99, 1.01);
    }
  }

  /** Nothing has the size of the dense map, [5800, 5800]: copies share what they need. */
  @Test
  void manyCopiesKeepTheirCoefficientsAndWhereTheyGo() {
    LibTorch.load();
    Representation rho = Representation.parse("C4: 1450 x regular");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      MapOptions options = MapOptions.defaults().withSeed(1);
      EquivariantLinear layer = new EquivariantLinear(rho, rho, options);
      long bytes = Fixtures.bytesOfBothWays(layer);
      assertThat(bytes).isLessThan(17L * layer.basis().dim());
      assertThat((double) EquivariantLinear.predictedBytes(rho, rho, options) / bytes)
          .isBetween(0.99, 1.01);
      assertThat(layer.plan(1).choice()).isEqualTo(Execution.SPECTRAL);
      layer.parameters().get(1).normal_();
      Tensor x = random(Dtype.FLOAT32, 2, rho.size());
      assertThat(distance(layer.forward(turned(x)), turned(layer.forward(x)))).isLessThan(1e-4);
    }
  }

  /** The generator of C4 on copies of its regular representation. */
  private static Tensor turned(Tensor x) {
    return x.view(2, -1, 4).roll(new long[] {1}, 2).reshape(2, -1);
  }

  @Test
  void constraintsWorkWhereNoVectorIsInvariant() {
    LibTorch.load();
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D5: 2 x irrep(1,1)");
      Linear linear = new Linear(4, 4, DenseOptions.defaults().withSeed(1));
      linear.impose(rho, rho, BasisExpansion.MEMORY_HEAVY);
      Equivariance.Report report =
          Equivariance.check(linear::forward, rho, rho, random(Dtype.FLOAT32, 3, 4));
      assertThat(report.relativeError()).isLessThan(1e-6);
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void projectionIsTheGroupAverageIdempotentAndSelfAdjointUnderBothStrategies(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      Tensor w = random(Dtype.FLOAT64, pair.out.size(), pair.in.size());
      Tensor average = w.mul(new org.bytedeco.pytorch.Scalar(0.0));
      List<? extends Element> elements = pair.in.finiteGroup().elements();
      for (Element g : elements) {
        Tensor left = Tensors.of(Dtype.FLOAT64, pair.out.at(g).scale(1.0 / elements.size()));
        Tensor right = Tensors.of(Dtype.FLOAT64, pair.in.at(g).transpose());
        average = average.add(left.matmul(w).matmul(right));
      }
      Tensor v = w.sin();
      for (BasisExpansion expansion : BasisExpansion.values()) {
        GroupHomomorphismBasis basis =
            GroupHomomorphismBasis.of(pair.in, pair.out, expansion, Dtype.FLOAT64);
        Tensor projected = basis.project(w);
        assertThat(distance(projected, average)).isLessThan(1e-12);
        assertThat(distance(basis.project(projected), projected)).isLessThan(1e-12);
        double left = projected.mul(v).sum().item().toDouble();
        double right = w.mul(basis.project(v)).sum().item().toDouble();
        assertThat(Math.abs(left - right)).isLessThan(1e-10);
        Tensor coefficients = random(Dtype.FLOAT64, 2, 3, basis.dim());
        Tensor expanded = basis.expand(coefficients);
        assertThat(distance(basis.coefficients(expanded), coefficients)).isLessThan(1e-12);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void imposedLayersAreEquivariant(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      for (BasisExpansion expansion : BasisExpansion.values()) {
        MapOptions options = MapOptions.defaults().withSeed(3);
        Linear linear = new Linear(pair.in.size(), pair.out.size(), Fixtures.dense(options));
        linear.impose(pair.in, pair.out, expansion);
        Tensor x = random(Dtype.FLOAT32, 5, pair.in.size());
        assertThat(Equivariance.check(linear::forward, pair.in, pair.out, x).relativeError())
            .isLessThan(1e-6);
      }
    }
  }

  @Test
  void tensorsOfALayerOutliveTheScopeItWasMadeIn() {
    Representation rho = Representation.parse("C5: regular");
    EquivariantLinear layer;
    try (PointerScope scope = new PointerScope()) {
      layer = new EquivariantLinear(rho, rho);
    }
    assertThat(Tensors.shape(layer.forward(random(Dtype.FLOAT32, 5)))).containsExactly(5);
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    Representation rho = Representation.parse("Icosahedral: 2 x regular");
    EquivariantLinear layer = new EquivariantLinear(rho, rho);
    assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT32, 1024, 119)))
        .hasMessage(
            "last axis must be in.size() = 120 (Icosahedral: 2 x regular), got 119 in [1024, 119]");
    assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT64, 3, 120)))
        .hasMessage(
            "input must have the layer's dtype float32, got float64; convert one of them with "
                + "to(...)");
    assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT32)))
        .hasMessageContaining("got a scalar");
    assertThatThrownBy(
            () ->
                new EquivariantLinear(
                    Representation.parse("D4: irrep(1,1)"), Representation.parse("D4: trivial")))
        .hasMessageContaining("share no irrep");
  }
}
