package dev.noether.nn.linear;

import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The vectors that a group leaves as they are, from coordinates on the trivial irreps. Many copies
 * share the vectors of one, so that memory does not grow with their square.
 */
final class FixedVectors {
  /** A matrix of at most so many entries is one product and kept whole. */
  private static final long FEW = 1L << 20;

  private final @Nullable Tensor whole;
  private final List<Part> parts = new ArrayList<>();
  private final Buffers buffers = new Buffers();

  /** Equal summands, and the fixed vectors of one as rows. */
  private record Part(long count, Tensor rows) {
    long coordinates() {
      return count * rows.size(0);
    }

    Tensor vector(Tensor own) {
      return own.view(count, rows.size(0)).mm(rows).view(-1);
    }
  }

  FixedVectors(Representation representation, int multiplicity, Dtype dtype) {
    if ((long) representation.size() * multiplicity <= FEW) {
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

  Buffers buffers() {
    return buffers;
  }

  /** From coordinates {@code [multiplicity]} to a vector {@code [size]}. */
  Tensor vector(Tensor coordinates) {
    if (whole != null) {
      return whole.mv(coordinates);
    }
    long[] widths = parts.stream().mapToLong(Part::coordinates).toArray();
    List<Tensor> own = Tensors.split(coordinates, 0, widths);
    List<Tensor> vectors = new ArrayList<>();
    for (Part part : parts) {
      vectors.add(part.vector(own.get(vectors.size())));
    }
    return Tensors.join(0, vectors);
  }
}
