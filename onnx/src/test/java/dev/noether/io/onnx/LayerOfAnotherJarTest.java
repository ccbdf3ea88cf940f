package dev.noether.io.onnx;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.noether.io.BasisConversion;
import dev.noether.io.Checkpoint;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.Residual;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import other.jar.CopyTanh;

/** A layer that another jar brings is a layer like any other. */
class LayerOfAnotherJarTest {
  private static final Representation RHO =
      rotated(Representation.parse("D3: regular + irrep(1,1)"));

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantSequential model() {
    MapOptions options =
        MapOptions.defaults().with(Dtype.FLOAT64).with(Execution.SPECTRAL).withSeed(1);
    return EquivariantSequential.of(
        new EquivariantLinear(RHO, RHO, options),
        new CopyTanh(RHO, 0.5, Dtype.FLOAT64),
        new Residual(new EquivariantLinear(RHO, RHO, options)),
        new CopyTanh(RHO, 0.25, Dtype.FLOAT64));
  }

  @Test
  void isSavedLoadedAndChecked() throws Exception {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential model = model();
      Tensor x = random(Dtype.FLOAT64, 5, RHO.size());
      Path file = folder.resolve("model.safetensors");
      Checkpoint.save(model, file);
      EquivariantSequential back = (EquivariantSequential) Checkpoint.load(file);
      assertThat(distance(back.forward(x), model.forward(x))).isZero();
      assertThat(Equivariance.checkEach(back)).containsKeys("", "1", "3");
      Equivariance.checkThat(back, x, 1e-12);
      assertThat(LayerRegistry.standard().describe(back))
          .isEqualTo(LayerRegistry.standard().describe(model));
    }
  }

  @Test
  void staysInsideAChainsSpectrumWithTheSameFunction() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential model = model();
      assertThat(model.spectralForm()).isPresent();
      Tensor x = random(Dtype.FLOAT64, 5, RHO.size());
      Tensor inside =
          model
              .spectralForm()
              .map(form -> form.out().leave(form.apply(form.in().enter(x)), x))
              .orElseThrow();
      Tensor current = x;
      for (var layer : model.layers()) {
        current = layer.forward(current);
      }
      assertThat(distance(inside, current)).isLessThan(1e-12);
    }
  }

  @Test
  void isConvertedAndExported() throws Exception {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      CopyTanh layer = new CopyTanh(RHO, 0.5, Dtype.FLOAT32);
      Map<String, Tensor> state = layer.stateDict();
      assertThat(BasisConversion.convert(state, layer)).isEqualTo(state);
      Tensor x = random(Dtype.FLOAT32, 4, RHO.size());
      assertThat(distance(layer.plain(new EagerGraph(x), x), layer.forward(x))).isLessThan(1e-6);
      Path file = folder.resolve("layer.onnx");
      OnnxFile.write(layer, file);
      try (OrtEnvironment environment = OrtEnvironment.getEnvironment();
          OrtSession session = environment.createSession(file.toString());
          OnnxTensor input = OnnxTensor.createTensor(environment, rows(x));
          OrtSession.Result result = session.run(Map.of("input", input))) {
        float[][] found = (float[][]) result.get(0).getValue();
        float[][] expected = rows(layer.forward(x));
        for (int i = 0; i < found.length; i++) {
          assertThat(found[i])
              .containsExactly(expected[i], org.assertj.core.data.Offset.offset(1e-5f));
        }
      }
    }
  }

  private static float[][] rows(Tensor tensor) {
    double[] numbers = Tensors.toArray(tensor);
    int width = RHO.size();
    float[][] rows = new float[numbers.length / width][width];
    for (int i = 0; i < numbers.length; i++) {
      rows[i / width][i % width] = (float) numbers[i];
    }
    return rows;
  }

  @Test
  void oneNameForTwoLayersIsRefused() {
    assertThatThrownBy(() -> new LayerRegistry(List.of(CopyTanh.TYPE, CopyTanh.TYPE)))
        .hasMessageStartingWith("two layers are registered as 'CopyTanh': other.jar.CopyTanh");
  }

  @Test
  void aLayerOfCodeIsNotDescribed() {
    Layer model = EquivariantSequential.of(dev.noether.Fixtures.ownLayer(RHO, x -> x.mul(x)));
    assertThatThrownBy(() -> Checkpoint.save(model, folder.resolve("x")))
        .hasMessageEndingWith(
            "holds a layer of your own, which a checkpoint cannot describe: register its LayerType,"
                + " or write the state dict with SafeTensors");
  }
}
