package dev.noether.plain;

import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where a layer writes itself down as ordinary operations on dense tensors, with no symmetry left
 * to know: what an exporter implements.
 *
 * @param <V> a value inside the graph
 */
public interface PlainGraph<V> {
  /** The size of an axis that takes what the others leave, for signals of any length. */
  long REST = -1;

  /**
   * The same graph, whose constants get longer names.
   *
   * @param name what goes before the names, with a dot between
   * @return a view of this graph
   */
  PlainGraph<V> at(String name);

  /**
   * A constant tensor.
   *
   * @param name its name in the layer
   * @param tensor its value
   * @return the value
   */
  V constant(String name, Tensor tensor);

  /**
   * A number without a name, in the dtype of the model.
   *
   * @param value the number
   * @return the value
   */
  V number(double value);

  /**
   * x W^T + b on the last axis; the constants are called {@code weight} and {@code bias}.
   *
   * @param x {@code [..., in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}, or null
   * @return {@code [..., out]}
   */
  default V linear(V x, Tensor weight, @Nullable Tensor bias) {
    return linear(x, "weight", weight, "bias", bias);
  }

  /**
   * x W^T + b on the last axis.
   *
   * @param x {@code [..., in]}
   * @param weightName the name of the weight in the layer
   * @param weight {@code [out, in]}
   * @param biasName the name of the bias in the layer
   * @param bias {@code [out]}, or null
   * @return {@code [..., out]}
   */
  V linear(V x, String weightName, Tensor weight, String biasName, @Nullable Tensor bias);

  /**
   * x W^T + b on the last axis, for a W that commutes with a group. Whoever knows nothing of groups
   * takes it as any other weight; the constants are called {@code weight} and {@code bias}.
   *
   * @param x {@code [..., in.size]}
   * @param in how x transforms
   * @param out how the result transforms
   * @param weight {@code [out.size, in.size]}
   * @param bias {@code [out.size]}, or null
   * @return {@code [..., out.size]}
   */
  default V equivariant(
      V x, Representation in, Representation out, Tensor weight, @Nullable Tensor bias) {
    return linear(x, weight, bias);
  }

  /**
   * The product of matrices on the last two axes.
   *
   * @param a {@code [..., n, k]}
   * @param b {@code [..., k, m]}
   * @return {@code [..., n, m]}
   */
  V matmul(V a, V b);

  /**
   * The sum, with broadcasting.
   *
   * @param a a value
   * @param b a value
   * @return a + b
   */
  V add(V a, V b);

  /**
   * The product entry by entry, with broadcasting.
   *
   * @param a a value
   * @param b a value
   * @return a b
   */
  V multiply(V a, V b);

  /**
   * A function of every number.
   *
   * @param function the function
   * @param x a value
   * @return f(x)
   */
  V apply(Activation function, V x);

  /**
   * 1 / sqrt(x) of every number.
   *
   * @param x a positive value
   * @return the reciprocal of the square root
   */
  V rsqrt(V x);

  /**
   * The sine of every number.
   *
   * @param x angles
   * @return sin(x)
   */
  V sin(V x);

  /**
   * The cosine of every number.
   *
   * @param x angles
   * @return cos(x)
   */
  V cos(V x);

  /**
   * The mean over the last axis, which stays with size 1.
   *
   * @param x a value
   * @return the mean
   */
  V mean(V x);

  /**
   * The largest number of the last axis, which stays with size 1.
   *
   * @param x a value
   * @return the maximum
   */
  V largest(V x);

  /**
   * The largest number of each window over the last axes, channel by channel; beyond the border is
   * nothing.
   *
   * @param x {@code [batch, channels, ...]}
   * @param axes how many of the last axes windows have, 1 to 3
   * @param window the side of a window, its stride and padding
   * @param ceilMode whether a last window that is cut off counts
   * @return the same with smaller axes
   */
  V maxPool(V x, int axes, ConvolutionOptions window, boolean ceilMode);

  /**
   * The softmax over the last axis.
   *
   * @param x a value
   * @return the softmax
   */
  V softmax(V x);

  /**
   * A part of the last axis.
   *
   * @param x a value
   * @param start where it begins
   * @param length how long it is
   * @return the part
   */
  V narrow(V x, long start, long length);

  /**
   * Some places of the last axis.
   *
   * @param x a value
   * @param places the places
   * @return the entries there
   */
  V select(V x, long... places);

  /**
   * Parts one after the other on the last axis.
   *
   * @param first the first part
   * @param second the second part
   * @return both
   */
  V concatenate(V first, V second);

  /**
   * Splits the last axis into several.
   *
   * @param x {@code [..., product of sizes]}
   * @param sizes the sizes of the new axes; one may be {@link #REST}
   * @return {@code [..., sizes]}
   */
  V split(V x, long... sizes);

  /**
   * Joins the last axes into one.
   *
   * @param x a value
   * @param axes how many
   * @param size the product of their sizes, or {@link #REST}
   * @return a value with fewer axes
   */
  V join(V x, int axes, long size);

  /**
   * Reorders the axes.
   *
   * @param x a value
   * @param axes the old axis at each new place; as many as x has, counted from the end where there
   *     are fewer
   * @return the value with its axes in the new order
   */
  V permute(V x, int... axes);

  /**
   * The places along an axis, as numbers in the dtype of the model.
   *
   * @param x a value
   * @param axis which of its axes, counted from the end: 1 is the last
   * @param fromEnd false for 0, 1, 2, ...; true for ..., -2, -1, 0, which ends where the axis does
   * @return a column {@code [length of the axis, 1]}
   */
  V places(V x, int axis, boolean fromEnd);

  /**
   * Rows of a table by their numbers.
   *
   * @param table {@code [rows, size]}
   * @param numbers {@code [..., 1]}, whole numbers from 0 to rows - 1
   * @return {@code [..., size]}
   */
  V rows(V table, V numbers);

  /**
   * A convolution over the last axis; the constants are called {@code weight} and {@code bias}.
   *
   * @param x {@code [batch, channels, time]}
   * @param weight in the layout of PyTorch's layer
   * @param bias {@code [channels]}, or null
   * @param geometry stride, padding, dilation, output padding
   * @param transposed whether the convolution is transposed
   * @return {@code [batch, channels, time]}
   */
  V convolution(
      V x, Tensor weight, @Nullable Tensor bias, ConvolutionOptions geometry, boolean transposed);
}
