package dev.noether.io.pickle;

import dev.noether.algebra.Limits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds of tensors that files hold and that are named instead of read: dtypes without numbers
 * of their own in LibTorch, quantized, sparse and other layouts.
 */
final class ForeignTensors {
  /** By the class of their storages. */
  private static final Map<String, String> STORAGES =
      Map.of(
          "QInt8Storage", "qint8",
          "QUInt8Storage", "quint8",
          "QInt32Storage", "qint32",
          "QUInt4x2Storage", "quint4x2",
          "QUInt2x4Storage", "quint2x4");

  private static final Set<String> DTYPES =
      Set.of(
          "complex32",
          "qint8",
          "quint8",
          "qint32",
          "quint4x2",
          "quint2x4",
          "float4_e2m1fn_x2",
          "bits1x8",
          "bits2x4",
          "bits4x2",
          "bits8",
          "bits16",
          "uint1",
          "uint2",
          "uint3",
          "uint4",
          "uint5",
          "uint6",
          "uint7",
          "int1",
          "int2",
          "int3",
          "int4",
          "int5",
          "int6",
          "int7");

  /** What the rebuilding functions get besides. */
  private static final Set<String> WORDS =
      Set.of(
          "per_tensor_affine",
          "per_channel_affine",
          "per_tensor_symmetric",
          "per_channel_symmetric",
          "per_channel_affine_float_qparams",
          "strided",
          "sparse_coo",
          "sparse_csr",
          "sparse_csc",
          "sparse_bsr",
          "sparse_bsc",
          "jagged");

  /** A storage of such numbers, of which nothing is read. */
  record Storage(String dtype) {}

  private ForeignTensors() {}

  /** Whether a name in Python's package torch belongs to such a tensor. */
  static boolean isTorchName(String name) {
    return STORAGES.containsKey(name) || DTYPES.contains(name) || WORDS.contains(name);
  }

  /** Whether a function rebuilds a tensor; all such functions stand in two modules. */
  static boolean isRebuilding(String function) {
    return function.startsWith("torch._utils._rebuild_")
        || function.startsWith("torch._tensor._rebuild_");
  }

  static Optional<Storage> storage(String kind) {
    return Optional.ofNullable(STORAGES.get(kind)).map(Storage::new);
  }

  /** A tensor in a storage whose numbers are not read. */
  static PickledTensor ofDtype(String dtype, List<Long> shape) {
    boolean quantized = dtype.startsWith("q");
    return new PickledTensor.Foreign(
        dtype,
        shape,
        quantized
            ? "is quantized (" + dtype + "), which is not read; save its dequantize() instead"
            : "has the dtype " + dtype + ", which is not read; the other tensors are");
  }

  /** What a function that is not followed would rebuild. */
  static PickledTensor rebuilt(String function, List<Object> arguments) {
    String name = function.substring(function.lastIndexOf('.') + 1);
    if (name.equals("_rebuild_qtensor")
        && !arguments.isEmpty()
        && arguments.get(0) instanceof Storage storage) {
      return ofDtype(storage.dtype(), arguments.size() > 2 ? shape(arguments.get(2)) : List.of());
    }
    if (name.startsWith("_rebuild_sparse")) {
      return sparse(arguments);
    }
    return new PickledTensor.Foreign(
        "unknown",
        List.of(),
        "is of a kind that is not read (" + name + "); the other tensors are");
  }

  /** The arguments are a layout, and indices of some kinds, the values, the shape. */
  private static PickledTensor sparse(List<Object> arguments) {
    String dtype = "unknown";
    List<Long> shape = List.of();
    if (arguments.size() > 1 && arguments.get(1) instanceof List<?> parts) {
      for (Object part : parts) {
        if (part instanceof PickledTensor tensor) {
          dtype = tensor.entry().dtype();
        } else if (part instanceof List<?>) {
          shape = shape(part);
        }
      }
    }
    return new PickledTensor.Foreign(
        dtype, shape, "is sparse, which is not read; save its to_dense() instead");
  }

  private static List<Long> shape(Object value) {
    if (value instanceof List<?> axes
        && axes.size() <= Limits.AXES
        && axes.stream().allMatch(axis -> axis instanceof Long number && number >= 0)) {
      return axes.stream().map(Long.class::cast).toList();
    }
    return List.of();
  }
}
