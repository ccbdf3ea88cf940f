package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.PlainForms;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.models.ConditionalTransformer;
import dev.noether.nn.activation.Dropout;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.distribution.EmaStatistics;
import dev.noether.nn.distribution.EquivariantEmaStatistics;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.nn.linear.CopyScales;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.AveragePooling;
import dev.noether.nn.pooling.NormMaxPooling;
import dev.noether.nn.pooling.Upsampling;
import dev.noether.nn.pooling.Window;
import dev.noether.plain.EagerGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  /** What is no function from features to features in evaluation, and so has none. */
  private static final Map<Class<?>, String> WITHOUT =
      Map.of(
          EquivariantMultivariateNormal.class, "gives a distribution",
          EmaStatistics.class, "keeps statistics",
          EquivariantEmaStatistics.class, "keeps statistics",
          HomEmaStatistics.class, "keeps statistics",
          CopyScales.class, "holds the scales of another layer",
          NormMaxPooling.class, "takes fields from places that lengths tell",
          Dropout.class, "knows no size, and is nothing in evaluation");

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @Test
  void everyRegisteredLayerHasAPlainFormOrAReason() {
    Map<String, Boolean> has = new TreeMap<>();
    for (LayerType<?> type : LayerRegistry.standard().types()) {
      if (Parametrization.class.isAssignableFrom(type.layer())) {
        continue; // part of a weight
      }
      has.put(
          type.layer().getSimpleName(),
          PlainLayer.class.isAssignableFrom(type.layer()) || WITHOUT.containsKey(type.layer()));
    }
    assertThat(has).allSatisfy((layer, fine) -> assertThat(fine).as(layer).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3: regular + irrep(1)", "D4: regular + irrep(1,2)"})
  void plainFormsComputeWhatLayersCompute(String text) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (EveryLayerTest.Subject subject :
          EveryLayerTest.subjects(Representation.parse(text), Dtype.FLOAT64, 2)) {
        if (!(subject.layer() instanceof ConditionalTransformer)
            && PlainForms.isAdmitted(subject.layer())) {
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
  void layersOfFieldsDo() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      PlainForms.ofFields(Dtype.FLOAT64).forEach(PlainFormsTest::assertSame);
    }
  }

  @Test
  void whatDependsOnTheSizeOfTheGridIsRefused() {
    FieldType fields = Space.cyclic(4).type(Space.cyclic(4).regularField(), 1);
    Tensor x = random(Dtype.FLOAT32, 1, 4, 6, 6);
    assertThatThrownBy(
            () ->
                new Upsampling(fields, 2, Upsampling.Mode.LINEAR, true).plain(new EagerGraph(x), x))
        .hasMessageContaining("with aligned corners its weights depend on the size of the grid");
    assertThatThrownBy(
            () ->
                new AveragePooling(fields, Window.of(2).withCeilMode()).plain(new EagerGraph(x), x))
        .hasMessageContaining("in ceil mode the last window's weights depend on the size");
    assertThatThrownBy(
            () ->
                new InnerBatchNorm(
                        fields, BatchStatisticsOptions.defaults().withoutRunningStatistics())
                    .plain(new EagerGraph(x), x))
        .hasMessageContaining("it has no running statistics, and uses those of the batch");
  }

  @Test
  void aNumberOfInputsThatDoesNotFitIsTold() {
    Layer network = PlainForms.ofSequences(PositionEncoding.Kind.NONE, Dtype.FLOAT64).get(6);
    Tensor x = random(Dtype.FLOAT64, 2, 4, 4);
    assertThatThrownBy(() -> ((PlainLayer) network).plain(new EagerGraph(x), x))
        .hasMessageContaining("takes [X, opt_step, Z], got 1 inputs");
  }
}
