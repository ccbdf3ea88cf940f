package dev.noether.plain;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions are those of the formula, whatever computes them. */
class DenseConvolutionTest {
  private static final long[][] CHANNELS = {{1, 5}, {5, 1}, {16, 20}, {20, 16}, {80, 80}};

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** Some machines' kernels read memory behind channels: it must hold no zeros to tell. */
  private static void leaveNumbersBehind() {
    try (PointerScope scope = new PointerScope()) {
      for (int size = 16; size <= 1 << 16; size *= 2) {
        torch.empty(size).fill_(new Scalar(1e4));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, false, 1",
    "1, true, 1",
    "1, false, 2",
    "1, true, 2",
    "2, false, 2",
    "3, false, 1"
  })
  void channelsOfAnyNumberAreRight(int axes, boolean transposed, int stride) {
    try (PointerScope scope = new PointerScope()) {
      for (long[] channels : CHANNELS) {
        for (Dtype dtype : new Dtype[] {Dtype.FLOAT32, Dtype.BFLOAT16}) {
          Tensor x = rounded(dtype, shape(2, channels[0], 6, axes));
          Tensor weight =
              rounded(
                  dtype,
                  transposed
                      ? shape(channels[0], channels[1], 3, axes)
                      : shape(channels[1], channels[0], 3, axes));
          Tensor bias = rounded(dtype, channels[1]);
          Tensor[] expected = results(Dtype.FLOAT64, transposed, stride, x, weight, bias);
          Tensor[] own = results(dtype, transposed, stride, x, weight, bias);
          for (int i = 0; i < own.length; i++) {
            double scale = expected[i].abs().max().item_double();
            assertThat(distance(own[i].to(Dtype.FLOAT64.scalarType()), expected[i]) / scale)
                .as("%s, %s, result %d", dtype, Arrays.toString(channels), i)
                .isLessThan(dtype == Dtype.FLOAT32 ? 1e-5 : 0.02);
          }
        }
      }
    }
  }

  private static long[] shape(long first, long second, long each, int axes) {
    long[] shape = new long[axes + 2];
    Arrays.fill(shape, each);
    shape[0] = first;
    shape[1] = second;
    return shape;
  }

  /** Numbers that a dtype holds exactly. */
  private static Tensor rounded(Dtype dtype, long... shape) {
    return random(Dtype.FLOAT64, shape).to(dtype.scalarType());
  }

  /** The convolution, and the gradients of its sum for input, weight and bias. */
  private static Tensor[] results(Dtype dtype, boolean transposed, int stride, Tensor... given) {
    Tensor[] own =
        Arrays.stream(given)
            .map(t -> t.to(dtype.scalarType()).clone().set_requires_grad(true))
            .toArray(Tensor[]::new);
    ConvolutionOptions geometry = ConvolutionOptions.kernel(3).withPadding(1).withStride(stride);
    leaveNumbersBehind();
    Tensor y = DenseConvolution.apply(own[0], own[1], own[2], geometry, transposed);
    assertThat(Dtype.of(y)).isEqualTo(dtype);
    assertThat(Tensors.shape(y)[1]).isEqualTo(given[2].size(0));
    leaveNumbersBehind();
    y.sum().backward();
    return new Tensor[] {y.detach(), own[0].grad(), own[1].grad(), own[2].grad()};
  }
}
