package dev.noether.spectral;

import dev.noether.algebra.EqualRun;
import dev.noether.algebra.Matrix;
import dev.noether.basis.BasisChange;
import dev.noether.basis.BlockDiagonal;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
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
public final class CopyScaling {
  /** Smaller summands share a map, because many small products cost more to start than to do. */
  private static final int SMALLEST_PART = 32;

  /** Up to this width one map is as fast as two. */
  private static final int LARGEST_PART = 64;

  /** Up to this many numbers the maps of a unit are one product of its scales with a table. */
  private static final long LARGEST_TABLE = 1L << 13;

  /**
   * Equal parts next to each other, each of some equal units on its diagonal.
   *
   * @param count the parts
   * @param size the coordinates of each
   * @param units the units of each: its summands where they are equal, else the part itself
   * @param copies the copies of irreps in a unit
   * @param change of a unit into the irreps
   * @param copyOf the copy of each of its coordinates, where there is no table
   * @param table projections onto the copies of a unit, where they are few numbers
   * @param diagonal ones where a unit meets itself, zeros elsewhere, where there are many in a part
   */
  private record Run(
      int count,
      int size,
      int units,
      int copies,
      BasisChange change,
      @Nullable Tensor copyOf,
      @Nullable Tensor table,
      @Nullable Tensor diagonal) {
    int width() {
      return count * size;
    }

    boolean isDiagonal() {
      return change.isIdentity();
    }

    /**
     * Q diag(s) Q^T for every part, {@code [count, size, size]}, of a single one {@code [size,
     * size]}; the diagonals where Q = I.
     */
    Tensor expand(Tensor scales) {
      if (table != null) {
        return onDiagonals(scales.view(-1, copies).mm(table));
      }
      Tensor spread = scales.view(-1, copies).index_select(1, Objects.requireNonNull(copyOf));
      return change
          .matrix()
          .map(basis -> change.timesTranspose(basis.mul(spread.unsqueeze(1))))
          .map(this::onDiagonals)
          .orElseGet(() -> spread.view(-1));
    }

    /** The maps of units, in order, as blocks of zeros else. */
    private Tensor onDiagonals(Tensor maps) {
      if (diagonal == null) {
        return maps.view(shape());
      }
      int unit = size / units;
      long[] rows =
          count == 1 ? new long[] {units, unit, 1, unit} : new long[] {count, units, unit, 1, unit};
      return maps.view(rows).mul(diagonal).view(shape());
    }

    private long[] shape() {
      return count == 1 ? new long[] {size, size} : new long[] {count, size, size};
    }

    /** Its maps, cut out of all. */
    Tensor own(Tensor flat) {
      return isDiagonal() ? flat : flat.view(shape());
    }

    Tensor apply(Tensor input, Tensor maps, @Nullable Tensor bias) {
      if (isDiagonal()) {
        Tensor scaled = input.mul(maps);
        return bias == null ? scaled : scaled.add(bias);
      }
      if (count == 1) {
        return DenseProduct.apply(input, maps, bias); // the map is symmetric
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
  private final Buffers buffers = new Buffers();
  private final int largest;

  /**
   * The maps of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the tensors
   * @param basis Q of the same representation, whose tensors are shared where they can be
   */
  public CopyScaling(Representation representation, Dtype dtype, BlockDiagonal basis) {
    for (EqualRun<Representation> part : EqualRun.of(parts(representation))) {
      runs.add(run(part.value(), part.count(), dtype, basis));
    }
    largest = runs.stream().mapToInt(Run::size).max().orElse(0);
  }

  /** How wide a part is at least: of equal summands so that all parts are equal if that can be. */
  private static int partWidth(Representation representation) {
    int all = representation.summands().size();
    int size = representation.summands().get(0).size();
    if (representation.summands().stream().distinct().count() > 1) {
      return SMALLEST_PART;
    }
    if (representation.size() <= LARGEST_PART) {
      return representation.size();
    }
    int width = size * BlockDiagonal.joined(size, all, SMALLEST_PART, LARGEST_PART);
    return Math.max(width, SMALLEST_PART);
  }

  /** Summands that are in the irreps' basis together; of the others as many as fill a part. */
  private static List<Representation> parts(Representation representation) {
    int enough = partWidth(representation);
    List<Representation> parts = new ArrayList<>();
    List<Representation> open = new ArrayList<>();
    boolean before = false;
    int width = 0;
    for (Representation summand : representation.summands()) {
      boolean plain = BasisChange.isIdentity(summand.changeOfBasis());
      if (!open.isEmpty() && (plain != before || (!plain && width >= enough))) {
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

  private Run run(Representation part, int count, Dtype dtype, BlockDiagonal basis) {
    String number = "." + runs.size();
    boolean plain = BasisChange.isIdentity(part.changeOfBasis());
    boolean equal = !plain && part.summands().stream().distinct().count() == 1;
    int units = equal ? part.summands().size() : 1;
    Representation unit = equal ? part.summands().get(0) : part;
    int copies = unit.irreps().size();
    @Nullable BasisChange shared = basis.onlyBlock(unit.size()).orElse(null);
    BasisChange change = shared == null ? BasisChange.of(unit.changeOfBasis(), dtype) : shared;
    @Nullable Tensor table = null;
    @Nullable Tensor copyOf = null;
    if (!plain && (long) copies * unit.size() * unit.size() <= LARGEST_TABLE) {
      table = buffers.add("table" + number, dtype, table(unit));
    } else {
      copyOf = buffers.add("copy_of" + number, Coordinates.copies(unit));
      if (shared == null) {
        buffers.addAll("basis" + number + ".", change.buffers());
      }
    }
    @Nullable Tensor diagonal =
        units == 1
            ? null
            : buffers.add(
                "diagonal" + number,
                Tensors.of(dtype, Matrix.identity(units)).view(units, 1, units, 1));
    return new Run(count, part.size(), units, copies, change, copyOf, table, diagonal);
  }

  /** Row c is the projection onto copy c, {@code [copies, size * size]}. */
  private static Matrix table(Representation unit) {
    Matrix q = unit.changeOfBasis();
    int size = unit.size();
    List<Representation.Copy> copies = unit.copies();
    double[] entries = new double[copies.size() * size * size];
    for (int c = 0; c < copies.size(); c++) {
      for (int i = 0; i < size * size; i++) {
        for (int k = copies.get(c).start(); k < copies.get(c).end(); k++) {
          entries[c * size * size + i] += q.get(i / size, k) * q.get(i % size, k);
        }
      }
    }
    return Matrix.of(copies.size(), size * size, entries);
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
   * Whether the maps are the cheaper way.
   *
   * @param samples how many vectors they are applied to
   * @param kept whether they are expanded once for many calls
   * @return true if they are less work than the way into the irreps and back
   */
  public boolean pays(long samples, boolean kept) {
    return kept || samples >= 2L * largest;
  }

  /**
   * The maps of given scales.
   *
   * @param scales {@code [copies]}
   * @return the maps, for {@link #apply}
   */
  public Tensor expand(Tensor scales) {
    if (runs.size() == 1) {
      return runs.get(0).expand(scales);
    }
    long[] counts =
        runs.stream().mapToLong(run -> (long) run.count * run.units * run.copies).toArray();
    List<Tensor> parts = Tensors.split(scales, 0, counts);
    List<Tensor> maps = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      maps.add(runs.get(i).expand(parts.get(i)).view(-1));
    }
    return Tensors.join(0, maps);
  }

  /**
   * Applies maps.
   *
   * @param input {@code [..., size]}
   * @param maps what {@link #expand} gave
   * @param bias {@code [size]}, added to the result; null for none
   * @return {@code [..., size]}
   */
  public Tensor apply(Tensor input, Tensor maps, @Nullable Tensor bias) {
    if (runs.size() == 1) {
      return runs.get(0).apply(input, maps, bias);
    }
    List<Tensor> inputs = Tensors.split(input, -1, runs.stream().mapToLong(Run::width).toArray());
    List<Tensor> own = Tensors.split(maps, 0, runs.stream().mapToLong(Run::numbers).toArray());
    List<Tensor> results = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Run run = runs.get(i);
      results.add(run.apply(inputs.get(i), run.own(own.get(i)), null));
    }
    Tensor output = Tensors.join(-1, results);
    return bias == null ? output : output.add(bias);
  }
}
