package dev.noether.hom;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The way of a representation's features into the isotypic basis and back: one product shared by
 * equal summands, and a reordering.
 *
 * <p>Inside the matrix of an irrep, copies are ordered [run of equal summands, row of the
 * endomorphism algebra, copy inside a summand, summand].
 */
public final class SpectralBasis {
  /** From here on, products are padded to a multiple of {@link #LANES} columns. */
  private static final int SMALLEST_PADDED = 24;

  /** Products whose columns fill the processor's vectors are a fifth faster. */
  private static final int LANES = 8;

  /** Consecutive equal summands; {@code copies} of each irrep in one of them. */
  private record Run(
      Representation summand,
      int start,
      int count,
      List<Integer> copies,
      int columns,
      @Nullable Tensor basis) {
    int features() {
      return count * summand.size();
    }
  }

  private final Representation representation;
  private final List<Irrep> irreps;
  private final List<Integer> places;
  private final int trivial;
  private final @Nullable Tensor trivialOrder;
  private final List<Run> runs = new ArrayList<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  private SpectralBasis(Representation representation, List<Irrep> irreps, Dtype dtype) {
    this.representation = representation;
    this.irreps = List.copyOf(irreps);
    this.places = irreps.stream().map(representation.group().irreps()::indexOf).toList();
    List<Representation> summands = representation.summands();
    int start = 0;
    for (int first = 0, end; first < summands.size(); first = end) {
      Representation summand = summands.get(first);
      end = first + 1;
      while (end < summands.size() && summands.get(end).equals(summand)) {
        end++;
      }
      runs.add(run(summand, start, end - first, dtype));
      start += runs.get(runs.size() - 1).features();
    }
    trivial = irreps.indexOf(representation.group().trivialIrrep());
    int[] order =
        trivial < 0 ? new int[0] : columns(trivial).stream().mapToInt(copy -> copy).toArray();
    trivialOrder = CoefficientOrder.isIdentity(order) ? null : keepOrder(order);
  }

  private Tensor keepOrder(int[] order) {
    Tensor tensor = Scopes.keep(Tensors.ofIndices(Arrays.stream(order).asLongStream().toArray()));
    buffers.put("trivial", tensor);
    return tensor;
  }

  /**
   * The basis of some irreps of a representation.
   *
   * @param representation the representation
   * @param irreps which of its irreps are wanted; features of the others are lost on the way in and
   *     zero on the way out
   * @param dtype the dtype of its tensors
   * @return the basis, on the CPU
   */
  public static SpectralBasis of(Representation representation, List<Irrep> irreps, Dtype dtype) {
    return new SpectralBasis(representation, irreps, dtype);
  }

  private Run run(Representation summand, int start, int count, Dtype dtype) {
    int[] columns = columns(summand, irreps);
    List<Integer> copies = irreps.stream().map(irrep -> starts(summand, irrep).size()).toList();
    Tensor kept = null;
    if (turns(summand, columns)) {
      kept = Scopes.keep(padded(summand.changeOfBasis().columns(columns), dtype));
      buffers.put(String.valueOf(runs.size()), kept);
    }
    return new Run(summand, start, count, copies, columns.length, kept);
  }

  /** The columns of a summand's Q in the order of the basis. */
  private static int[] columns(Representation summand, List<Irrep> irreps) {
    IntStream.Builder columns = IntStream.builder();
    for (Irrep irrep : irreps) {
      int height = height(irrep);
      List<Integer> starts = starts(summand, irrep);
      for (int row = 0; row < height; row++) {
        for (int u = 0; u < units(irrep); u++) {
          for (int copy : starts) {
            columns.add(copy + u * height + row);
          }
        }
      }
    }
    return columns.build().toArray();
  }

