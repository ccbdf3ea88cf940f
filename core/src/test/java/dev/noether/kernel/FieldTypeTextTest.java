package dev.noether.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.CompactGroup;
import dev.noether.group.Groups;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Types of fields as text. */
class FieldTypeTextTest {
  static Stream<Space> spaces() {
    FiniteEmbedding turned =
        new FiniteEmbedding(
            Groups.cyclic(2),
            CompactGroup.SO3,
            List.of(
                dev.noether.group.Orthogonal3.IDENTITY,
                dev.noether.group.Orthogonal3.ofAxisAngle(0.3, 0.2, 1, Math.PI)));
    return Stream.of(
        Space.trivialPlane(),
        Space.cyclic(8),
        Space.dihedral(4),
        Space.dihedral(5, 0.25),
        Space.flip(),
        Space.flip(0.1),
        Space.so2(),
        Space.o2(0.7),
        Space.so3(),
        Space.o3(),
        Space.octahedral(),
        Space.fullIcosahedral(),
        Space.trivialSpace(),
        Space.of(turned));
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void aSpaceReadsBack(Space space) {
    assertThat(Space.parse(space.group(), space.action())).isEqualTo(space);
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void aTypeReadsBackWithItsNames(Space space) {
    Field odd = space.trivialField().named("50%; odd: name");
    FieldType type =
        space
            .type(space.trivialField(), 3)
            .plus(space.type(odd, 2))
            .plus(space.type(Field.of(Representation.trivial(space.group()).times(2)), 1));
    List<Representation> kinds = type.kinds().stream().map(Field::representation).toList();
    FieldType read = FieldType.parse(type.description(), kinds);
    assertThat(read).isEqualTo(type);
    assertThat(read.fields().stream().map(Field::name))
        .isEqualTo(type.fields().stream().map(Field::name).toList());
  }

  @Test
  void anotherGroupIsRefused() {
    assertThatThrownBy(() -> Space.parse(Groups.dihedral(4), "rotations"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not the group of");
    assertThatThrownBy(() -> Space.parse(Groups.cyclic(4), "somehow"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reads 'somehow'");
  }

  @Test
  void aTextThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> FieldType.parse("rotations: 2 regular", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a representation for each number");
    assertThatThrownBy(
            () ->
                FieldType.parse(
                    "rotations: two regular", List.of(Representation.regular(Groups.cyclic(4)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("as '16 regular'");
  }
}
