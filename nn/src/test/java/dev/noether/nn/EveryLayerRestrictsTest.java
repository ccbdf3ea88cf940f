package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.Fixtures;
import dev.noether.group.Subgroup;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.symmetry.Restriction;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every layer of features that has weights is the same function over a subgroup. */
class EveryLayerRestrictsTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "D4: regular | C4",
        "D3: regular + irrep(1,1) | C2",
        "Q8: regular + irrep(1,1) | C2",
        "C6: regular | C3",
        "D3: regular | C1"
      })
  void outputsAreEqual(String text, String name) {
    Representation rho = Representation.parse(text);
    Subgroup subgroup = rho.finiteGroup().subgroup(name);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (EveryLayerTest.Subject subject : EveryLayerTest.subjects(rho, Dtype.FLOAT64, 2)) {
        if (subject.claim().fields().isEmpty()) {
          subject.layer().eval();
          assertRestricts(subject, subgroup);
        }
      }
    }
  }

  private static void assertRestricts(EveryLayerTest.Subject subject, Subgroup subgroup) {
    Restriction restriction;
    try {
      restriction = Restriction.of(subject.layer(), subgroup);
    } catch (IllegalArgumentException e) {
      assertThat(subject.layer().namedParameters())
          .as("only layers without weights of their own are refused: %s", e.getMessage())
          .isEmpty();
      assertThat(e).hasMessageContaining("cannot be restricted to " + subgroup.asGroup() + ": ");
      return;
    }
    Optional<EquivariantFunction> own = subject.layer().equivariance();
    if (own.isEmpty()) {
      return;
    }
    List<Tensor> inputs =
        own.get().inputs().stream().map(EquivariantFunction.Input::example).toList();
    EquivariantFunction small = restriction.layer().equivariance().orElseThrow();
    double size = Math.max(1, own.get().function().apply(inputs).abs().max().item().toDouble());
    assertThat(
            Fixtures.distance(small.function().apply(inputs), own.get().function().apply(inputs)))
        .as("%s", subject)
        .isLessThan(1e-12 * size);
    assertThat(small.out().group()).isEqualTo(subgroup.asGroup());
    assertThat(Equivariance.check(small).relativeError()).as("%s", subject).isLessThan(1e-11);
  }

  /** Layers of fields, where the smaller group acts on the same plane. */
  @Test
  void fieldsGoToASmallerGroupOfThePlane() {
    Representation rho = Representation.parse("D4: regular");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      int found = 0;
      for (EveryLayerTest.Subject subject : EveryLayerTest.subjects(rho, Dtype.FLOAT64, 2)) {
        Optional<FieldType> fields =
            subject.layer() instanceof EquivariantLayer own ? own.inFields() : Optional.empty();
        if (fields.map(FieldType::space).equals(Optional.of(Space.dihedral(4)))) {
          subject.layer().eval();
          assertRestricts(subject.layer(), Space.cyclic(4));
          assertRestricts(subject.layer(), Space.flip());
          found++;
        }
      }
      assertThat(found).isGreaterThan(20);
    }
  }

  private static void assertRestricts(Layer large, Space space) {
    Restriction restriction = Restriction.of(large, space);
    EquivariantFunction own = large.equivariance().orElseThrow();
    EquivariantFunction small = restriction.layer().equivariance().orElseThrow();
    List<Tensor> inputs = own.inputs().stream().map(EquivariantFunction.Input::example).toList();
    Tensor expected = own.function().apply(inputs);
    assertThat(Fixtures.distance(small.function().apply(inputs), expected))
        .as("%s", large)
        .isLessThan(1e-12 * Math.max(1, expected.abs().max().item().toDouble()));
    assertThat(small.out().group()).isEqualTo(space.group());
    double defect = large.dtype() == Dtype.FLOAT64 ? 1e-11 : 1e-5;
    assertThat(Equivariance.check(small).relativeError()).as("%s", large).isLessThan(defect);
    assertThat(restriction.back(restriction.layer()).distance()).isLessThan(1e-13);
  }
}
