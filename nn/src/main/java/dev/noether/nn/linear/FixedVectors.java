package dev.noether.nn.linear;

import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The vectors that a group leaves as they are, by their coordinates on the trivial irreps: the
 * columns of {@link InvariantBias#fixedVectors}. Copies of one summand share its vectors, which is
 * less work than a product with mostly zeros, and memory that does not grow with their square.
 */
public final class FixedVectors {
  /** Of summands of several kinds, a matrix of at most so many entries is kept as one product. */
  private static final long FEW = 1L << 20;

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
      return own.view(count, rows.size(0)).mm(rows).view(-1);
    }

    Tensor coordinates(Tensor own) {
      return own.view(count, rows.size(1)).mm(rows.t()).view(-1);
    }
  }

  /**
   * The fixed vectors of a representation.
   *
   * @param representation rho
   * @param dtype the dtype of the tensors
   */
  public FixedVectors(Representation representation, Dtype dtype) {
    count = representation.copies(representation.group().trivialIrrep()).size();
    boolean few = (long) representation.size() * count <= FEW;
    if (few && representation.runs().size() > 1) {
      whole = buffers.add("fixed", dtype, InvariantBias.fixedVectors(representation));
      return;
    }
    whole = null;
    for (Representation.Run run : representation.runs()) {
      Tensor rows =
          buffers.add(
              "fixed_" + parts.size(),
              dtype,
              InvariantBias.fixedVectors(run.summand()).transpose());
      parts.add(new Part(run.count(), rows));
    }
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
   * The vector of some coordinates.
   *
   * @param coordinates {@code [multiplicity of the trivial irrep]}
   * @return {@code [size]}
   */
  public Tensor vector(Tensor coordinates) {
    return whole != null
        ? whole.mv(coordinates)
        : each(coordinates, Part::coordinates, Part::vector);
  }

  /**
   * The coordinates of a vector's projection onto the fixed ones.
   *
   * @param vector {@code [size]}
   * @return {@code [multiplicity of the trivial irrep]}
   */
  public Tensor coordinates(Tensor vector) {
    return whole != null ? whole.t().mv(vector) : each(vector, Part::size, Part::coordinates);
  }

  private Tensor each(
      Tensor all, ToLongFunction<Part> width, BiFunction<Part, Tensor, Tensor> turn) {
    List<Tensor> own = Tensors.split(all, 0, parts.stream().mapToLong(width).toArray());
    List<Tensor> turned = new ArrayList<>();
    for (Part part : parts) {
      turned.add(turn.apply(part, own.get(turned.size())));
    }
    return Tensors.join(0, turned);
  }
}