  /** Whether some columns of a summand's Q are more than the identity. */
  private static boolean turns(Representation summand, int[] columns) {
    Matrix q = summand.changeOfBasis();
    boolean identity = columns.length == 0 || columns.length == q.rows();
    for (int row = 0; row < q.rows() && identity; row++) {
      for (int j = 0; j < columns.length && identity; j++) {
        identity = q.get(row, columns[j]) == (row == j ? 1 : 0);
      }
    }
    return !identity;
  }

  /** The numbers that a basis keeps for equal summands in a row. */
  static long keptNumbers(Representation summand, List<Irrep> irreps) {
    int[] columns = columns(summand, irreps);
    return turns(summand, columns) ? (long) padded(columns.length) * summand.size() : 0;
  }

  /** The matrix with columns of zeros behind. */
  private static Tensor padded(Matrix basis, Dtype dtype) {
    int width = padded(basis.columns());
    if (width == basis.columns()) {
      return Tensors.of(dtype, basis);
    }
    double[] entries = new double[Matrix.entries(basis.rows(), width)];
    for (int row = 0; row < basis.rows(); row++) {
      for (int column = 0; column < basis.columns(); column++) {
        entries[row * width + column] = basis.get(row, column);
      }
    }
    return Tensors.of(dtype, entries, basis.rows(), width);
  }

  /** How many columns a product of so many is given. */
  static int padded(int columns) {
    return columns < SMALLEST_PADDED ? columns : (columns + LANES - 1) / LANES * LANES;
  }

  private static int units(Irrep irrep) {
    return irrep.type().endomorphismDimension();
  }

  private static int height(Irrep irrep) {
    return irrep.dimension() / units(irrep);
  }

  /** The columns of a summand's Q at which the copies of an irrep begin. */
  private static List<Integer> starts(Representation summand, Irrep irrep) {
    List<Integer> starts = new ArrayList<>();
    int column = 0;
    for (Irrep copy : summand.irreps()) {
      if (copy.equals(irrep)) {
        starts.add(column);
      }
      column += copy.dimension();
    }
    return starts;
  }

  /**
   * The representation.
   *
   * @return the representation
   */
  public Representation representation() {
    return representation;
  }

  /**
   * The tensors that it computes with. A layer that moves them does so in place.
   *
   * @return an unmodifiable map
   */
  public Map<String, Tensor> buffers() {
    return Collections.unmodifiableMap(buffers);
  }

  /**
   * The place of an irrep of this basis in the group's list.
   *
   * @param irrep its number in this basis, below {@link #irreps}
   * @return its number in the group
   */
  public int place(int irrep) {
    return places.get(irrep);
  }

  /**
   * How many irreps are wanted.
   *
   * @return the number of irreps
   */
  public int irreps() {
    return irreps.size();
  }

  /**
   * What the columns of an irrep's matrix are, in their order.
   *
   * @param irrep its number in this basis
   * @return copy * S + row of the endomorphism algebra, the copies of the irrep counted through the
   *     representation
   */
  public List<Integer> columns(int irrep) {
    int s = units(irreps.get(irrep));
    List<Integer> order = new ArrayList<>();
    int seen = 0;
    for (Run run : runs) {
      int copies = run.copies.get(irrep);
      for (int u = 0; u < s; u++) {
        for (int copy = 0; copy < copies; copy++) {
          for (int i = 0; i < run.count; i++) {
            order.add((seen + i * copies + copy) * s + u);
          }
        }
      }
      seen += run.count * copies;
    }
    return order;
  }

  /**
   * How the columns of an irrep's matrix fall into runs of equal summands.
   *
   * @param irrep its number in this basis
   * @return the copies in each run that has some, in their order
   */
  public List<Long> copiesOfRuns(int irrep) {
    return runs.stream()
        .map(run -> (long) run.copies.get(irrep) * run.count)
        .filter(copies -> copies > 0)
        .toList();
  }

