package dev.noether.nn.linear;

import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The vectors that a group leaves as they are, by their coordinates on the trivial irreps: the
 * columns of {@link InvariantBias#fixedVectors}. Small matrices are kept whole, so that one call
 * does it. Copies of one summand share its vectors otherwise, which is less work than a product
 * with mostly zeros, and memory that does not grow with their square.
 */
public final class FixedVectors {
  /** A matrix of at most so many entries is kept whole. */
  private static final long FEW = 1L << 11;

  /** The same of summands of several kinds, each of which would take a product. */
  private static final long FEW_OF_KINDS = 1L << 20;

  private final int count;
  private final @Nullable Tensor whole;
  private final List<Part> parts = new ArrayList<>();
  private final Buffers buffers = new Buffers();

  /** Equal summands, and the fixed vectors of one as rows. */
  private record Part(long count, Tensor rows) {
    long coordinates() {
      return count * rows.size(0);
    }

    long size() {
      return count * rows.size(1);
    }

    Tensor vector(Tensor own) {
      return times(own, rows, size());
    }

    Tensor coordinates(Tensor own) {
      return times(own, rows.t(), coordinates());
    }

    /** Where nothing is fixed, axes are empty, so that -1 would not say how many rows. */
    private Tensor times(Tensor own, Tensor matrix, long width) {
      long[] shape = Tensors.shapeWithLast(own, width);
      long samples = Arrays.stream(shape).limit(shape.length - 1).reduce(1, (a, b) -> a * b);
      return own.reshape(samples * count, matrix.size(0)).mm(matrix).view(shape);
    }
  }

  /**
   * The fixed vectors of a representation.
   *
   * @param representation rho
   * @param dtype the dtype of the tensors
   */
  public FixedVectors(Representation representation, Dtype dtype) {
    this(representation, dtype, InvariantBias::fixedVectors);
  }

  private FixedVectors(
      Representation representation, Dtype dtype, Function<Representation, Matrix> columns) {
    count = representation.copies(representation.group().trivialIrrep()).size();
    long most = representation.runs().size() > 1 ? FEW_OF_KINDS : FEW;
    if ((long) representation.size() * count <= most) {
      whole = buffers.add("fixed", dtype, whole(representation, columns));
      return;
    }
    whole = null;
    for (Representation.Run run : representation.runs()) {
      Matrix rows = columns.apply(run.summand()).transpose();
      parts.add(new Part(run.count(), buffers.add("fixed_" + parts.size(), dtype, rows)));
    }
  }

  /** The vectors of all summands as columns, those of one after those of another. */
  private static Matrix whole(
      Representation representation, Function<Representation, Matrix> columns) {
    List<Matrix> blocks = new ArrayList<>();
    for (Representation.Run run : representation.runs()) {
      blocks.addAll(Collections.nCopies(run.count(), columns.apply(run.summand())));
    }
    return Matrix.blockDiagonal(blocks);
  }

  /**
   * The fixed vectors in the basis of the irreps, where each is one coordinate of a trivial copy.
   *
   * @param representation rho
   * @param dtype the dtype of the tensors
   * @return the unit vectors
   */
  static FixedVectors inIrreps(Representation representation, Dtype dtype) {
    return new FixedVectors(representation, dtype, InvariantBias::unitVectors);
  }

  /**
   * How many there are.
   *
   * @return the multiplicity of the trivial irrep
   */
  public int count() {
    return count;
  }

  /**
   * The tensors, for a layer to register.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * The vectors of some coordinates.
   *
   * @param coordinates {@code [..., multiplicity of the trivial irrep]}
   * @return {@code [..., size]}
   */
  public Tensor vector(Tensor coordinates) {
    if (whole == null) {
      return each(coordinates, Part::coordinates, Part::vector);
    }
    return coordinates.dim() == 1
        ? whole.mv(coordinates)
        : DenseProduct.times(coordinates, whole.t());
  }

  /**
   * The coordinates of the projections of vectors onto the fixed ones.
   *
   * @param vector {@code [..., size]}
   * @return {@code [..., multiplicity of the trivial irrep]}
   */
  public Tensor coordinates(Tensor vector) {
    if (whole == null) {
      return each(vector, Part::size, Part::coordinates);
    }
    return vector.dim() == 1 ? whole.t().mv(vector) : DenseProduct.times(vector, whole);
  }

  /**
   * The projections of vectors onto the fixed ones.
   *
   * @param vector {@code [..., size]}
   * @return {@code [..., size]}
   */
  public Tensor project(Tensor vector) {
    return vector(coordinates(vector));
  }

  /**
   * The vectors themselves.
   *
   * @return {@code [multiplicity of the trivial irrep, size]}
   */
  public Tensor rows() {
    return vector(torch.eye(count).to(like().device(), like().scalar_type()));
  }

  /** A tensor of their dtype and device. */
  Tensor like() {
    return buffers.tensors().values().iterator().next();
  }

  private Tensor each(
      Tensor all, ToLongFunction<Part> width, BiFunction<Part, Tensor, Tensor> turn) {
    List<Tensor> own = Tensors.split(all, -1, parts.stream().mapToLong(width).toArray());
    List<Tensor> turned = new ArrayList<>();
    for (Part part : parts) {
      turned.add(turn.apply(part, own.get(turned.size())));
    }
    return Tensors.join(-1, turned);
  }
}
