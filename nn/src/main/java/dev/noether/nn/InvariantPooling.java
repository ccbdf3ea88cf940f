package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * All invariants of degree one and two: trivial features as they are, with their sign, and between
 * any two copies of another irrep the inner products x_i . E x_j over the irrep's endomorphisms E.
 *
 * <p>Every invariant polynomial of degree two in the features is one in the outputs: by Schur's
 * lemma an invariant bilinear form pairs copies of one irrep by an endomorphism. For a real irrep
 * with m copies there are m (m + 1) / 2 numbers, for a complex one m^2, for a quaternionic one m (2
 * m - 1). Compare {@link IrrepSubspaceNormPooling}, which keeps lengths only.
 */
public final class InvariantPooling extends Layer implements EquivariantLayer, PlainLayer {
  private record Block(int start, int copies, int dimension, Tensor endomorphisms, Tensor picks) {}

  private final Representation representation;
  private final Representation invariant;
  private final Tensor basis;
  private final int trivial;
  private final List<Block> blocks = new ArrayList<>();

  /**
   * The pooling of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public InvariantPooling(Representation representation, Dtype dtype) {
    this.representation = representation;
    IsotypicDecomposition decomposition = IsotypicDecomposition.of(representation);
    basis = registerBuffer("basis", Tensors.of(dtype, decomposition.changeOfBasis()), false);
    int invariants = 0;
    int singles = 0;
    for (IsotypicDecomposition.Block block : decomposition.blocks()) {
      if (block.irrep().equals(representation.group().trivialIrrep())) {
        singles = block.multiplicity();
        continue;
      }
      long[] picks = picks(block.irrep(), block.multiplicity());
      int number = blocks.size();
      blocks.add(
          new Block(
              block.start(),
              block.multiplicity(),
              block.irrep().dimension(),
              registerBuffer("endomorphisms." + number, stacked(block.irrep(), dtype), false),
              registerBuffer("pairs." + number, Tensors.of(picks, picks.length), false)));
      invariants += picks.length;
    }
    trivial = singles;
    invariant = Representation.trivial(representation.group()).times(trivial + invariants);
  }

  /** The endomorphism bases side by side, {@code [d, S d]}. */
  private static Tensor stacked(Irrep irrep, Dtype dtype) {
    List<Matrix> endomorphisms = irrep.endomorphismBasis();
    int d = irrep.dimension();
    int s = endomorphisms.size();
    double[] entries = new double[d * d * s];
    for (int e = 0; e < s; e++) {
      for (int row = 0; row < d; row++) {
        for (int column = 0; column < d; column++) {
          entries[row * s * d + e * d + column] = endomorphisms.get(e).get(row, column);
        }
      }
    }
    return Tensors.of(dtype, entries, d, (long) s * d);
  }

  /** The places of independent entries in {@code [copies, copies, S]}: x_i . E_s x_j, i <= j. */
  private static long[] picks(Irrep irrep, int copies) {
    int s = irrep.type().endomorphismDimension();
    List<Long> places = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      for (int j = i; j < copies; j++) {
        // The endomorphisms beyond the identity are antisymmetric: x . E x = 0.
        int count = i == j ? 1 : s;
        for (int e = 0; e < count; e++) {
          places.add(((long) i * copies + j) * s + e);
        }
      }
    }
    return places.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public Representation in() {
    return representation;
  }

  /**
   * How outputs transform: not at all.
   *
   * @return a trivial irrep for every invariant
   */
  @Override
  public Representation out() {
    return invariant;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in().size(), "in.size()", in(), basis);
    return Scopes.compute(
        () -> {
          Tensor spectrum = input.matmul(basis);
          List<Tensor> parts = new ArrayList<>();
          if (trivial > 0) {
            parts.add(spectrum.narrow(-1, 0, trivial));
          }
          blocks.forEach(block -> parts.add(products(spectrum, block)));
          return Tensors.concatenate(-1, parts.toArray(Tensor[]::new));
        });
  }

  private static Tensor products(Tensor spectrum, Block block) {
    int m = block.copies;
    int d = block.dimension;
    long s = block.endomorphisms.size(1) / d;
    Tensor copies = spectrum.narrow(-1, block.start, (long) m * d).unflatten(-1, new long[] {m, d});
    // [..., m, d] x [d, S d] = E_s^T x_i; against x_j: x_i . E_s x_j.
    Tensor left = copies.matmul(block.endomorphisms).unflatten(-1, new long[] {s, d});
    Tensor gram = left.flatten(-3, -2).matmul(copies.transpose(-2, -1));
    Tensor ordered = gram.unflatten(-2, new long[] {m, s}).transpose(-2, -1);
    return ordered.flatten(-3, -1).index_select(-1, block.picks);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V spectrum = graph.matmul(x, graph.constant("Q", basis));
    @Nullable V all = trivial > 0 ? graph.narrow(spectrum, 0, trivial) : null;
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      long m = block.copies;
      long d = block.dimension;
      long s = block.endomorphisms.size(1) / d;
      V copies = graph.split(graph.narrow(spectrum, block.start, m * d), m, d);
      // Rows (i, s) against columns j, as [m S, m]; picks count [m, m, S].
      V left = graph.matmul(copies, graph.constant("endomorphisms." + i, block.endomorphisms));
      V rows = graph.split(graph.join(left, 2, m * s * d), m * s, d);
      V gram = graph.join(graph.matmul(rows, graph.permute(copies, 1, 0)), 2, m * s * m);
      long[] places =
          Arrays.stream(Tensors.toArray(block.picks))
              .mapToLong(
                  pick -> {
                    long p = (long) pick;
                    long e = p % s;
                    long j = p / s % m;
                    return (p / s / m * s + e) * m + j;
                  })
              .toArray();
      V products = graph.select(gram, places);
      all = all == null ? products : graph.concatenate(all, products);
    }
    return Objects.requireNonNull(all);
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("in", representation));
  }

  @Override
  public String toString() {
    return "InvariantPooling(" + representation + ")";
  }
}