  /**
   * Whether features may pass from this basis into another one as they are.
   *
   * @param next a basis of the representation that comes next
   * @return true if both order the copies of every irrep alike
   */
  public boolean leadsInto(SpectralBasis next) {
    if (!representation.equals(next.representation) || runs.size() != next.runs.size()) {
      return false;
    }
    for (int i = 0; i < runs.size(); i++) {
      if (runs.get(i).count != next.runs.get(i).count
          || !runs.get(i).summand.irreps().equals(next.runs.get(i).summand.irreps())) {
        return false;
      }
    }
    return true;
  }

  /**
   * The multiply-adds of one change of basis for one sample.
   *
   * @return the number of multiply-adds, 0 where nothing turns
   */
  public long multiplyAdds() {
    return runs.stream()
        .filter(run -> run.basis != null)
        .mapToLong(run -> (long) run.features() * run.columns)
        .sum();
  }

  /**
   * Takes features into the isotypic basis.
   *
   * @param input {@code [samples, size]}
   * @return the features of each irrep
   */
  public Spectrum enter(Tensor input) {
    long samples = input.size(0);
    List<List<Tensor>> parts = new ArrayList<>();
    irreps.forEach(irrep -> parts.add(new ArrayList<>()));
    for (Run run : runs) {
      if (run.columns > 0) {
        List<Tensor> pieces = pieces(run, ordered(run, input, samples));
        int next = 0;
        for (int k = 0; k < irreps.size(); k++) {
          int copies = run.copies.get(k);
          if (copies > 0) {
            Irrep irrep = irreps.get(k);
            parts
                .get(k)
                .add(
                    pieces
                        .get(next++)
                        .reshape(
                            samples * height(irrep), (long) units(irrep) * copies * run.count));
          }
        }
      }
    }
    return spectrum(samples, parts.stream().map(SpectralBasis::joined).toList());
  }

  /** A spectrum from the features of this basis' irreps, in their order. */
  Spectrum spectrum(long samples, List<Optional<Tensor>> features) {
    List<Optional<Tensor>> all =
        new ArrayList<>(
            Collections.nCopies(representation.group().irreps().size(), Optional.empty()));
    for (int k = 0; k < irreps.size(); k++) {
      all.set(places.get(k), features.get(k));
    }
    return new Spectrum(samples, all);
  }

  /**
   * Adds an invariant vector.
   *
   * @param spectrum features in this basis
   * @param coordinates its coordinates on the trivial copies, in the order of the representation
   * @return the sum; the spectrum itself where no trivial irrep is wanted
   */
  public Spectrum addInvariant(Spectrum spectrum, Tensor coordinates) {
    if (trivial < 0) {
      return spectrum;
    }
    Tensor ordered = trivialOrder == null ? coordinates : coordinates.index_select(0, trivialOrder);
    int place = places.get(trivial);
    return spectrum.with(
        place,
        spectrum
            .of(place)
            .map(features -> features.add(ordered))
            .orElseGet(() -> ordered.expand(spectrum.samples(), ordered.size(0))));
  }

  /**
   * The mean of the invariant features: what {@link #addInvariant} adds to zero, averaged.
   *
   * @param spectrum features in this basis
   * @return coordinates on the trivial copies, in the order of the representation; empty where they
   *     are zero
   */
  public Optional<Tensor> invariantMean(Spectrum spectrum) {
    if (trivial < 0) {
      return Optional.empty();
    }
    Tensor order = trivialOrder;
    return spectrum
        .of(places.get(trivial))
        .map(features -> features.mean(0))
        .map(mean -> order == null ? mean : mean.new_zeros(mean.size(0)).index_add(0, order, mean));
  }

  private static Optional<Tensor> joined(List<Tensor> parts) {
    return parts.isEmpty() ? Optional.empty() : Optional.of(join(parts));
  }

  private static Tensor join(List<Tensor> parts) {
    return parts.size() == 1 ? parts.get(0) : Tensors.concatenate(1, parts.toArray(Tensor[]::new));
  }

