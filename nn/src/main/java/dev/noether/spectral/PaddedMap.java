package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An equivariant map between copies of one representation and copies of another as a single batched
 * product: the features and the matrix of every irrep are filled up with zeros to the size of the
 * largest. It does more arithmetic than irrep by irrep, in a quarter of the calls, which is what
 * counts for few samples.
 */
public final class PaddedMap {
  private static final long MOST_WEIGHTS = 1L << 18;
  private static final int MOST_WORK = 6;

  /** A gradient that adds to one place again and again is slow. */
  private static final int ZEROS = 64;

  private final List<Irrep> irreps;
  private final Side in;
  private final Side out;
  private final int rows;

  /** Copies of a summand; the columns of an irrep in one of them, the most of all irreps. */
  private record Side(Representation summand, int copies, int columns) {
    static Side of(Representation.Run run, List<Irrep> irreps) {
      int most =
          irreps.stream().mapToInt(irrep -> columns(run.summand(), irrep)).max().orElseThrow();
      return new Side(run.summand(), run.count(), most);
    }

    private static int columns(Representation summand, Irrep irrep) {
      return irrep.type().endomorphismDimension() * summand.copies(irrep).size();
    }

    int size() {
      return copies * summand.size();
    }

    int width() {
      return copies * columns;
    }

    /** From the coordinates of a summand to [irrep, row, column], with zeros between. */
    Matrix turn(List<Irrep> irreps, int rows) {
      Matrix q = summand.changeOfBasis();
      int width = irreps.size() * rows * columns;
      double[] entries = new double[summand.size() * width];
      for (int k = 0; k < irreps.size(); k++) {
        Irrep irrep = irreps.get(k);
        List<Representation.Copy> own = summand.copies(irrep);
        for (int row = 0; row < irrep.rows(); row++) {
          for (int unit = 0; unit < irrep.type().endomorphismDimension(); unit++) {
            for (int copy = 0; copy < own.size(); copy++) {
              int from = own.get(copy).start() + unit * irrep.rows() + row;
              int to = (k * rows + row) * columns + unit * own.size() + copy;
              for (int i = 0; i < summand.size(); i++) {
                entries[i * width + to] = q.get(i, from);
              }
            }
          }
        }
      }
      return Matrix.of(summand.size(), width, entries);
    }
  }

  /**
   * What it computes with.
   *
   * @param enter the turn of the input
   * @param leave the turn of the output
   * @param places where each weight stands in the coefficients, their negatives and the zeros
   * @param negates whether there are negatives
   * @param zeros what irreps are filled up with; null where all are of one size
   */
  public record Tables(
      Tensor enter, Tensor leave, Tensor places, boolean negates, @Nullable Tensor zeros) {
    Tensor sources(Tensor coefficients) {
      if (!negates && zeros == null) {
        return coefficients;
      }
      List<Tensor> parts = new ArrayList<>(List.of(coefficients));
      if (negates) {
        parts.add(coefficients.neg());
      }
      if (zeros != null) {
        parts.add(zeros);
      }
      return Tensors.concatenate(0, parts.toArray(Tensor[]::new));
    }
  }

  private PaddedMap(List<Irrep> irreps, Side in, Side out) {
    this.irreps = irreps;
    this.in = in;
    this.out = out;
    rows = irreps.stream().mapToInt(Irrep::rows).max().orElseThrow();
  }

  /**
   * The maps of a space in this form.
   *
   * @param space the space
   * @param multiplyAdds for one sample, irrep by irrep
   * @return the form; empty where one side is no run of equal summands, or zeros would be most of
   *     it
   */
  static Optional<PaddedMap> of(HomSpace space, long multiplyAdds) {
    List<Representation.Run> from = space.in().representation().runs();
    List<Representation.Run> to = space.out().representation().runs();
    if (from.size() != 1 || to.size() != 1) {
      return Optional.empty();
    }
    List<Irrep> irreps = space.blocks().stream().map(HomSpace.Block::irrep).toList();
    PaddedMap padded =
        new PaddedMap(irreps, Side.of(from.get(0), irreps), Side.of(to.get(0), irreps));
    boolean fits =
        irreps.size() > 1
            && padded.weights() <= MOST_WEIGHTS
            && padded.multiplyAdds() <= MOST_WORK * multiplyAdds;
    return fits ? Optional.of(padded) : Optional.empty();
  }

