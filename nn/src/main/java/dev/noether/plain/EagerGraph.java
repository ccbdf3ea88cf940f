package dev.noether.plain;

import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A graph that computes at once: a layer's plain form as a function of tensors.
 *
 * <p>A new layer has its {@code forward} from its plain form this way, and a test of a plain form
 * its judge. Gradients flow through all operations.
 */
public final class EagerGraph implements PlainGraph<Tensor> {
  private final Tensor like;

  /**
   * A graph of tensors of one kind.
   *
   * @param like a tensor of the dtype and on the device of the values
   */
  public EagerGraph(Tensor like) {
    this.like = like;
  }

  @Override
  public PlainGraph<Tensor> at(String name) {
    return this;
  }

  @Override
  public Tensor constant(String name, Tensor tensor) {
    return fitted(tensor);
  }

  /** In the dtype of the values: layers without a dtype bring float64. */
  private Tensor fitted(Tensor tensor) {
    return tensor.is_floating_point() ? tensor.to(like.scalar_type()) : tensor;
  }

  @Override
  public Tensor number(double value) {
    return Tensors.of(Dtype.FLOAT64, new double[] {value}, 1).to(like.device(), like.scalar_type());
  }

  @Override
  public Tensor linear(
      Tensor x, String weightName, Tensor weight, String biasName, @Nullable Tensor bias) {
    return bias == null ? torch.linear(x, weight) : torch.linear(x, weight, bias);
  }

  @Override
  public Tensor matmul(Tensor a, Tensor b) {
    return a.matmul(b);
  }

  @Override
  public Tensor add(Tensor a, Tensor b) {
    return a.add(b);
  }

  @Override
  public Tensor multiply(Tensor a, Tensor b) {
    return a.mul(b);
  }

  @Override
  public Tensor apply(Activation function, Tensor x) {
    return function.apply(x);
  }

  @Override
  public Tensor rsqrt(Tensor x) {
    return x.rsqrt();
  }

  @Override
  public Tensor sin(Tensor x) {
    return x.sin();
  }

  @Override
  public Tensor cos(Tensor x) {
    return x.cos();
  }

  @Override
  public Tensor mean(Tensor x) {
    return x.mean(new long[] {-1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
  }

  @Override
  public Tensor largest(Tensor x) {
    return x.amax(new long[] {-1}, true);
  }

  @Override
  public Tensor maxPool(Tensor x, int axes, ConvolutionOptions window, boolean ceilMode) {
    long[] kernel = DenseConvolution.all(axes, window.kernelSize());
    long[] stride = DenseConvolution.all(axes, window.stride());
    long[] padding = DenseConvolution.all(axes, window.padding());
    long[] ones = DenseConvolution.all(axes, 1);
    return switch (axes) {
      case 1 -> torch.max_pool1d(x, kernel, stride, padding, ones, ceilMode);
      case 2 -> torch.max_pool2d(x, kernel, stride, padding, ones, ceilMode);
      default -> torch.max_pool3d(x, kernel, stride, padding, ones, ceilMode);
    };
  }

  @Override
  public Tensor softmax(Tensor x) {
    return x.softmax(-1);
  }

  @Override
  public Tensor narrow(Tensor x, long start, long length) {
    return x.narrow(-1, start, length);
  }

  @Override
  public Tensor select(Tensor x, long... places) {
    return x.index_select(
        -1, Tensors.of(places, places.length).to(x.device(), torch.ScalarType.Long));
  }

  @Override
  public Tensor concatenate(Tensor first, Tensor second) {
    return Tensors.concatenate(-1, first, second);
  }

  @Override
  public Tensor split(Tensor x, long... sizes) {
    return x.unflatten(-1, sizes);
  }

  @Override
  public Tensor join(Tensor x, int axes, long size) {
    return x.flatten(-axes, -1);
  }

  @Override
  public Tensor permute(Tensor x, int... axes) {
    int kept = Tensors.shape(x).length - axes.length;
    long[] order =
        LongStream.concat(
                LongStream.range(0, kept), Arrays.stream(axes).mapToLong(axis -> axis + kept))
            .toArray();
    return x.permute(order);
  }

  @Override
  public Tensor places(Tensor x, int axis, boolean fromEnd) {
    long length = x.size(-axis);
    double[] places = new double[Math.toIntExact(length)];
    Arrays.setAll(places, i -> fromEnd ? i - length + 1 : i);
    return Tensors.of(Dtype.FLOAT64, places, length, 1).to(x.device(), x.scalar_type());
  }

  @Override
  public Tensor rows(Tensor table, Tensor numbers) {
    long[] shape = Tensors.shape(numbers);
    Tensor which = numbers.reshape(-1).to(torch.ScalarType.Long);
    return table
        .index_select(0, which)
        .reshape(
            LongStream.concat(
                    Arrays.stream(shape).limit(shape.length - 1L), LongStream.of(table.size(1)))
                .toArray());
  }

  @Override
  public Tensor convolution(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      ConvolutionOptions geometry,
      boolean transposed) {
    return DenseConvolution.apply(x, fitted(weight), bias, geometry, transposed);
  }
}
