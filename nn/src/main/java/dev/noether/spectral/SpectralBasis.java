package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.basis.BasisChange;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.spectral.CostModel.ChangeWork;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.LazyBuffers;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The way of a representation's features into a {@link Spectrum} and back: one change of basis
 * shared by equal summands, and a reordering.
 *
 * <p>Inside the matrix of an irrep, copies are ordered [run of equal summands, row of the
 * endomorphism algebra, copy inside a summand, summand].
 */
public final class SpectralBasis {
  /**
   * Equal summands.
   *
   * @param summands the summands
   * @param copies of each irrep in one of them
   * @param widths the columns of each irrep that occurs in one of them
   * @param columns the columns of one's Q that are wanted, in the order of the irreps
   * @param turns whether they are more than the identity
   * @param byColumns whether turned features lie column by column, summands side by side
   */
  private record Run(
      Representation.Run summands,
      List<Integer> copies,
      List<Long> widths,
      List<Integer> columns,
      boolean turns,
      boolean byColumns) {
    long count() {
      return summands.count();
    }

    /** Of one of them into the irreps. */
    BasisChange change(Dtype dtype) {
      return turns
          ? BasisChange.padded(
              summands.summand().changeOfBasis(),
              columns.stream().mapToInt(column -> column).toArray(),
              dtype)
          : new BasisChange.Identity(columns.size());
    }
  }

  private final Representation representation;
  private final List<Irrep> irreps;
  private final Tensor like;
  private final ChangeWork work;
  private final List<Run> runs = new ArrayList<>();
  private final Buffers buffers = new Buffers();
  private final LazyBuffers<List<BasisChange>> changes;
  private final @Nullable Irrep trivial;
  private final @Nullable LazyBuffers<Tensor> trivialOrder;

  private SpectralBasis(Representation representation, List<Irrep> irreps, Tensor like) {
    this.representation = representation;
    this.irreps = List.copyOf(irreps);
    this.like = like;
    work = work(representation, irreps);
    representation.runs().forEach(summands -> runs.add(run(summands)));
    Irrep one = representation.group().trivialIrrep();
    trivial = irreps.contains(one) ? one : null;
    int[] order =
        trivial == null
            ? new int[0]
            : columns(irreps.indexOf(one)).stream().mapToInt(copy -> copy).toArray();
    boolean sorted = IntStream.range(0, order.length).allMatch(i -> order[i] == i);
    changes = new LazyBuffers<>(like, this::changes);
    trivialOrder =
        sorted
            ? null
            : new LazyBuffers<>(
                like, (dtype, into) -> into.add("trivial", Tensors.ofIndices(order)));
    buffers.addLazy("", changes);
    if (trivialOrder != null) {
      buffers.addLazy("order.", trivialOrder);
    }
  }

  /** One for each run. */
  private List<BasisChange> changes(Dtype dtype, Buffers into) {
    List<BasisChange> all = new ArrayList<>();
    for (Run run : runs) {
      BasisChange change = run.change(dtype);
      into.addAll(all.size() + ".", change.buffers());
      all.add(change);
    }
    return all;
  }

  /**
   * The basis of all irreps of a representation.
   *
   * @param representation the representation
   * @param like a tensor of the layer, whose dtype and device the features share
   * @return the basis
   */
  public static SpectralBasis of(Representation representation, Tensor like) {
    return of(representation, representation.irreps().stream().distinct().toList(), like);
  }

  /**
   * The basis of some irreps of a representation.
   *
   * @param representation the representation
   * @param irreps which of its irreps are wanted; features of the others are lost on the way in and
   *     zero on the way out
   * @param like a tensor of the layer, whose dtype and device the features share
   * @return the basis
   */
  public static SpectralBasis of(Representation representation, List<Irrep> irreps, Tensor like) {
    return new SpectralBasis(representation, irreps, like);
  }

  /**
   * The basis of all irreps of the same representation.
   *
   * @return this basis where it has all
   */
  public SpectralBasis complete() {
    return irreps.containsAll(representation.irreps()) ? this : of(representation, like);
  }

