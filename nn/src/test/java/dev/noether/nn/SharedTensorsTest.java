package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What follows from representations alone is kept once in a network. */
class SharedTensorsTest {
  private static final Representation RHO = Representation.parse("D4: 2 x regular");

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantMlp deep(int layers) {
    return new EquivariantMlp(
        RHO,
        RHO,
        MlpOptions.hidden(IntStream.range(0, layers).map(i -> RHO.size()).toArray()),
        MapOptions.defaults().withSeed(1));
  }

  private static long fixedBytes(Layer layer) {
    return MemoryFootprint.of(layer).nonTrainableBytes();
  }

  @Test
  void moreLayersOfOneKindKeepNoMore() {
    try (PointerScope scope = new PointerScope()) {
      assertThat(fixedBytes(deep(9))).isEqualTo(fixedBytes(deep(3)));
      assertThat(fixedBytes(deep(9).to(Dtype.FLOAT64)))
          .isEqualTo(fixedBytes(deep(3).to(Dtype.FLOAT64)));
      assertThat(fixedBytes(deep(9).copy())).isEqualTo(fixedBytes(deep(3)));
    }
  }

  /** A layer that is converted alone takes its own numbers along and leaves the others theirs. */
  @Test
  void aPartGoesItsOwnWay() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMlp network = deep(3);
      List<EquivariantLinear> layers =
          network.namedLayers().values().stream()
              .filter(EquivariantLinear.class::isInstance)
              .map(EquivariantLinear.class::cast)
              .toList();
      Tensor x = random(Dtype.FLOAT32, 3, RHO.size());
      Tensor before = layers.get(2).forward(x).detach();
      layers.get(1).to(Dtype.FLOAT64);
      assertThat(layers.get(1).dtype()).isEqualTo(Dtype.FLOAT64);
      assertThat(distance(layers.get(2).forward(x).detach(), before)).isZero();
      Equivariance.checkThat(layers.get(1), random(Dtype.FLOAT64, 3, RHO.size()), 1e-12);
    }
  }

  /** Running statistics begin alike and part ways. */
  @Test
  void statisticsAreNeverShared() {
    try (PointerScope scope = new PointerScope()) {
      MlpOptions options = MlpOptions.hidden(16, 16).withBatchNorm();
      EquivariantMlp network = new EquivariantMlp(RHO, RHO, options, MapOptions.defaults());
      Map<String, Tensor> buffers = network.namedBuffers();
      List<String> names =
          buffers.keySet().stream().filter(name -> name.endsWith("running_var")).toList();
      assertThat(names).hasSize(2);
      network.forward(random(Dtype.FLOAT32, 64, RHO.size()));
      Tensor first = Objects.requireNonNull(buffers.get(names.get(0)));
      Tensor second = Objects.requireNonNull(buffers.get(names.get(1)));
      assertThat(distance(first, second)).isNotZero();
    }
  }
}
