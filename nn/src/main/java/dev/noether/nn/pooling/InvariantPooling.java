package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.basis.IsotypicBasis;
import dev.noether.group.Irrep;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
public final class InvariantPooling extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<InvariantPooling> TYPE =
      LayerType.of(InvariantPooling.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", InvariantPooling::in)
          .builds(s -> new InvariantPooling(s.representation("in"), s.dtype()));

  private record Block(int start, int copies, int dimension, Tensor endomorphisms, Tensor picks) {}

  /** A trivial summand each; beyond, layers on them would be larger than any machine. */
  private static final int MOST_INVARIANTS = 1 << 16;

  private final IsotypicBasis basis;
  private final int trivial;
  private final List<Block> blocks = new ArrayList<>();

  /**
   * The pooling of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public InvariantPooling(Representation representation, Dtype dtype) {
    this(IsotypicDecomposition.of(requireSpace(representation, InvariantPooling.class)), dtype);
  }

  /**
   * The pooling of a representation, in float32.
   *
   * @param representation how the features transform
   */
  public InvariantPooling(Representation representation) {
    this(representation, Dtype.FLOAT32);
  }

  private InvariantPooling(IsotypicDecomposition decomposition, Dtype dtype) {
    super(decomposition.representation(), invariant(decomposition));
    basis = IsotypicBasis.of(decomposition, new TensorKind(dtype.scalarType(), ComputeDevice.CPU));
    Buffers buffers = new Buffers();
    buffers.addAll("basis.", basis.buffers());
    int singles = 0;
    for (IsotypicDecomposition.Block block : decomposition.blocks()) {
      if (block.irrep().isTrivial()) {
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
              buffers.add("endomorphisms." + number, dtype, stacked(block.irrep())),
              buffers.add("pairs." + number, Tensors.of(picks, picks.length))));
    }
    trivial = singles;
    registerBuffers("", buffers);
  }

  /** A trivial irrep for every invariant. */
  private static Representation invariant(IsotypicDecomposition decomposition) {
    long invariants = 0;
    for (IsotypicDecomposition.Block block : decomposition.blocks()) {
      long m = block.multiplicity();
      long s = block.irrep().type().endomorphismDimension();
      invariants += block.irrep().isTrivial() ? m : m + s * m * (m - 1) / 2;
    }
    Representation rho = decomposition.representation();
    require(
        invariants <= MOST_INVARIANTS,
        "%s has %d invariants of degree two, at most %d are pooled; take IrrepSubspaceNormPooling, "
            + "or fewer copies",
        rho,
        invariants,
        MOST_INVARIANTS);
    return Representation.trivial(rho.group()).times((int) invariants);
  }

  /** The endomorphism bases side by side, {@code [d, S d]}. */
  private static Matrix stacked(Irrep irrep) {
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
    return Matrix.of(d, s * d, entries);
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
  protected Tensor compute(Tensor input) {
    Tensor coordinates = basis.coordinates(input);
    List<Tensor> parts = new ArrayList<>();
    if (trivial > 0) {
      parts.add(coordinates.narrow(-1, 0, trivial));
    }
    blocks.forEach(block -> parts.add(products(coordinates, block)));
    return Tensors.join(-1, parts);
  }

  private static Tensor products(Tensor coordinates, Block block) {
    int m = block.copies;
    int d = block.dimension;
    long s = block.endomorphisms.size(1) / d;
    Tensor copies =
        coordinates.narrow(-1, block.start, (long) m * d).unflatten(-1, new long[] {m, d});
    // [..., m, d] x [d, S d] = E_s^T x_i; against x_j: x_i . E_s x_j.
    Tensor left = copies.matmul(block.endomorphisms).unflatten(-1, new long[] {s, d});
    Tensor gram = left.flatten(-3, -2).matmul(copies.transpose(-2, -1));
    Tensor ordered = gram.unflatten(-2, new long[] {m, s}).transpose(-2, -1);
    return ordered.flatten(-3, -1).index_select(-1, block.picks);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V coordinates = basis.isIdentity() ? x : graph.matmul(x, graph.constant("Q", basis.dense()));
    @Nullable V all = trivial > 0 ? graph.narrow(coordinates, 0, trivial) : null;
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      long m = block.copies;
      long d = block.dimension;
      long s = block.endomorphisms.size(1) / d;
      V copies = graph.split(graph.narrow(coordinates, block.start, m * d), m, d);
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
  public String toString() {
    return "InvariantPooling(" + in() + ")";
  }
}
