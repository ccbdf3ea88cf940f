package dev.noether.spectral;

import dev.noether.algebra.EqualRun;
import dev.noether.algebra.Matrix;
import dev.noether.basis.BasisChange;
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
   */
  private record Run(
      int count,
      int size,
      int units,
      int copies,
      BasisChange change,
      @Nullable Tensor copyOf,
      @Nullable Tensor table) {
    int width() {
      return count * size;
    }

    boolean isDiagonal() {
      return change.isIdentity();
    }

    /** Q diag(s) Q^T for every part, {@code [count, size, size]}; the diagonals where Q = I. */
    Tensor expand(Tensor scales) {
      Tensor own = scales.view(-1, copies);
      if (table != null) {
        return onDiagonals(own.mm(table));
      }
      Tensor spread = own.index_select(1, Objects.requireNonNull(copyOf));
      return change
          .matrix()
          .map(basis -> change.timesTranspose(basis.mul(spread.unsqueeze(1))))
          .map(this::onDiagonals)
          .orElse(spread);
    }

    /** The maps of units, in order, as blocks of zeros else. */
    private Tensor onDiagonals(Tensor maps) {
      if (units == 1) {
        return maps;
      }
      int unit = size / units;
      long[] shape = {count, units, unit, unit};
      long[] strides = {(long) size * size, (long) unit * (size + 1), size, 1};
      Tensor zeros = maps.new_zeros((long) width() * size);
      return zeros.as_strided_scatter(maps.reshape(shape), shape, strides);
    }

    Tensor apply(Tensor input, Tensor flat, @Nullable Tensor bias) {
      if (isDiagonal()) {
        Tensor scaled = input.mul(flat);
        return bias == null ? scaled : scaled.add(bias);
      }
      Tensor maps = flat.view(count, size, size);
      if (count == 1) {
        return DenseProduct.apply(input, maps.select(0, 0), bias); // the map is symmetric
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
   */
  public CopyScaling(Representation representation, Dtype dtype) {
    for (EqualRun<Representation> part : EqualRun.of(parts(representation))) {
      runs.add(run(part.value(), part.count(), dtype));
    }
    largest = runs.stream().mapToInt(Run::size).max().orElse(0);
  }

  /** Summands that are in the irreps' basis together; of the others as many as fill a part. */
  private static List<Representation> parts(Representation representation) {
    List<Representation> parts = new ArrayList<>();
    List<Representation> open = new ArrayList<>();
    boolean before = false;
    int width = 0;
    for (Representation summand : representation.summands()) {
      boolean plain = BasisChange.isIdentity(summand.changeOfBasis());
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
    String number = "." + runs.size();
    boolean plain = BasisChange.isIdentity(part.changeOfBasis());
    boolean equal = !plain && part.summands().stream().distinct().count() == 1;
    int units = equal ? part.summands().size() : 1;
    Representation unit = equal ? part.summands().get(0) : part;
    int copies = unit.irreps().size();
    BasisChange change = BasisChange.of(unit.changeOfBasis(), dtype);
    @Nullable Tensor table = null;
    @Nullable Tensor copyOf = null;
    if (!plain && (long) copies * unit.size() * unit.size() <= LARGEST_TABLE) {
      table = buffers.add("table" + number, dtype, table(unit));
    } else {
      copyOf = buffers.add("copy_of" + number, Coordinates.copies(unit));
      buffers.addAll("basis" + number + ".", change.buffers());
    }
    return new Run(count, part.size(), units, copies, change, copyOf, table);
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
   * @return the maps, one after the other in one flat tensor
   */
  public Tensor expand(Tensor scales) {
    long[] counts =
        runs.stream().mapToLong(run -> (long) run.count * run.units * run.copies).toArray();
    List<Tensor> parts = Tensors.split(scales, 0, counts);
    List<Tensor> maps = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      maps.add(runs.get(i).expand(parts.get(i)).reshape(-1));
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
      results.add(runs.get(i).apply(inputs.get(i), own.get(i), null));
    }
    Tensor output = Tensors.join(-1, results);
    return bias == null ? output : output.add(bias);
  }
}
