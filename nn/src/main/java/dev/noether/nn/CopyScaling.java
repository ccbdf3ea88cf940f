package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * One number for every copy of an irrep, the same for all samples, as dense maps in the
 * representation's own basis: x Q diag(s) Q^T with one map for every part, a summand or a few small
 * ones.
 *
 * <p>With gradients that is three products of the part's size, where the way into the irreps and
 * back takes four, and more passes over the features.
 */
final class CopyScaling {
  /** Smaller summands share a map, because many small products cost more to start than to do. */
  private static final int SMALLEST_PART = 32;

  /** Up to this many numbers a part's map is one product of its scales with a table. */
  private static final long LARGEST_TABLE = 1L << 18;

  /** Equal parts next to each other; neither basis nor table where theirs is the irreps' basis. */
  private record Run(
      int count,
      int size,
      int copies,
      Tensor copyOf,
      @Nullable Tensor basis,
      @Nullable Tensor table) {
    int width() {
      return count * size;
    }

    boolean isDiagonal() {
      return basis == null && table == null;
    }

    /** Q diag(s) Q^T for every part, {@code [count, size, size]}; the diagonals where Q = I. */
    Tensor expand(Tensor scales) {
      Tensor own = scales.view(count, copies);
      if (table != null) {
        return own.mm(table).view(count, size, size);
      }
      Tensor spread = own.index_select(1, copyOf);
      return basis == null ? spread : basis.mul(spread.unsqueeze(1)).matmul(basis.t());
    }

    Tensor apply(Tensor input, Tensor flat, @Nullable Tensor bias) {
      if (isDiagonal()) {
        Tensor scaled = input.mul(flat);
        return bias == null ? scaled : scaled.add(bias);
      }
      Tensor maps = flat.view(count, size, size);
      if (count == 1) {
        return Affine.apply(input, maps.select(0, 0), bias); // the map is symmetric
      }
      Tensor each = input.reshape(-1, count, size).transpose(0, 1);
      Tensor mapped =
          bias == null ? each.bmm(maps) : torch.baddbmm(bias.view(count, 1, size), each, maps);
      return mapped.transpose(0, 1).reshape(Tensors.shape(input));
    }

    long numbers() {
      return isDiagonal() ? width() : (long) width() * size;
    }
  }

  private final List<Run> runs = new ArrayList<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final int largest;

  CopyScaling(Representation representation, Dtype dtype) {
    List<Representation> parts = parts(representation);
    int most = 0;
    for (int first = 0, end; first < parts.size(); first = end) {
      Representation part = parts.get(first);
      end = first + 1;
      while (end < parts.size() && parts.get(end).equals(part)) {
        end++;
      }
      runs.add(run(part, end - first, dtype));
      most = Math.max(most, part.size());
    }
    largest = most;
  }

  /** Summands that are in the irreps' basis together; of the others as many as fill a part. */
  private static List<Representation> parts(Representation representation) {
    List<Representation> parts = new ArrayList<>();
    List<Representation> open = new ArrayList<>();
    boolean before = false;
    int width = 0;
    for (Representation summand : representation.summands()) {
      boolean plain = BlockDiagonal.isIdentity(summand.changeOfBasis());
      if (!open.isEmpty() && (plain != before || (!plain && width >= SMALLEST_PART))) {
        parts.add(Representation.directSum(open));
        open.clear();
        width = 0;
      }
      open.add(summand);
      width += summand.size();
      before = plain;
    }
    parts.add(Representation.directSum(open));
    return parts;
  }

  private Run run(Representation part, int count, Dtype dtype) {
    Tensor copyOf = register("copy_of", Coordinates.copies(part));
    Matrix q = part.changeOfBasis();
    int size = part.size();
    int copies = part.irreps().size();
    if (BlockDiagonal.isIdentity(q)) {
      return new Run(count, size, copies, copyOf, null, null);
    }
    if ((long) copies * size * size <= LARGEST_TABLE) {
      return new Run(count, size, copies, copyOf, null, register("table", table(part, dtype)));
    }
    return new Run(count, size, copies, copyOf, register("basis", Tensors.of(dtype, q)), null);
  }

  private Tensor register(String name, Tensor tensor) {
    buffers.put("scaling_" + name + "_" + runs.size(), tensor);
    return tensor;
  }

  /** Row c is the projection onto copy c, {@code [copies, size * size]}. */
  private static Tensor table(Representation part, Dtype dtype) {
    Matrix q = part.changeOfBasis();
    int size = part.size();
    List<Irrep> irreps = part.irreps();
    double[] entries = new double[irreps.size() * size * size];
    int start = 0;
    for (int c = 0; c < irreps.size(); c++) {
      int d = irreps.get(c).dimension();
      for (int i = 0; i < size * size; i++) {
        for (int k = start; k < start + d; k++) {
          entries[c * size * size + i] += q.get(i / size, k) * q.get(i % size, k);
        }
      }
      start += d;
    }
    return Tensors.of(dtype, entries, irreps.size(), (long) size * size);
  }

  /** The tensors, for a layer to register. */
  Map<String, Tensor> buffers() {
    return buffers;
  }

  /**
   * Whether the maps are the cheaper way.
   *
   * @param samples how many vectors they are applied to
   * @param kept whether they are expanded once for many calls
   */
  boolean pays(long samples, boolean kept) {
    return kept || samples >= 2L * largest;
  }

  /** The maps of given scales {@code [copies]}, one after the other in one flat tensor. */
  Tensor expand(Tensor scales) {
    if (runs.size() == 1) {
      return runs.get(0).expand(scales).reshape(-1);
    }
    long[] counts = runs.stream().mapToLong(run -> (long) run.count * run.copies).toArray();
    TensorVector parts = torch.split_with_sizes(scales, counts, 0);
    Tensor[] maps = new Tensor[counts.length];
    for (int i = 0; i < maps.length; i++) {
      maps[i] = runs.get(i).expand(parts.get(i)).reshape(-1);
    }
    return Tensors.concatenate(0, maps);
  }

  /** Applies what {@link #expand} gave to {@code [..., size]}, and adds a bias {@code [size]}. */
  Tensor apply(Tensor input, Tensor maps, @Nullable Tensor bias) {
    if (runs.size() == 1) {
      return runs.get(0).apply(input, maps, bias);
    }
    long[] widths = runs.stream().mapToLong(Run::width).toArray();
    long[] counts = runs.stream().mapToLong(Run::numbers).toArray();
    TensorVector inputs = torch.split_with_sizes(input, widths, -1);
    TensorVector own = torch.split_with_sizes(maps, counts, 0);
    Tensor[] results = new Tensor[widths.length];
    for (int i = 0; i < results.length; i++) {
      results[i] = runs.get(i).apply(inputs.get(i), own.get(i), null);
    }
    Tensor output = Tensors.concatenate(-1, results);
    return bias == null ? output : output.add(bias);
  }
}
