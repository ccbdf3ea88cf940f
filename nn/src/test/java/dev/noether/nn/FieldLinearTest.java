package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layer between fields spans the same maps as the one between their direct sums. */
class FieldLinearTest {
  @ParameterizedTest
  @ValueSource(strings = {"C5", "D4", "Octahedral"})
  void mixedFieldsInAnyOrder(String group) {
    LibTorch.load();
    Representation regular = Representation.parse(group + ": regular");
    Representation last = Representation.irrep(regular.irreps().get(regular.irreps().size() - 1));
    Representation trivial = Representation.trivial(regular.group());
    FieldList in = new FieldList(List.of(last, regular, trivial, last, rotated(regular)));
    FieldList out = new FieldList(List.of(trivial, last, regular, trivial));
    try (PointerScope scope = new PointerScope()) {
      for (Execution execution : Execution.values()) {
        MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).with(execution);
        FieldLinear layer = new FieldLinear(in, out, options.withSeed(4));
        assertThat(layer.dim()).isEqualTo(HomSpace.between(layer.in(), layer.out()).dim());
        Equivariance.checkThat(layer, random(Dtype.FLOAT64, 3, in.size()), 1e-13);
        Tensor weight = layer.expandParameters().weight();
        GroupHomomorphismBasis basis =
            GroupHomomorphismBasis.of(
                layer.in(), layer.out(), BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
        assertThat(distance(basis.project(weight), weight)).isLessThan(1e-12);
      }
    }
  }

  @Test
  void anotherExpansionIsRefused() {
    FieldList type = FieldList.of(Representation.parse("D3: regular"), 1);
    MapOptions options = MapOptions.defaults().with(BasisExpansion.MEMORY_HEAVY);
    assertThatThrownBy(() -> new FieldLinear(type, type, options))
        .hasMessage(
            "a FieldLinear counts its coefficients per summand, got the expansion MEMORY_HEAVY;"
                + " take an EquivariantLinear");
  }

  @Test
  void equalFieldsShareOneBasis() {
    LibTorch.load();
    try (PointerScope scope = new PointerScope()) {
      Representation regular = Representation.parse("D3: regular");
      MapOptions options = MapOptions.defaults();
      long one =
          basisBytes(new FieldLinear(FieldList.of(regular, 1), FieldList.of(regular, 1), options));
      long many =
          basisBytes(new FieldLinear(FieldList.of(regular, 5), FieldList.of(regular, 7), options));
      assertThat(many).isEqualTo(one);
    }
  }

  private static long basisBytes(FieldLinear layer) {
    return MemoryFootprint.of(layer).entries().stream()
        .filter(e -> e.name().startsWith("basis.pair_"))
        .mapToLong(MemoryFootprint.Entry::bytes)
        .sum();
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    Representation c5 = Representation.parse("C5: regular");
    assertThatThrownBy(() -> new FieldList(List.of()))
        .hasMessage("a list of fields needs at least one");
    assertThatThrownBy(() -> FieldList.of(c5, 0))
        .hasMessage("a list of fields needs at least one copy, got 0");
    assertThatThrownBy(() -> new FieldList(List.of(c5, Representation.parse("C4: regular"))))
        .hasMessage("fields must be representations of one group, got C5: regular and C4: regular");
    assertThatThrownBy(
            () ->
                new FieldLinear(
                    FieldList.of(Representation.parse("C5: trivial"), 2),
                    FieldList.of(Representation.parse("C5: irrep(1)"), 1),
                    MapOptions.defaults()))
        .hasMessageContaining("share no irrep");
  }
}
