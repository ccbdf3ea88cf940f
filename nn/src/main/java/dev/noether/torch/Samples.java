package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A data set as rows of features, read in float64 pieces of bounded size.
 *
 * <p>All axes but the last count as samples. The rows share memory with the tensor they come from,
 * without gradient.
 */
public final class Samples {
  /** Numbers in a piece: 32 MiB of float64. */
  private static final long PIECE = 1L << 22;

  private final Tensor rows;
  private final TensorKind kind;
  private final long count;
  private final String name;

  private Samples(Tensor rows, TensorKind kind, long count, String name) {
    this.rows = rows;
    this.kind = kind;
    this.count = count;
    this.name = name;
  }

  /**
   * Takes a tensor as samples.
   *
   * @param tensor {@code [..., size]}, of any floating-point dtype
   * @param size the number of features
   * @param name what the samples are called in messages, as {@code x}
   * @param description what the features are, in words
   * @return the samples
   * @throws IllegalArgumentException if the last axis or the dtype does not fit
   */
  public static Samples of(Tensor tensor, long size, String name, Object description) {
    long[] shape = Tensors.shape(tensor);
    require(
        shape.length >= 1 && shape[shape.length - 1] == size,
        "%s must be samples [N, %d] (%s), got %s",
        name,
        size,
        description,
        Arrays.toString(shape));
    TensorKind kind = TensorKind.of(tensor);
    long count = Arrays.stream(shape, 0, shape.length - 1).reduce(1, Math::multiplyExact);
    return new Samples(tensor.detach().reshape(count, size), kind, count, name);
  }

  /**
   * The number of samples.
   *
   * @return N, 0 for an empty batch
   */
  public long count() {
    return count;
  }

  /**
   * The dtype and device they came in.
   *
   * @return the kind
   */
  public TensorKind kind() {
    return kind;
  }

  /**
   * How many rows a piece may have, so that a few copies of it fit in any memory.
   *
   * @param width how many numbers are kept for one row
   * @return at least 1
   */
  public static long pieceLength(long width) {
    return Math.max(1, PIECE / Math.max(1, width));
  }

  /**
   * Some rows in float64, checked to be finite.
   *
   * @param start the first row
   * @param length how many rows
   * @return {@code [length, size]}
   * @throws IllegalArgumentException if a number is NaN or infinite
   */
  public Tensor piece(long start, long length) {
    Tensor piece = rows.narrow(0, start, length).to(ScalarType.Double);
    requireFinite(piece, name, start);
    return piece;
  }

  /**
   * Checks that a tensor holds neither NaN nor infinity.
   *
   * @param rows {@code [N, size]}
   * @param name what it is called in the message
   * @param offset the number of the first row in the message
   * @throws IllegalArgumentException if it does; the message names the first row
   */
  public static void requireFinite(Tensor rows, String name, long offset) {
    try (PointerScope scope = new PointerScope()) {
      Tensor finite = rows.isfinite();
      if (!finite.all().item().toBool()) {
        double[] good = Tensors.toArray(finite.all(1));
        int first = 0;
        while (good[first] != 0) {
          first++;
        }
        require(
            false,
            "%s must be finite, got NaN or infinity in row %d; drop or repair such samples",
            name,
            offset + first);
      }
    }
  }
}
