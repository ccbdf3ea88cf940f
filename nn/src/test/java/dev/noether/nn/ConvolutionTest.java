package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.hom.BasisExpansion;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions whose channels transform. */
class ConvolutionTest {
  private static final MapOptions OPTIONS = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(5);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @Test
  void outputsAreSumsOfEquivariantMapsOverTheTaps() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = rotated(Representation.parse("D3: regular"));
      Representation out = Representation.parse("D3: 2 x regular");
      for (BasisExpansion expansion : BasisExpansion.values()) {
        EquivariantConv1d layer =
            new EquivariantConv1d(
                in,
                out,
                ConvolutionOptions.kernel(3).withStride(2).withPadding(1).withDilation(2),
                OPTIONS.with(expansion));
        Tensor x = random(Dtype.FLOAT64, 2, 6, 10);
        Tensor y = layer.forward(x);
        assertThat(Tensors.shape(y)).containsExactly(2, 12, 4);
        Tensor taps = layer.basis().expand(layer.coefficients());
        // y[t] = sum_k W_k x[2 t + 2 k - 1]
        Tensor expected = random(Dtype.FLOAT64, 2, 12).mul(new org.bytedeco.pytorch.Scalar(0.0));
        for (int k = 0; k < 3; k++) {
          expected = expected.add(x.select(2, 2 * 1 + 2 * k - 1).matmul(taps.select(0, k).t()));
        }
        assertThat(distance(y.select(2, 1), expected)).isLessThan(1e-12);
      }
    }
  }

  /** The product of windows, and the convolution of images of height one where work is more. */
  @ParameterizedTest
  @CsvSource({
    "2, 3, 1, 1",
    "2, 3, 2, 1",
    "2, 1, 1, 1",
    "2, 3, 1, 2",
    "150, 3, 1, 1",
    "300, 3, 2, 1"
  })
  void featuresWithTheirChannelsLastGiveTheSameOutputsAndGradients(
      long batch, int size, int stride, int dilation) {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D4: 8 x regular");
      ConvolutionOptions geometry =
          ConvolutionOptions.kernel(size).withStride(stride).withPadding(1).withDilation(dilation);
      EquivariantConv1d layer = new EquivariantConv1d(rho, rho, geometry, OPTIONS);
      Tensor first = random(Dtype.FLOAT64, batch, 64, 8).set_requires_grad(true);
      Tensor last = first.detach().transpose(1, 2).contiguous().transpose(1, 2);
      last.set_requires_grad(true);
      Tensor expected = layer.forward(first);
      Tensor towards = torch.randn_like(expected);
      expected.mul(towards).sum().backward();
      Tensor gradient = layer.coefficients().grad().clone();
      layer.zeroGrad();
      Tensor actual = layer.forward(last);
      actual.mul(towards).sum().backward();
      assertThat(distance(actual, expected)).isLessThan(1e-12);
      assertThat(distance(last.grad(), first.grad())).isLessThan(1e-12);
      assertThat(distance(layer.coefficients().grad(), gradient)).isLessThan(1e-9);
      assertThat(actual.stride(1)).as("channels stay last").isEqualTo(1);
      layer.eval();
      try (NoGradGuard guard = new NoGradGuard()) {
        assertThat(distance(layer.forward(last), expected)).isLessThan(1e-12);
      }
    }
  }

  @Test
  void transposedConvolutionIsTheAdjointOfTheConvolution() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: regular + irrep(1)");
      ConvolutionOptions geometry = ConvolutionOptions.kernel(4).withStride(2).withPadding(1);
      EquivariantConv1d down = new EquivariantConv1d(rho, rho, geometry, OPTIONS.withoutBias());
      EquivariantConvTranspose1d up =
          new EquivariantConvTranspose1d(rho, rho, geometry, OPTIONS.withoutBias());
      try (NoGradGuard guard = new NoGradGuard()) {
        // <W x, y> = <x, W^T y>: the transposed layer with transposed taps.
        Tensor taps = down.basis().expand(down.coefficients()).transpose(1, 2).contiguous();
        up.coefficients().copy_(up.basis().coefficients(taps));
      }
      Tensor x = random(Dtype.FLOAT64, 2, 5, 8);
      Tensor y = random(Dtype.FLOAT64, 2, 5, 4);
      double left = down.forward(x).mul(y).sum().item().toDouble();
      double right = up.forward(y).mul(x).sum().item().toDouble();
      assertThat(Math.abs(left - right)).isLessThan(1e-11);
    }
  }

  @Test
  void theKernelIsKeptInEvaluationAndFollowsEveryChange() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("C3: regular");
      EquivariantConv1d layer =
          new EquivariantConv1d(rho, rho, ConvolutionOptions.kernel(3), OPTIONS);
      layer.eval();
      Tensor first = layer.weight();
      assertThat(layer.weight().data_ptr().address()).isEqualTo(first.data_ptr().address());
      layer.coefficients().mul_(new org.bytedeco.pytorch.Scalar(2.0));
      assertThat(distance(layer.weight(), first.mul(new org.bytedeco.pytorch.Scalar(2.0))))
          .isZero();
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    Representation rho = Representation.parse("C3: regular");
    EquivariantConv1d layer =
        new EquivariantConv1d(
            rho, rho, ConvolutionOptions.kernel(5).withDilation(2).withPadding(1), OPTIONS);
    assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT64, 2, 3, 6)))
        .hasMessage("the kernel reaches over 9 steps, the padded input has 8");
    assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT64, 2, 4, 20)))
        .hasMessage(
            "input must be [batch, in.size(), time] with in.size() = 3 (C3: regular), got [2, 4, 20]");
    assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT32, 2, 3, 20)))
        .hasMessageStartingWith("input must have the layer's dtype float64");
    assertThatThrownBy(() -> ConvolutionOptions.kernel(0))
        .hasMessage("kernel size must be at least 1, got 0");
    assertThatThrownBy(() -> ConvolutionOptions.kernel(3).withPadding(-1))
        .hasMessage("padding must be at least 0, got -1");
    assertThatThrownBy(
            () ->
                new EquivariantConv1d(
                    rho, rho, ConvolutionOptions.kernel(3).withOutputPadding(1), OPTIONS))
        .hasMessage("output padding belongs to transposed convolutions, got 1");
    assertThatThrownBy(
            () ->
                new EquivariantConvTranspose1d(
                    rho, rho, ConvolutionOptions.kernel(3).withOutputPadding(1), OPTIONS))
        .hasMessage("output padding must be below stride 1 or dilation 1, got 1");
    assertThatThrownBy(
            () ->
                new EquivariantConvTranspose1d(
                        rho, rho, ConvolutionOptions.kernel(3).withPadding(4), OPTIONS)
                    .forward(random(Dtype.FLOAT64, 2, 3, 2)))
        .hasMessage("2 steps of input leave -4 steps of output after a padding of 4");
    assertThatThrownBy(
            () ->
                new EquivariantConv1d(
                    rho, rho, ConvolutionOptions.kernel(3), OPTIONS.with(Execution.SPECTRAL)))
        .hasMessage(
            "a convolution expands its kernel: choose the execution AUTO or DENSE, not SPECTRAL");
  }
}
