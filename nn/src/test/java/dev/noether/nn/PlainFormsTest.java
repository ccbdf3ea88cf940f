package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.PlainForms;
import dev.noether.models.ConditionalTransformer;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.plain.EagerGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers are ordinary operations on dense tensors, and compute the same there. */
class PlainFormsTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3: regular + irrep(1)", "D4: regular + irrep(1,2)"})
  void plainFormsComputeWhatLayersCompute(String text) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (EveryLayerTest.Subject subject :
          EveryLayerTest.subjects(Representation.parse(text), Dtype.FLOAT64, 2)) {
        if (subject.layer() instanceof PlainLayer
            && !(subject.layer() instanceof ConditionalTransformer)
            && !subject.toString().contains("BatchNorm")) {
          subject.layer().eval();
          assertSame(subject.layer());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sequencesWithEachKindOfPositionsDo(PositionEncoding.Kind kind) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Layer layer : PlainForms.ofSequences(kind, Dtype.FLOAT64)) {
        assertSame(layer);
      }
    }
  }

  private static void assertSame(Layer layer) {
    PlainLayer plain = (PlainLayer) layer;
    Map<String, Tensor> inputs = PlainForms.inputs(plain, Dtype.FLOAT64, 2);
    List<Tensor> values = new ArrayList<>(inputs.values());
    Tensor found = plain.plain(new EagerGraph(values.get(0)), values);
    assertThat(distance(found, PlainForms.apply(layer, inputs))).as("%s", layer).isLessThan(1e-11);
  }

  @Test
  void aNumberOfInputsThatDoesNotFitIsTold() {
    Layer network = PlainForms.ofSequences(PositionEncoding.Kind.NONE, Dtype.FLOAT64).get(6);
    Tensor x = random(Dtype.FLOAT64, 2, 4, 4);
    assertThatThrownBy(() -> ((PlainLayer) network).plain(new EagerGraph(x), x))
        .hasMessageContaining("takes [X, opt_step, Z], got 1 inputs");
  }
}
