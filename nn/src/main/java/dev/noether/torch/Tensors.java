package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Tensors from Java arrays and back, and the checks of what a layer is given. */
public final class Tensors {
  private static final int PIECE = 1 << 18;

  private Tensors() {}

  /**
   * A tensor on the CPU from doubles.
   *
   * @param dtype the dtype of the tensor
   * @param values the entries, last axis fastest
   * @param shape the shape
   * @return a new tensor
   */
  public static Tensor of(Dtype dtype, double[] values, long... shape) {
    LibTorch.load();
    requireCount(values.length, shape);
    if (values.length == 0) {
      return Scopes.compute(() -> torch.zeros(shape).to(dtype.scalarType()));
    }
    if (values.length > PIECE) {
      return Scopes.compute(() -> inPieces(dtype, values).view(shape));
    }
    return Scopes.compute(
        () ->
            torch
                .from_blob(new DoublePointer(values), shape, options(ScalarType.Double))
                .to(dtype.scalarType())
                .clone());
  }

  /**
   * A float32 tensor on the CPU.
   *
   * @param values the entries, last axis fastest
   * @param shape the shape
   * @return a new tensor
   */
  public static Tensor of(float[] values, long... shape) {
    LibTorch.load();
    requireCount(values.length, shape);
    if (values.length == 0) {
      return torch.zeros(shape);
    }
    return Scopes.compute(
        () -> torch.from_blob(new FloatPointer(values), shape, options(ScalarType.Float)).clone());
  }

  /** Copies so many values at a time that the copies do not add to the memory. */
  private static Tensor inPieces(Dtype dtype, double[] values) {
    Tensor all = torch.empty(new long[] {values.length}, options(dtype.scalarType()), null);
    for (int start = 0; start < values.length; start += PIECE) {
      int length = Math.min(PIECE, values.length - start);
      try (PointerScope scope = new PointerScope();
          DoublePointer piece = new DoublePointer(length)) {
        piece.put(values, start, length);
        all.narrow(0, start, length)
            .copy_(torch.from_blob(piece, new long[] {length}, options(ScalarType.Double)));
      }
    }
    return all;
  }

  /**
   * A tensor of 64-bit integers on the CPU.
   *
   * @param values the entries, last axis fastest
   * @param shape the shape
   * @return a new tensor
   */
  public static Tensor of(long[] values, long... shape) {
    LibTorch.load();
    requireCount(values.length, shape);
    return Scopes.compute(
        () -> shape.length == 1 ? torch.tensor(values) : torch.tensor(values).reshape(shape));
  }

  /**
   * Places for LibTorch's gathers: 32-bit integers, which take half the memory of its default.
   *
   * @param places the entries, each below 2^31
   * @return a new tensor {@code [places]} on the CPU
   */
  public static Tensor ofIndices(long... places) {
    return Scopes.compute(() -> of(places, places.length).to(ScalarType.Int));
  }

  /**
   * Places for LibTorch's gathers.
   *
   * @param places the entries, not negative
   * @return a new tensor {@code [places]} on the CPU
   */
  public static Tensor ofIndices(int[] places) {
    LibTorch.load();
    return Scopes.compute(
        () ->
            places.length == 0
                ? torch.zeros(0).to(ScalarType.Int)
                : torch
                    .from_blob(
                        new IntPointer(places), new long[] {places.length}, options(ScalarType.Int))
                    .clone());
  }

  /**
   * A matrix as a tensor on the CPU.
   *
   * @param dtype the dtype of the tensor
   * @param matrix the matrix
   * @return a new tensor {@code [rows, columns]}
   */
  public static Tensor of(Dtype dtype, Matrix matrix) {
    return ofRows(
        dtype,
        matrix.rows(),
        matrix.columns(),
        (row, values) -> Arrays.setAll(values, column -> matrix.get(row, column)));
  }

  /** The numbers of a row of a matrix. */
  @FunctionalInterface
  public interface Row {
    /**
     * Tells the numbers.
     *
     * @param row which row, from 0
     * @param values takes them
     */
    void tell(int row, double[] values);
  }