  private long weights() {
    return (long) irreps.size() * in.width() * out.width();
  }

  /** The multiply-adds for one sample, with both changes of basis. */
  private long multiplyAdds() {
    return weightMultiplyAdds() + turnMultiplyAdds();
  }

  /** Those with the weights. */
  long weightMultiplyAdds() {
    return rows * weights();
  }

  /** Those of both changes of basis. */
  long turnMultiplyAdds() {
    return (long) rows
        * irreps.size()
        * ((long) in.size() * in.columns + (long) out.size() * out.columns);
  }

  /** How often a batch is moved. */
  long moved(long samples) {
    return samples * irreps.size() * rows * (in.width() + out.width());
  }

  /**
   * Applies the map, without a scope of its own.
   *
   * @param own the tensors of the map
   * @param input {@code [..., in.size]}
   * @param coefficients {@code [dim]}, in the order of the map
   * @param bias {@code [out.size]}, or null
   * @return {@code [..., out.size]}
   */
  public Tensor apply(Tables own, Tensor input, Tensor coefficients, @Nullable Tensor bias) {
    long samples = input.numel() / in.size();
    long count = irreps.size();
    Tensor features =
        input
            .reshape(samples * in.copies, in.summand.size())
            .mm(own.enter)
            .view(samples, in.copies, count, rows, in.columns)
            .permute(2, 0, 3, 4, 1)
            .reshape(count, samples * rows, in.width());
    Tensor weights =
        own.sources(coefficients).index_select(0, own.places).view(count, in.width(), out.width());
    Tensor output =
        features
            .bmm(weights)
            .view(count, samples, rows, out.columns, out.copies)
            .permute(1, 4, 0, 2, 3)
            .reshape(samples * out.copies, count * rows * out.columns)
            .mm(own.leave)
            .view(Tensors.shapeWithLast(input, out.size()));
    return bias == null ? output : output.add(bias);
  }

  /**
   * The tensors of a map.
   *
   * @param map the map
   * @param dtype their dtype
   * @param into takes them
   * @return the tensors
   */
  public Tables tables(SpectralMap map, Dtype dtype, Buffers into) {
    GatheredMixing.Layout layout = map.layout(); // MOST_WEIGHTS are few
    boolean negates = Arrays.stream(layout.signs()).anyMatch(sign -> sign < 0);
    int dim = Arrays.stream(layout.places()).max().orElseThrow() + 1;
    int zero = negates ? 2 * dim : dim;
    int[] places = places();
    int filled = 0;
    for (int i = 0; i < places.length; i++) {
      int own = places[i];
      places[i] =
          own < 0
              ? zero + filled++ % ZEROS
              : layout.places()[own] + (negates && layout.signs()[own] < 0 ? dim : 0);
    }
    return new Tables(
        into.add("enter", Tensors.of(dtype, in.turn(irreps, rows))),
        into.add("leave", Tensors.of(dtype, out.turn(irreps, rows).transpose())),
        into.add("places", Tensors.ofIndices(places)),
        negates,
        filled == 0 ? null : into.add("zeros", Tensors.of(dtype, new double[ZEROS], ZEROS)));
  }

  /** Where each weight stands among those of the map; -1 where an irrep is filled up. */
  private int[] places() {
    int[] places = new int[Math.toIntExact(weights())];
    Arrays.fill(places, -1);
    int start = 0;
    for (int k = 0; k < irreps.size(); k++) {
      int from = in.copies * Side.columns(in.summand, irreps.get(k));
      int to = out.copies * Side.columns(out.summand, irreps.get(k));
      for (int a = 0; a < from; a++) {
        for (int b = 0; b < to; b++) {
          places[(k * in.width() + a) * out.width() + b] = start + a * to + b;
        }
      }
      start += from * to;
    }
    return places;
  }
}
