package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.nn.activation.Dropout;
import dev.noether.nn.conv.Conv1d;
import dev.noether.nn.conv.ConvTranspose1d;
import dev.noether.nn.conv.Convolution;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.norm.BatchNorm1d;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Layers without a symmetry: PyTorch's. */
class PlainLayersTest {
  private static final DenseOptions OPTIONS =
      DenseOptions.defaults().with(Dtype.FLOAT64).withSeed(3);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static List<Convolution> convolutions() {
    ConvolutionOptions geometry = ConvolutionOptions.kernel(4).withStride(2).withPadding(1);
    return List.of(
        new Conv1d(3, 5, geometry, OPTIONS),
        new Conv1d(3, 5, geometry, OPTIONS.withoutBias()),
        new ConvTranspose1d(3, 5, geometry.withOutputPadding(1), OPTIONS));
  }

  @Test
  void convolutionsAreSumsOverTheTaps() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Conv1d layer =
          new Conv1d(3, 5, ConvolutionOptions.kernel(3).withStride(2).withPadding(1), OPTIONS);
      Tensor x = random(Dtype.FLOAT64, 2, 3, 9);
      Tensor y = layer.forward(x);
      assertThat(Tensors.shape(y)).containsExactly(2, 5, 5);
      Tensor expected = Objects.requireNonNull(layer.bias());
      for (int k = 0; k < 3; k++) {
        expected = x.select(2, 3 + k).matmul(layer.weight().select(2, k).t()).add(expected);
      }
      assertThat(distance(y.select(2, 2), expected)).isLessThan(1e-14);
    }
  }

  @Test
  void firstWeightsAreUniformWithinPyTorchsBound() {
    // 1 / sqrt(fan in): in k for a convolution, out k for a transposed one.
    double[] bounds = {1 / Math.sqrt(3 * 4), 1 / Math.sqrt(3 * 4), 1 / Math.sqrt(5 * 4)};
    List<Convolution> layers = convolutions();
    for (int i = 0; i < bounds.length; i++) {
      double largest = layers.get(i).weight().abs().max().item().toDouble();
      assertThat(largest).isBetween(0.8 * bounds[i], bounds[i]);
    }
  }

  @Test
  void plainFormsAndArchitecturesGiveTheSameFunction() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = random(Dtype.FLOAT64, 2, 3, 9);
      for (Convolution layer : convolutions()) {
        Tensor y = layer.forward(x);
        assertThat(distance(layer.plain(new EagerGraph(x), x), y)).isZero();
        Convolution again =
            (Convolution)
                LayerRegistry.standard()
                    .build(LayerRegistry.standard().describe(layer).orElseThrow());
        again.load(layer.stateDict());
        assertThat(distance(again.forward(x), y)).isZero();
      }
    }
  }

  @Test
  void batchNormUsesTheBatchInTrainingAndTheRunningStatisticsInEvaluation() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      BatchNorm1d layer = new BatchNorm1d(3, BatchStatisticsOptions.defaults().with(Dtype.FLOAT64));
      Tensor x = random(Dtype.FLOAT64, 6, 3).mul(new Scalar(4.0));
      Tensor y = layer.forward(x);
      assertThat(Tensors.toArray(y.mean(0))).containsExactly(new double[3], within(1e-12));
      assertThat(Tensors.toArray(y.mul(y).mean(0)))
          .containsExactly(new double[] {1, 1, 1}, within(1e-4));
      Map<String, Tensor> state = layer.stateDict();
      assertThat(state.keySet())
          .containsExactlyInAnyOrder(
              "weight", "bias", "running_mean", "running_var", "num_batches_tracked");
      Tensor mean = Objects.requireNonNull(state.get("running_mean"));
      assertThat(distance(mean, x.mean(0).mul(new Scalar(0.1)))).isLessThan(1e-14);
      layer.eval();
      Tensor evaluated = layer.forward(x);
      assertThat(distance(layer.plain(new EagerGraph(x), x), evaluated)).isLessThan(1e-13);
      BatchNorm1d again =
          (BatchNorm1d)
              LayerRegistry.standard()
                  .build(LayerRegistry.standard().describe(layer).orElseThrow());
      again.load(state);
      again.eval();
      assertThat(distance(again.forward(x), evaluated)).isZero();
      Tensor signal = random(Dtype.FLOAT64, 4, 3, 5);
      assertThat(Tensors.shape(layer.forward(signal))).containsExactly(4, 3, 5);
    }
  }

  @Test
  void dropoutScalesWhatItKeepsAndEndsInEvaluation() {
    try (PointerScope scope = new PointerScope()) {
      Dropout layer = new Dropout(0.5);
      Tensor x = random(Dtype.FLOAT32, 100).mul(new Scalar(0.0)).add(new Scalar(1.0));
      assertThat(Arrays.stream(Tensors.toArray(layer.forward(x))).distinct().sorted())
          .containsExactly(0.0, 2.0);
      layer.eval();
      assertThat(distance(layer.forward(x), x)).isZero();
    }
  }

  @Test
  void badInputIsRefused() {
    ConvolutionOptions kernel = ConvolutionOptions.kernel(3);
    assertThatThrownBy(() -> new Conv1d(0, 2, kernel))
        .hasMessage("channels must be at least 1, got in 0 and out 2");
    assertThatThrownBy(() -> new Conv1d(2, 2, kernel.withOutputPadding(1)))
        .hasMessageContaining("output padding belongs to transposed convolutions");
    assertThatThrownBy(() -> new Conv1d(2, 2, kernel).forward(random(Dtype.FLOAT32, 1, 3, 8)))
        .hasMessageContaining("input must be [batch, inChannels() = 2, time]");
    assertThatThrownBy(() -> new Conv1d(2, 2, kernel).forward(random(Dtype.FLOAT32, 1, 2, 2)))
        .hasMessageContaining("the kernel reaches over 3 steps, the padded input has 2");
    assertThatThrownBy(() -> new BatchNorm1d(2).forward(random(Dtype.FLOAT32, 1, 2)))
        .hasMessageContaining("a variance needs at least 2 samples, got 1");
    assertThatThrownBy(() -> new BatchNorm1d(2).forward(random(Dtype.FLOAT32, 4, 3)))
        .hasMessageContaining("input must be [batch, features() = 2]");
  }
}
