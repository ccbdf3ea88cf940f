package dev.noether.spectral;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchedMapTest {
  private static final MapOptions OPTIONS = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(3);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantLinear layer(Representation in, Representation out, Execution way) {
    return new EquivariantLinear(in, out, OPTIONS.with(way));
  }

  private static void assertOneFunction(Representation in, Representation out) {
    EquivariantLinear batched = layer(in, out, Execution.SPECTRAL);
    EquivariantLinear dense = layer(in, out, Execution.DENSE);
    assertThat(BatchedMap.of(batched.basis())).isPresent();
    for (long[] leading : new long[][] {{}, {5}, {2, 3}, {0}}) {
      long[] shape = Arrays.copyOf(leading, leading.length + 1);
      shape[leading.length] = in.size();
      Tensor x = random(Dtype.FLOAT64, shape);
      Tensor y = batched.forward(x);
      assertThat(Tensors.shape(y)).isEqualTo(Tensors.shape(dense.forward(x)));
      if (x.numel() > 0) {
        assertThat(distance(y, dense.forward(x))).isLessThan(1e-12);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "C2 x C2: 3 x regular, C2 x C2: 2 x regular",
    "C2: 3 x regular, C2: 2 x trivial",
    "C2 x C2 x C2: regular, C2 x C2 x C2: 2 x regular",
    "C6: 3 x trivial, C6: 2 x trivial"
  })
  void allIrrepsInOneProductAreTheSameFunction(String in, String out) {
    try (PointerScope scope = new PointerScope()) {
      assertOneFunction(Representation.parse(in), Representation.parse(out));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C2 x C2: regular", "C2: regular"})
  void soTheyAreInAnyBasisOfTheSummands(String text) {
    try (PointerScope scope = new PointerScope()) {
      Representation bent = rotated(Representation.parse(text));
      assertOneFunction(bent.times(3), Representation.parse(text).times(2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C4: 2 x regular", "D4: 2 x regular", "C2 x C2: regular + 2 x trivial"})
  void otherMapsAreAppliedIrrepByIrrep(String text) {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse(text);
      assertThat(BatchedMap.of(layer(rho, rho, Execution.SPECTRAL).basis())).isEmpty();
    }
  }
}