  /**
   * A matrix as a tensor on the CPU, some rows at a time: no copy of it is made in Java.
   *
   * @param dtype the dtype of the tensor
   * @param rows the number of rows
   * @param columns the number of columns
   * @param row tells the numbers of each
   * @return a new tensor {@code [rows, columns]}
   */
  public static Tensor ofRows(Dtype dtype, int rows, int columns, Row row) {
    LibTorch.load();
    return Scopes.compute(
        () -> {
          Tensor all = torch.empty(new long[] {rows, columns}, options(dtype.scalarType()), null);
          int most = Math.max(1, PIECE / Math.max(1, columns));
          double[] values = new double[columns];
          for (int start = 0; start < rows && columns > 0; start += most) {
            int count = Math.min(most, rows - start);
            try (PointerScope scope = new PointerScope();
                DoublePointer piece = new DoublePointer((long) count * columns)) {
              for (int i = 0; i < count; i++) {
                row.tell(start + i, values);
                piece.position((long) i * columns).put(values);
              }
              piece.position(0);
              long[] shape = {count, columns};
              all.narrow(0, start, count)
                  .copy_(torch.from_blob(piece, shape, options(ScalarType.Double)));
            }
          }
          return all;
        });
  }

  private static void requireCount(int count, long... shape) {
    long expected = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    require(
        count == expected,
        "a tensor of shape %s has %d entries, got %d",
        Arrays.toString(shape),
        expected,
        count);
  }

  private static TensorOptions options(ScalarType type) {
    return new TensorOptions(type);
  }

