package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelPair;
import dev.noether.kernel.Space;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State dicts of steerable convolutions, in our bases and in those of a Python installation. */
class SteerableStatesTest {
  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static SteerableConv2d layer(long seed) {
    Space space = Space.dihedral(3);
    FieldType fields = space.type(space.regularField(), space.irrepField(1, 1));
    return new SteerableConv2d(
        fields, fields, SteerableOptions.kernel(3).with(Dtype.FLOAT64).withSeed(seed));
  }

  /** As another installation writes the layer: mixed bases, weights that go with them. */
  private static Map<String, Tensor> elsewhere(SteerableConv2d layer) {
    Map<String, Tensor> state = new LinkedHashMap<>(layer.stateDict());
    Tensor weights = layer.weights().detach().clone();
    for (KernelPair pair : layer.expansion().pairs()) {
      Tensor basis = Objects.requireNonNull(state.get(pair.basisName()));
      int dim = pair.basis().dim();
      double[] entries = new Random(dim).doubles((long) dim * dim, -0.3, 0.3).toArray();
      for (int i = 0; i < dim; i++) {
        entries[i * dim + i] += i % 2 == 0 ? 1 : -1;
      }
      Tensor mix = Tensors.of(Dtype.FLOAT64, entries, dim, dim);
      state.put(pair.basisName(), mix.matmul(basis.flatten(1, -1)).view_as(basis));
      Tensor part = weights.narrow(0, pair.start(), pair.stop() - pair.start()).view(-1, dim);
      part.copy_(part.matmul(mix.inverse()));
    }
    state.put("weights", weights);
    Tensor columns = Objects.requireNonNull(state.get("bias_expansion"));
    state.put("bias_expansion", columns.neg());
    state.put("bias", Objects.requireNonNull(state.get("bias")).neg());
    return state;
  }

  @Test
  void defectR1WeightsInBasesThatWereDrawnElsewhereGiveTheSameKernel() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      SteerableConv2d source = layer(1);
      Objects.requireNonNull(source.namedParameters().get("bias")).fill_(new Scalar(0.7));
      Map<String, Tensor> state = elsewhere(source);
      SteerableConv2d target = layer(2);
      assertThatThrownBy(() -> target.load(state))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("coordinates in another basis");
      target.load(BasisConversion.convert(state, target));
      assertThat(distance(target.weight(), source.weight())).isLessThan(1e-6);
      assertThat(
              distance(
                  Objects.requireNonNull(target.bias()), Objects.requireNonNull(source.bias())))
          .isLessThan(1e-12);
    }
  }

  private static double distance(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item().toDouble();
  }

  /** A state dict of evaluation holds the filter too, which may be stale: ours is computed. */
  @Test
  void defectR2StateDictsOfBothModesLoad() throws IOException {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      SteerableConv2d source = layer(1);
      Map<String, Tensor> state = new LinkedHashMap<>(source.stateDict());
      state.put("filter", source.weight().mul(new Scalar(3.0)));
      state.put("expanded_bias", Objects.requireNonNull(source.bias()));
      Path file = folder.resolve("evaluation.pt");
      TensorFormat.PYTORCH.write(file, state, Map.of());
      SteerableConv2d target = layer(2);
      target.eval();
      target.weight();
      Checkpoint.convertInto(target, file);
      assertThat(distance(target.weight(), source.weight())).isZero();
    }
  }

  @Test
  void weightsWithoutTheirBasesAreRefused() {
    SteerableConv2d layer = layer(1);
    Map<String, Tensor> state = new LinkedHashMap<>(layer.stateDict());
    String name = layer.expansion().pairs().get(0).basisName();
    state.remove(name);
    assertThatThrownBy(() -> BasisConversion.convert(state, layer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mean nothing without the bases beside them")
        .hasMessageContaining("'" + name + "' is missing");
  }

  @Test
  void basesThatSpanOtherKernelsAreRefused() {
    try (PointerScope scope = new PointerScope()) {
      SteerableConv2d layer = layer(1);
      Map<String, Tensor> state = new LinkedHashMap<>(layer.stateDict());
      String name = layer.expansion().pairs().get(0).basisName();
      state.put(name, Objects.requireNonNull(state.get(name)).sin().add(new Scalar(0.2)));
      assertThatThrownBy(() -> BasisConversion.convert(state, layer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("spans other kernels");
    }
  }

  /** Parameters and what the layer is; neither filters nor bases, whatever the mode. */
  @Test
  void defectR19CheckpointsHoldParametersAlone() throws IOException {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(8);
      FieldType fields = space.type(space.regularField(), 8);
      SteerableConv2d layer =
          new SteerableConv2d(fields, fields, SteerableOptions.kernel(5).withSeed(1));
      layer.eval();
      layer.weight();
      Path file = folder.resolve("layer.safetensors");
      Checkpoint.save(layer, file);
      long parameters = 4L * (layer.weights().numel() + 8);
      assertThat(Files.size(file)).isBetween(parameters, parameters + 8000);
      SteerableConv2d again = Checkpoint.load(file, SteerableConv2d.class);
      assertThat(distance(again.weight(), layer.weight())).isZero();
    }
  }
}
