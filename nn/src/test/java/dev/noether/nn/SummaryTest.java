package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.kernel.Space;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.models.SteerableCnn;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.activation.PointwiseDropout;
import dev.noether.nn.distribution.EmaOptions;
import dev.noether.nn.distribution.EmaStatistics;
import dev.noether.nn.distribution.EquivariantEmaStatistics;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** What layers tell of themselves. */
class SummaryTest {
  private static final Representation RHO = Representation.parse("D4: regular");

  /** What every registered layer prints, those of which others are made too. */
  @Test
  void everyLayerTellsItsClassAndWhatItActsOn() {
    Set<Class<?>> told = new HashSet<>();
    for (Layer whole : layers()) {
      for (Layer layer : whole.namedLayers().values()) {
        told.add(layer.getClass());
        assertThat(layer.toString())
            .startsWith(layer.getClass().getSimpleName() + "(")
            .endsWith(")")
            .doesNotContain("@", "()");
      }
    }
    assertThat(told)
        .containsAll(LayerRegistry.standard().types().stream().map(LayerType::layer).toList());
  }

  private static List<Layer> layers() {
    Space plane = Space.cyclic(4);
    List<Layer> all = new ArrayList<>();
    subjects().forEach(subject -> all.add(subject.layer()));
    all.add(new EmaStatistics(3, 2, EmaOptions.defaults()));
    all.add(new EquivariantEmaStatistics(RHO, RHO, EmaOptions.defaults()));
    all.add(new HomEmaStatistics(RHO, RHO, EmaOptions.defaults()));
    all.add(SteerableCnn.builder(plane, 5).seed(1).block(1, 3).head(4, 3));
    all.add(new PointwiseDropout(plane.type(plane.regularField(), 1), 0.5));
    return all;
  }

  private static List<EveryLayerTest.Subject> subjects() {
    List<EveryLayerTest.Subject> all = EveryLayerTest.subjects(RHO, Dtype.FLOAT32, 2);
    all.addAll(PlainSubjects.all(Dtype.FLOAT32, 2));
    return all;
  }

  @Test
  void theLayersOfASummaryHoldAllThatTheWholeHolds() {
    try (PointerScope scope = new PointerScope()) {
      for (EveryLayerTest.Subject subject : subjects()) {
        Layer layer = subject.layer();
        List<MemoryFootprint.OfLayer> parts = MemoryFootprint.ofEach(layer, 64);
        MemoryFootprint whole = MemoryFootprint.of(layer);
        assertThat(parts.stream().mapToLong(MemoryFootprint.OfLayer::parameters).sum())
            .as("%s", layer)
            .isEqualTo(layer.namedParameters().values().stream().mapToLong(Tensor::numel).sum());
        assertThat(parts.stream().mapToLong(MemoryFootprint.OfLayer::bytes).sum())
            .as("%s", layer)
            .isEqualTo(whole.trainableBytes() + whole.nonTrainableBytes());
        assertThat(layer.summary().lines().count()).isEqualTo(parts.size() + 2L);
      }
    }
  }

  @Test
  void aSummaryIsATable() {
    Representation in = Representation.parse("C3: regular");
    EquivariantMlp model = new EquivariantMlp(in, in, MlpOptions.hidden(6));
    assertThat(model.summary())
        .isEqualTo(
            """
            layer                                   acts on                               parameters  bytes  plan
            EquivariantMlp                          C3: regular -> [6] -> C3: regular
              net  EquivariantSequential            C3: regular -> C3: regular, 3 layers
                net.0  EquivariantLinear            C3: regular -> C3: 2 x regular                 6    288  dense
                  net.0.bias_module  InvariantBias  C3: 2 x regular                                2     56
                net.1  PointwiseNonlinearity        relu, C3: 2 x regular
                net.2  EquivariantLinear            C3: 2 x regular -> C3: regular                 6     96  dense
                  net.2.bias_module  InvariantBias  C3: regular                                    1     16
            15 parameters; 60 bytes that train, 396 that do not""");
  }

  @Test
  void aChainTellsWhichLayersStayInTheSpectrum() {
    Representation wide = Representation.parse("Icosahedral: 16 x regular");
    EquivariantSequential chain =
        EquivariantSequential.of(
            new EquivariantLinear(wide, wide),
            new NormNonlinearity(wide, Activation.SILU, Dtype.FLOAT32),
            new EquivariantLinear(wide, wide));
    assertThat(chain.summary(1024)).contains("0 to 2 in the isotypic basis");
    assertThat(chain.summary(1024)).contains("spectral");
    assertThatThrownBy(() -> chain.summary(0)).hasMessage("a batch has at least one sample, got 0");
  }
}
