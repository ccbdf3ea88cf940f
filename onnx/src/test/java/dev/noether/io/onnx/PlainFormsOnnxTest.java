package dev.noether.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import dev.noether.Fixtures;
import dev.noether.PlainForms;
import dev.noether.nn.EveryLayerTest;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sequences with positions, and fields over the plane and space, under onnxruntime. */
class PlainFormsOnnxTest {
  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @ParameterizedTest
  @EnumSource
  void sequencesWithEachKindOfPositionsGiveTheSameOutputs(PositionEncoding.Kind kind)
      throws IOException, OrtException {
    for (Dtype dtype : Fixtures.WIDE) {
      assertSame(PlainForms.ofSequences(kind, dtype), dtype);
    }
  }

  @Test
  void modelsGiveTheSameOutputs() throws IOException, OrtException {
    for (Dtype dtype : Fixtures.WIDE) {
      assertSame(PlainForms.ofModels(dtype), dtype);
    }
  }

  /**
   * What is registered and has a plain form is run by onnxruntime somewhere, or is a part there.
   */
  @Test
  void noPlainFormIsLeftOut() {
    Dtype dtype = Dtype.FLOAT32;
    List<Layer> all = new ArrayList<>(PlainForms.ofModels(dtype));
    all.addAll(PlainForms.ofFields(dtype));
    all.addAll(PlainForms.unets(dtype));
    for (PositionEncoding.Kind kind : PositionEncoding.Kind.values()) {
      all.addAll(PlainForms.ofSequences(kind, dtype));
    }
    EveryLayerTest.layers(Representation.parse("D3: regular"), dtype)
        .forEach(layer -> all.add((Layer) layer));
    Set<String> left = new TreeSet<>();
    LayerRegistry.standard().types().stream()
        .map(LayerType::layer)
        .filter(PlainLayer.class::isAssignableFrom)
        .forEach(layer -> left.add(layer.getSimpleName()));
    all.forEach(
        layer ->
            layer.namedLayers().values().forEach(p -> left.remove(p.getClass().getSimpleName())));
    assertThat(left).containsExactly("CopyTanh"); // of another jar, with a test of its own
  }

  @Test
  void layersOfFieldsGiveTheSameOutputs() throws IOException, OrtException {
    assertSame(PlainForms.ofFields(Dtype.FLOAT32), Dtype.FLOAT32);
  }

  private void assertSame(List<Layer> layers, Dtype dtype) throws IOException, OrtException {
    Path file = folder.resolve("model.onnx");
    for (Layer layer : layers) {
      OnnxFile.write((PlainLayer) layer, file);
      for (int batch : new int[] {1, 3}) {
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          Map<String, Tensor> inputs = PlainForms.inputs((PlainLayer) layer, dtype, batch);
          double[] wanted = Tensors.toArray(PlainForms.apply(layer, inputs));
          double largest = Arrays.stream(wanted).map(Math::abs).max().orElseThrow();
          // In float64 onnxruntime's scale of attention and error function are float32.
          double tolerance = dtype == Dtype.FLOAT32 ? 2e-5 : 2e-6;
          assertThat(UnetOnnxTest.execute(file, dtype, inputs))
              .as("%s, %s, batch %d", layer, dtype, batch)
              .containsExactly(wanted, within(tolerance * Math.max(1, largest)));
        }
      }
    }
  }
}
