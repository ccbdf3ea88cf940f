package dev.noether.grid;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.Orthogonal2;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How groups move images and volumes. */
class FieldActionTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  static Stream<FieldType> types() {
    return Stream.of(
        Space.cyclic(4).type(Space.cyclic(4).regularField(), Space.cyclic(4).irrepField(1)),
        Space.cyclic(12).type(Space.cyclic(12).regularField()),
        Space.dihedral(4, 0.0).type(Space.dihedral(4, 0.0).irrepField(1, 1)),
        Space.dihedral(8).type(Space.dihedral(8).regularField()),
        Space.flip(0).type(Space.flip(0).regularField()),
        Space.o2(0.3).type(Space.o2(0.3).irrepField(1, 2)),
        Space.so2().type(Space.so2().irrepField(3)),
        Space.octahedral().type(Space.octahedral().irrepField(1)),
        Space.fullOctahedral().type(Space.fullOctahedral().trivialField()),
        Space.o3().type(Space.o3().irrepField(1, 1)));
  }

  private static Tensor field(FieldType type) {
    return type.space().dimension() == 2
        ? random(Dtype.FLOAT64, 2, type.size(), 4, 4)
        : random(Dtype.FLOAT64, 2, type.size(), 3, 3, 3);
  }

  /** g (h f) = (g h) f, for all pairs of elements that permute the grid. */
  @ParameterizedTest
  @MethodSource("types")
  void isAnAction(FieldType type) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = field(type);
      List<Element> elements = type.space().gridElements();
      assertThat(elements).hasSizeGreaterThan(1);
      for (Element h : elements) {
        Tensor once = FieldAction.act(type, h, x);
        for (Element g : elements.subList(0, Math.min(5, elements.size()))) {
          Element product = product(g, h);
          assertThat(distance(FieldAction.act(type, g, once), FieldAction.act(type, product, x)))
              .as("%s %s", g, h)
              .isLessThan(1e-12);
        }
      }
    }
  }

  private static Element product(Element g, Element h) {
    return g instanceof FiniteElement finite
        ? finite.times(h)
        : ((dev.noether.group.CompactElement) g).times(h);
  }

  @Test
  void aQuarterTurnIsCounterClockwise() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = Space.so2().type(Space.so2().trivialField());
      Tensor x = Tensors.of(Dtype.FLOAT64, new double[] {1, 2, 3, 4}, 1, 2, 2);
      Tensor turned = FieldAction.act(type, Orthogonal2.rotation(Math.PI / 2), x);
      assertThat(Tensors.toArray(turned)).containsExactly(2, 4, 1, 3);
    }
  }

  @Test
  void theUsualReflectionExchangesLeftAndRight() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = Space.flip().type(Space.flip().trivialField());
      Tensor x = Tensors.of(Dtype.FLOAT64, new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
      Tensor mirrored = FieldAction.act(type, Space.flip().gridElements().get(1), x);
      assertThat(Tensors.toArray(mirrored)).containsExactly(2, 1, 4, 3);
    }
  }

  @Test
  void imagesThatAreNotSquareCannotBeTurned() {
    FieldType type = Space.cyclic(4).type(Space.cyclic(4).trivialField());
    Element quarter = type.space().gridElements().get(1);
    assertThatThrownBy(() -> FieldAction.act(type, quarter, random(Dtype.FLOAT32, 1, 1, 3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exchanges axes of lengths")
        .hasMessageContaining("as wide as high");
  }

  @Test
  void elementsBetweenThePlacesAreNamed() {
    FieldType type = Space.cyclic(8).type(Space.cyclic(8).regularField());
    Element eighth = ((dev.noether.group.FiniteGroup) type.space().group()).element(1);
    assertThatThrownBy(() -> FieldAction.act(type, eighth, random(Dtype.FLOAT32, 1, 8, 3, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("moves places of a grid between others");
  }

  @Test
  void channelsMustFit() {
    FieldType type =
        new FieldType(Space.so2(), List.of(Field.of(Space.so2().irrepField(1).representation())));
    assertThatThrownBy(
            () -> FieldAction.act(type, Orthogonal2.IDENTITY, random(Dtype.FLOAT32, 1, 3, 3, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("need 2 channels");
  }
}