  private Run run(Representation.Run summands) {
    Representation summand = summands.summand();
    List<Integer> copies = irreps.stream().map(irrep -> summand.copies(irrep).size()).toList();
    int[] columns = columns(summand, irreps);
    boolean turns = turns(summand, columns);
    List<Long> widths =
        IntStream.range(0, irreps.size())
            .mapToObj(k -> (long) irreps.get(k).dimension() * copies.get(k))
            .filter(width -> width > 0)
            .toList();
    // Features move in pieces: the summands of a column or the columns of an irrep.
    boolean longer = (long) summands.count() * widths.size() > columns.length;
    List<Integer> own = Arrays.stream(columns).boxed().toList();
    return new Run(summands, copies, widths, own, turns, longer && turns);
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

  /** The columns of a summand's Q in the order [irrep, row, unit, copy]. */
  private static int[] columns(Representation summand, List<Irrep> irreps) {
    IntStream.Builder columns = IntStream.builder();
    for (Irrep irrep : irreps) {
      List<Representation.Copy> own = summand.copies(irrep);
      for (int row = 0; row < irrep.rows(); row++) {
        for (int unit = 0; unit < units(irrep); unit++) {
          for (Representation.Copy copy : own) {
            columns.add(copy.start() + unit * irrep.rows() + row);
          }
        }
      }
    }
    return columns.build().toArray();
  }

  private static int units(Irrep irrep) {
    return irrep.type().endomorphismDimension();
  }

  /** What a basis of some irreps costs, which needs no tensors. */
  static ChangeWork work(Representation representation, List<Irrep> irreps) {
    long multiplyAdds = 0;
    for (Representation.Run run : representation.runs()) {
      int[] columns = columns(run.summand(), irreps);
      if (turns(run.summand(), columns)) {
        multiplyAdds += (long) run.count() * run.summand().size() * columns.length;
      }
    }
    return new ChangeWork(representation.size(), irreps.size(), multiplyAdds);
  }

  /**
   * The numbers that a basis keeps once it has moved features.
   *
   * @param representation the representation
   * @param irreps which of its irreps are wanted
   * @return how many numbers its {@link #buffers} hold, indices left out
   */
  public static long numbers(Representation representation, List<Irrep> irreps) {
    long numbers = 0;
    for (Representation.Run run : representation.runs()) {
      int[] columns = columns(run.summand(), irreps);
      if (turns(run.summand(), columns)) {
        numbers += BasisChange.paddedNumbers(run.summand().size(), columns.length);
      }
    }
    return numbers;
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
   * The tensors that it computes with, once it has: they are made when they are needed.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * The irreps that are wanted.
   *
   * @return the irreps, in the order of the columns
   */
  public List<Irrep> irreps() {
    return irreps;
  }

  /**
   * What the columns of an irrep's matrix are, in their order.
   *
   * @param irrep its number in this basis
   * @return copy * S + row of the endomorphism algebra, the copies of the irrep counted through the
   *     representation
   */
  public List<Integer> columns(int irrep) {
    return columns(representation, irreps.get(irrep));
  }

  /** What the columns of an irrep's matrix are in the basis of a representation. */
  static List<Integer> columns(Representation representation, Irrep irrep) {
    int s = units(irrep);
    List<Integer> order = new ArrayList<>();
    int seen = 0;
    for (Representation.Run run : representation.runs()) {
      int copies = run.summand().copies(irrep).size();
      for (int u = 0; u < s; u++) {
        for (int copy = 0; copy < copies; copy++) {
          for (int i = 0; i < run.count(); i++) {
            order.add((seen + i * copies + copy) * s + u);
          }
        }
      }
      seen += run.count() * copies;
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
        .map(run -> run.copies.get(irrep) * run.count())
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
      Representation.Run own = runs.get(i).summands;
      Representation.Run other = next.runs.get(i).summands;
      if (own.count() != other.count()
          || !own.summand().irreps().equals(other.summand().irreps())) {
        return false;
      }
    }
    return true;
  }

  /** What one change of basis costs. */
  ChangeWork work() {
    return work;
  }

  /**
   * Takes features into the irreps.
   *
   * @param input {@code [..., size]}; all axes but the last count as samples
   * @return the features of each irrep
   */
  public Spectrum enter(Tensor input) {
    Tensor rows = input.dim() == 2 ? input : input.reshape(-1, representation.size());
    long samples = rows.size(0);
    List<List<Tensor>> parts = new ArrayList<>();
    irreps.forEach(irrep -> parts.add(new ArrayList<>()));
    List<BasisChange> own = changes.get();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      if (run.columns.isEmpty()) {
        continue;
      }
      Iterator<Tensor> pieces = pieces(run, turned(run, own.get(i), rows)).iterator();
      for (int k = 0; k < irreps.size(); k++) {
        long copies = run.copies.get(k) * run.count();
        if (copies > 0) {
          Irrep irrep = irreps.get(k);
          Tensor piece = pieces.next().transpose(1, 2);
          parts.get(k).add(piece.reshape(samples * irrep.rows(), units(irrep) * copies));
        }
      }
    }
    Map<Irrep, Tensor> features = new LinkedHashMap<>();
    for (int k = 0; k < irreps.size(); k++) {
      if (!parts.get(k).isEmpty()) {
        features.put(irreps.get(k), Tensors.join(1, parts.get(k)));
      }
    }
    return new Spectrum(samples, features);
  }

  /**
   * Adds an invariant vector.
   *
   * @param spectrum features in this basis
   * @param coordinates its coordinates on the trivial copies, in the order of the representation
   * @return the sum; the spectrum itself where no trivial irrep is wanted
   */
  public Spectrum addInvariant(Spectrum spectrum, Tensor coordinates) {
    Irrep one = trivial;
    if (one == null) {
      return spectrum;
    }
    Tensor ordered =
        trivialOrder == null ? coordinates : coordinates.index_select(0, trivialOrder.get());
    return spectrum.with(
        one,
        spectrum
            .of(one)
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
    Irrep one = trivial;
    Tensor order = trivialOrder == null ? null : trivialOrder.get();
    return one == null
        ? Optional.empty()
        : spectrum
            .of(one)
            .map(features -> features.mean(0))
            .map(
                mean ->
                    order == null ? mean : mean.new_zeros(mean.size(0)).index_add(0, order, mean));
  }

  /** The features of a run, {@code [samples, count, columns]}, zeros behind them perhaps. */
  private static Tensor turned(Run run, BasisChange change, Tensor input) {
    long samples = input.size(0);
    long size = run.summands.summand().size();
    Tensor own =
        input.size(1) == run.summands.size()
            ? input
            : input.narrow(1, run.summands.start(), run.summands.size());
    if (!run.turns) {
      return own.reshape(samples, run.count(), size);
    }
    Tensor vectors = own.reshape(samples * run.count(), size);
    return run.byColumns
        ? change.columnsOf(vectors).view(change.columns(), samples, run.count()).permute(1, 2, 0)
        : change.wide(vectors).view(samples, run.count(), change.width());
  }

  /** Splits the features of a run into those of its irreps, {@code [samples, count, ...]}. */
  private static List<Tensor> pieces(Run run, Tensor turned) {
    long filled = turned.size(2) - run.columns.size();
    long[] widths = new long[run.widths.size() + (filled > 0 ? 1 : 0)];
    for (int i = 0; i < run.widths.size(); i++) {
      widths[i] = run.widths.get(i);
    }
    if (filled > 0) {
      widths[widths.length - 1] = filled;
    }
    return Tensors.split(turned, 2, widths);
  }

  /**
   * Brings features back into the basis of the representation.
   *
   * @param spectrum the features of each irrep
   * @param input a tensor of their dtype and device, with the leading axes that the result gets
   * @return {@code [..., size]}
   */
  public Tensor leave(Spectrum spectrum, Tensor input) {
    List<List<Tensor>> parts = new ArrayList<>();
    runs.forEach(run -> parts.add(new ArrayList<>()));
    for (int k = 0; k < irreps.size(); k++) {
      share(k, spectrum, input, parts);
    }
    List<BasisChange> own = changes.get();
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      outputs.add(back(runs.get(i), own.get(i), parts.get(i), spectrum.samples(), input));
    }
    Tensor rows = Tensors.join(1, outputs);
    return input.dim() == 2
        ? rows
        : rows.reshape(Tensors.shapeWithLast(input, representation.size()));
  }

  /** Hands every run its copies of an irrep, {@code [samples, ..., count]}. */
  private void share(int k, Spectrum spectrum, Tensor like, List<List<Tensor>> parts) {
    Irrep irrep = irreps.get(k);
    long[] widths = widths(k);
    if (widths.length == 0) {
      return;
    }
    Tensor own = spectrum.of(irrep).orElse(null);
    List<Tensor> all = own == null ? List.of() : Tensors.split(own, 1, widths);
    Iterator<Tensor> pieces = all.iterator();
    long samples = spectrum.samples();
    for (int i = 0; i < runs.size(); i++) {
      long width = (long) irrep.dimension() * runs.get(i).copies.get(k);
      if (width > 0) {
        long count = runs.get(i).count();
        Tensor part =
            own == null
                ? like.new_zeros(samples, width, count)
                : pieces.next().reshape(samples, width, count);
        parts.get(i).add(part);
      }
    }
  }

  /** The columns of an irrep in each run that has some. */
  private long[] widths(int k) {
    long[] widths = new long[runs.size()];
    int next = 0;
    for (Run run : runs) {
      long width = (long) units(irreps.get(k)) * run.copies.get(k) * run.count();
      if (width > 0) {
        widths[next++] = width;
      }
    }
    return Arrays.copyOf(widths, next);
  }

  private static Tensor back(
      Run run, BasisChange change, List<Tensor> parts, long samples, Tensor like) {
    if (parts.isEmpty()) {
      return like.new_zeros(samples, run.summands.size());
    }
    if (!run.turns) {
      return summandsFirst(parts).reshape(samples, run.summands.size());
    }
    long vectors = samples * run.count();
    if (run.byColumns) {
      Tensor together = Tensors.join(0, turned(parts, 0)).reshape(change.columns(), vectors);
      return change.timesTranspose(together.t()).view(samples, run.summands.size());
    }
    long width = change.width();
    if (width > change.columns()) {
      parts.add(like.new_zeros(samples, width - change.columns(), run.count()));
    }
    return change
        .timesTranspose(summandsFirst(parts).reshape(vectors, width))
        .view(samples, run.summands.size());
  }

  private static Tensor summandsFirst(List<Tensor> parts) {
    return Tensors.join(2, turned(parts, 2));
  }

  private static List<Tensor> turned(List<Tensor> parts, long axis) {
    List<Tensor> turned = new ArrayList<>(parts.size());
    for (Tensor part : parts) {
      turned.add(part.transpose(1, axis));
    }
    return turned;
  }
}