  /**
   * The entries of a tensor as doubles.
   *
   * @param tensor any real tensor, on any device
   * @return a fresh array, last axis fastest
   */
  public static double[] toArray(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor plain =
          tensor.detach().to(ComputeDevice.CPU.toTorch(), ScalarType.Double).contiguous();
      double[] values = new double[Math.toIntExact(plain.numel())];
      if (values.length > 0) {
        plain.data_ptr_double().get(values);
      }
      return values;
    }
  }

  /**
   * The shape of a tensor.
   *
   * @param tensor any tensor
   * @return its sizes, first axis first
   */
  public static long[] shape(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      LongArrayRef sizes = tensor.sizes();
      long[] shape = new long[Math.toIntExact(sizes.size())];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = sizes.get(i);
      }
      return shape;
    }
  }

  /**
   * The device of a tensor.
   *
   * @param tensor any tensor
   * @return where it lives
   */
  public static ComputeDevice device(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      org.bytedeco.pytorch.Device device = tensor.device();
      return device.is_cuda() ? new ComputeDevice("cuda", device.index()) : ComputeDevice.CPU;
    }
  }

  /**
   * The dtype of a tensor as LibTorch's constant, which may be compared with {@code ==}.
   *
   * @param tensor any tensor
   * @return the scalar type
   */
  public static ScalarType scalarType(Tensor tensor) {
    return tensor.scalar_type().intern();
  }

  /**
   * The dtype of a tensor, as PyTorch names it.
   *
   * @param tensor any tensor
   * @return such as {@code float32}, {@code int64}, {@code bool}
   */
  public static String dtypeName(Tensor tensor) {
    ScalarType type = scalarType(tensor);
    for (Dtype dtype : Dtype.values()) {
      if (dtype.scalarType() == type) {
        return dtype.toString();
      }
    }
    return switch (type) {
      case Long -> "int64";
      case Int -> "int32";
      case Short -> "int16";
      case Char -> "int8";
      case Byte -> "uint8";
      case Bool -> "bool";
      default -> type.toString();
    };
  }

  /**
   * A tensor as people read it: its dtype and shape, then its numbers in brackets, one below the
   * other. An axis of more than 6 entries shows three at each end.
   *
   * <pre>
   * float32 [2, 3]
   * [[ 1.0000, -0.5000,  0.0000],
   *  [ 2.0000,  0.2500, 10.0000]]
   * </pre>
   *
   * @param tensor any tensor; of complex, sparse and quantized ones only dtype and shape are told
   * @return its text
   */
  public static String text(Tensor tensor) {
    return TensorText.of(tensor);
  }

  /**
   * Joins tensors along an axis.
   *
   * @param axis the axis
   * @param tensors the tensors
   * @return a new tensor
   */
  public static Tensor concatenate(long axis, Tensor... tensors) {
    return torch.cat(new TensorVector(tensors), axis);
  }

  /**
   * Splits the entries along an axis.
   *
   * @param tensor any tensor
   * @param axis the axis
   * @param widths the sizes of the parts, which sum to the size of the axis
   * @return views in order; the tensor itself where there is one part
   */
  public static List<Tensor> split(Tensor tensor, long axis, long... widths) {
    if (widths.length == 1) {
      return List.of(tensor);
    }
    TensorVector parts = torch.split_with_sizes(tensor, widths, axis);
    List<Tensor> list = new ArrayList<>(widths.length);
    for (long i = 0; i < widths.length; i++) {
      list.add(parts.get(i));
    }
    return list;
  }

  /**
   * Joins tensors along an axis.
   *
   * @param axis the axis
   * @param tensors the tensors, at least one
   * @return a new tensor; the only one itself
   */
  public static Tensor join(long axis, List<Tensor> tensors) {
    return tensors.size() == 1 ? tensors.get(0) : concatenate(axis, tensors.toArray(Tensor[]::new));
  }

  /**
   * The shape of a tensor with another last axis.
   *
   * @param tensor a tensor with at least one axis
   * @param size the size of the last axis
   * @return its sizes, the last one replaced
   */
  public static long[] shapeWithLast(Tensor tensor, long size) {
    long[] shape = shape(tensor);
    shape[shape.length - 1] = size;
    return shape;
  }

  /**
   * A tensor in the dtype of another one.
   *
   * @param like a tensor of the dtype
   * @param tensor any tensor
   * @return the tensor itself where the dtypes are one
   */
  public static Tensor inDtypeOf(Tensor like, Tensor tensor) {
    return tensor.scalar_type().value == like.scalar_type().value
        ? tensor
        : tensor.to(like.scalar_type());
  }

  /**
   * A tensor with enough digits and range for sums of squares.
   *
   * @param x any floating-point tensor
   * @return in float32 where it has 16 bits, else itself
   */
  public static Tensor wide(Tensor x) {
    return x.element_size() == 2 ? x.to(ScalarType.Float) : x;
  }

  /**
   * x^2, entry by entry.
   *
   * @param tensor any real tensor
   * @return a tensor of the same shape; in float32 where it has 16 bits
   */
  public static Tensor squares(Tensor tensor) {
    Tensor x = wide(tensor);
    // The error against zero without its mean: its gradient is one pass, that of x x three.
    return torch.mse_loss(x, x.new_zeros(1), 0);
  }

  /**
   * Checks that a tensor can enter a layer.
   *
   * @param tensor what came
   * @param size the size that the last axis must have
   * @param meaning what has that size, as {@code in.size()}
   * @param description what the layer expects, in words
   * @param like a tensor of the layer, whose dtype and device the input must share
   * @throws IllegalArgumentException if the rank is 0, or the last axis, the dtype or the device
   *     differ
   */
  public static void requireInput(
      Tensor tensor, long size, String meaning, Object description, Tensor like) {
    if (tensor.dim() >= 1
        && tensor.size(-1) == size
        && (tensor.equals(like)
            || (isOfDtype(tensor, like) && tensor.is_cuda() == like.is_cuda()))) {
      return;
    }
    refuse(tensor, size, meaning, description, like);
  }

  /**
   * Checks the input of a layer that has no tensors and so no dtype.
   *
   * @param input what came
   * @throws IllegalArgumentException if it does not hold real floating-point numbers
   */
  public static void requireFloatingPoint(Tensor input) {
    if (!input.is_floating_point()) {
      require(
          false,
          "input must be floating-point numbers, got %s; convert it with to(...)",
          dtypeName(input));
    }
  }

  /**
   * Whether a tensor can be computed with another one. Under autocast, LibTorch brings float32 and
   * the two dtypes of 16 bits together.
   *
   * @param tensor what came
   * @param like a tensor of the layer
   * @return true if their dtypes are one, or autocast makes them one
   */
  public static boolean isOfDtype(Tensor tensor, Tensor like) {
    int own = tensor.scalar_type().value;
    int wanted = like.scalar_type().value;
    return own == wanted || (isCast(own) && isCast(wanted) && Autocast.isOn(like));
  }

  private static boolean isCast(int type) {
    return type == ScalarType.Float.value
        || type == ScalarType.BFloat16.value
        || type == ScalarType.Half.value;
  }

  private static void refuse(
      Tensor tensor, long size, String meaning, Object description, Tensor like) {
    long[] shape = shape(tensor);
    require(
        shape.length >= 1,
        "input must have at least one axis, the last of %s = %d (%s), got a scalar",
        meaning,
        size,
        description);
    if (shape[shape.length - 1] != size) {
      require(
          false,
          "last axis must be %s = %d (%s), got %d in %s",
          meaning,
          size,
          description,
          shape[shape.length - 1],
          Arrays.toString(shape));
    }
    if (!isOfDtype(tensor, like)) {
      require(
          false,
          "input must have the layer's dtype %s, got %s; convert one of them with to(...)",
          dtypeName(like),
          dtypeName(tensor));
    }
    if (tensor.is_cuda() != like.is_cuda()) {
      require(
          false,
          "input must be on the layer's device %s, got %s; move one of them with to(...)",
          device(like),
          device(tensor));
    }
  }
}