  /** The features of a run, {@code [samples, columns count]}, summands fastest. */
  private static Tensor ordered(Run run, Tensor input, long samples) {
    long size = run.summand.size();
    Tensor own =
        input.size(1) == run.features() ? input : input.narrow(1, run.start, run.features());
    Tensor turned =
        run.basis == null
            ? own.reshape(samples, run.count, size)
            : own.reshape(samples * run.count, size)
                .mm(run.basis)
                .view(samples, run.count, padded(run.columns));
    if (run.basis != null && padded(run.columns) > run.columns) {
      turned = turned.narrow(2, 0, run.columns);
    }
    return run.count == 1
        ? turned.squeeze(1)
        : turned.transpose(1, 2).reshape(samples, (long) run.columns * run.count);
  }

  /** Splits the features of a run into those of its irreps. */
  private List<Tensor> pieces(Run run, Tensor ordered) {
    List<Long> widths = new ArrayList<>();
    for (int k = 0; k < irreps.size(); k++) {
      if (run.copies.get(k) > 0) {
        widths.add((long) irreps.get(k).dimension() * run.copies.get(k) * run.count);
      }
    }
    return split(ordered, widths);
  }

  private static List<Tensor> split(Tensor tensor, List<Long> widths) {
    if (widths.size() == 1) {
      return List.of(tensor);
    }
    TensorVector parts =
        torch.split_with_sizes(tensor, widths.stream().mapToLong(w -> w).toArray(), 1);
    List<Tensor> list = new ArrayList<>();
    for (long i = 0; i < parts.size(); i++) {
      list.add(parts.get(i));
    }
    return list;
  }

  /**
   * Brings features back into the basis of the representation.
   *
   * @param spectrum the features of each irrep
   * @param like a tensor of their dtype and device
   * @return {@code [samples, size]}
   */
  public Tensor leave(Spectrum spectrum, Tensor like) {
    long samples = spectrum.samples();
    List<List<Tensor>> parts = new ArrayList<>();
    runs.forEach(run -> parts.add(new ArrayList<>()));
    for (int k = 0; k < irreps.size(); k++) {
      share(k, spectrum.of(places.get(k)), samples, like, parts);
    }
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      outputs.add(back(runs.get(i), parts.get(i), samples, like));
    }
    return join(outputs);
  }

  /** Hands every run its copies of an irrep, as rows of one sample each. */
  private void share(
      int irrep, Optional<Tensor> own, long samples, Tensor like, List<List<Tensor>> parts) {
    int d = irreps.get(irrep).dimension();
    int s = units(irreps.get(irrep));
    List<Long> widths =
        runs.stream()
            .filter(run -> run.copies.get(irrep) > 0)
            .map(run -> (long) s * run.copies.get(irrep) * run.count)
            .toList();
    if (widths.isEmpty()) {
      return;
    }
    Iterator<Tensor> pieces = own.map(tensor -> split(tensor, widths)).orElse(List.of()).iterator();
    for (int i = 0; i < runs.size(); i++) {
      long width = (long) d * runs.get(i).copies.get(irrep) * runs.get(i).count;
      if (width > 0) {
        parts
            .get(i)
            .add(
                own.isEmpty()
                    ? like.new_zeros(samples, width)
                    : pieces.next().reshape(samples, width));
      }
    }
  }

  private static Tensor back(Run run, List<Tensor> parts, long samples, Tensor like) {
    if (parts.isEmpty()) {
      return like.new_zeros(samples, run.features());
    }
    int width = run.basis == null ? run.columns : padded(run.columns);
    if (width > run.columns) {
      parts.add(like.new_zeros(samples, (long) (width - run.columns) * run.count));
    }
    Tensor together = join(parts);
    if (run.count > 1) {
      together = together.reshape(samples, width, run.count).transpose(1, 2);
    }
    return run.basis == null
        ? together.reshape(samples, run.features())
        : together
            .reshape(samples * run.count, width)
            .mm(run.basis.t())
            .view(samples, run.features());
  }
}
