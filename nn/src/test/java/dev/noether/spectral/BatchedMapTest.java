package dev.noether.spectral;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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

  /** Of all types: real, complex, quaternionic; several copies of an irrep; irreps on one side. */
  static Stream<List<Representation>> pairs() {
    return Stream.of(
        List.of(of("Icosahedral: 2 x regular"), of("Icosahedral: 3 x regular")),
        List.of(of("C5: 3 x regular"), of("C5: 2 x regular")),
        List.of(of("Q8: 2 x regular"), of("Q8: regular")),
        List.of(of("C6: 3 x regular"), rotated(of("C6: 2 x irrep(2) + irrep(1) + irrep(3)"))),
        List.of(
            rotated(of("C4: irrep(1) + 2 x irrep(0)")).times(2),
            rotated(of("C4: 2 x irrep(1) + irrep(2) + irrep(0)")).times(3)),
        List.of(rotated(of("D3: irrep(1,1) + 2 x trivial")).times(4), of("D3: 2 x regular")));
  }

  private static Representation of(String text) {
    return Representation.parse(text);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void irrepsFilledUpWithZerosAreTheSameFunction(List<Representation> ends) {
    try (PointerScope scope = new PointerScope()) {
      Representation from = ends.get(0);
      Representation to = ends.get(1);
      EquivariantLinear dense = layer(from, to, Execution.DENSE);
      dense.namedParameters().values().forEach(p -> p.detach().normal_());
      SpectralMap map = SpectralMap.of(dense.basis());
      PaddedMap padded = PaddedMap.of(dense.basis().space(), 1 << 20).orElseThrow();
      PaddedMap.Tables tables = padded.tables(map, Dtype.FLOAT64, new Buffers());
      for (long[] leading : new long[][] {{}, {5}, {2, 3}, {0}}) {
        long[] shape = Arrays.copyOf(leading, leading.length + 1);
        shape[leading.length] = from.size();
        Tensor x = random(Dtype.FLOAT64, shape).set_requires_grad(true);
        Tensor y = padded.apply(tables, x, dense.coefficients(), dense.bias());
        Tensor expected = dense.forward(x);
        assertThat(Tensors.shape(y)).isEqualTo(Tensors.shape(expected));
        if (x.numel() > 0) {
          assertThat(distance(y, expected)).isLessThan(1e-12);
          y.sin().sum().backward();
          Tensor gradient = dense.coefficients().grad().clone();
          Tensor back = x.grad().clone();
          dense.zeroGrad();
          x.grad().zero_();
          dense.forward(x).sin().sum().backward();
          assertThat(distance(dense.coefficients().grad(), gradient)).isLessThan(1e-11);
          assertThat(distance(x.grad(), back)).isLessThan(1e-12);
          dense.zeroGrad();
        }
      }
    }
  }

  /** As large maps are: the coefficients as they are stored, in any order of theirs. */
  @ParameterizedTest
  @MethodSource("pairs")
  void productsWithoutPlacesAreTheSameFunction(List<Representation> ends) {
    try (PointerScope scope = new PointerScope()) {
      for (BasisExpansion expansion : BasisExpansion.values()) {
        GroupHomomorphismBasis basis =
            GroupHomomorphismBasis.of(ends.get(0), ends.get(1), expansion, Dtype.FLOAT64);
        SpectralMap map = SpectralMap.of(basis);
        SpectralMixing large =
            new StoredMixing(
                basis.space(),
                map.in(),
                map.out(),
                basis.like(),
                SpectralMap.sorted(basis, new Buffers()));
        Tensor x = random(Dtype.FLOAT64, 4, ends.get(0).size()).set_requires_grad(true);
        Tensor weights = random(Dtype.FLOAT64, basis.dim()).set_requires_grad(true);
        Tensor y = map.out().leave(large.apply(map.in().enter(x), large.of(weights)), x);
        Tensor dense = x.matmul(basis.expand(weights).t());
        assertThat(distance(y, dense)).isLessThan(1e-12);
        assertThat(distance(gradient(y, x), gradient(dense, x))).isLessThan(1e-12);
        assertThat(distance(gradient(y, weights), gradient(dense, weights))).isLessThan(1e-12);
      }
    }
  }

  private static Tensor gradient(Tensor y, Tensor of) {
    of.mutable_grad().put(new Tensor());
    y.sin()
        .sum()
        .backward(new Tensor(), new BoolOptional(true), false, new TensorArrayRefOptional());
    return of.grad().clone();
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
