package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepType;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Applies an equivariant map without forming it: a change of basis shared by equal summands, one
 * product for every irrep, and a change of basis back.
 *
 * <p>Schur's lemma: in the isotypic bases the map is (A_k (x) I) for each irrep k, so the rows of
 * an irrep are multiplied by the same matrix A_k, which mixes copies only. For an irrep of complex
 * or quaternionic type, S rows go together, with blocks of A_k given by its endomorphisms.
 *
 * <p>It takes the coefficients in the order of its {@link GroupHomomorphismBasis}.
 */
public final class SpectralMap {
  private static final int INDEX_BYTES = 4;

  private final HomSpace space;
  private final SpectralBasis in;
  private final SpectralBasis out;
  private final long[] sizes;
  private final Tensor gather;
  private final @Nullable Tensor signs;
  private final Buffers buffers = new Buffers();

  private SpectralMap(HomSpace space, int[] placeOf, Dtype dtype) {
    this.space = space;
    in = SpectralBasis.of(space.in().representation(), inIrreps(space), dtype);
    out = SpectralBasis.of(space.out().representation(), outIrreps(space), dtype);
    buffers.addAll("in_", in.buffers());
    buffers.addAll("out_", out.buffers());
    sizes =
        space.blocks().stream()
            .mapToLong(b -> (long) b.irrep().type().endomorphismDimension() * b.dim())
            .toArray();
    int[] places = new int[Math.toIntExact(Arrays.stream(sizes).sum())];
    double[] signArray = new double[hasSigns(space) ? places.length : 0];
    int next = 0;
    for (int k = 0; k < space.blocks().size(); k++) {
      HomSpace.Block block = space.blocks().get(k);
      next = mixing(block, out.columns(k), in.columns(k), places, signArray, next);
    }
    if (placeOf.length > 0) {
      Arrays.setAll(places, i -> placeOf[places[i]]);
    }
    gather = buffers.add("gather", Tensors.ofIndices(places));
    signs =
        signArray.length == 0
            ? null
            : buffers.add("signs", Tensors.of(dtype, signArray, signArray.length));
  }

  /**
   * The map that a basis describes.
   *
   * @param basis the basis; its order of coefficients is this map's
   * @param dtype the dtype of its tensors
   * @return the map, on the CPU
   */
  public static SpectralMap of(GroupHomomorphismBasis basis, Dtype dtype) {
    int[] places = basis.isInIsotypicOrder() ? new int[0] : basis.placesOfIsotypic();
    return new SpectralMap(basis.space(), places, dtype);
  }

  HomSpace space() {
    return space;
  }

  /** Where the entries of the matrices of all irreps stand in the coefficients. */
  Tensor gather() {
    return gather;
  }

  /** The signs of these entries; null where all are positive. */
  @Nullable Tensor signs() {
    return signs;
  }

  private static boolean hasSigns(HomSpace space) {
    return space.blocks().stream().anyMatch(block -> block.irrep().type() != IrrepType.REAL);
  }

  /**
   * What it costs.
   *
   * @param batched how all irreps are one product; null where they are not
   * @return the work
   */
  public SpectralWork work(@Nullable BatchedMap batched) {
    return new SpectralWork(space, in.work(), out.work(), batched);
  }

  /**
   * The memory of a map, before anything is allocated.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param dtype the dtype
   * @return the bytes of its {@link #buffers}
   * @throws IllegalArgumentException if the groups differ
   */
  public static long predictedBytes(Representation in, Representation out, Dtype dtype) {
    HomSpace space = HomSpace.between(in, out);
    long entries =
        space.blocks().stream()
            .mapToLong(b -> (long) b.irrep().type().endomorphismDimension() * b.dim())
            .sum();
    List<Irrep> irreps = inIrreps(space);
    long numbers =
        SpectralBasis.numbers(in, irreps)
            + SpectralBasis.numbers(out, outIrreps(space))
            + (hasSigns(space) ? entries : 0);
    long indices =
        entries + SpectralBasis.indices(in, irreps) + SpectralBasis.indices(out, outIrreps(space));
    return numbers * dtype.bytes() + indices * INDEX_BYTES;
  }

  /** The irreps that both sides share. */
  static List<Irrep> inIrreps(HomSpace space) {
    return space.blocks().stream().map(HomSpace.Block::irrep).toList();
  }

  /** The shared irreps, and the trivial one, where an invariant bias lives. */
  static List<Irrep> outIrreps(HomSpace space) {
    List<Irrep> irreps = new ArrayList<>(inIrreps(space));
    Irrep trivial = space.out().representation().group().trivialIrrep();
    if (space.out().block(trivial).isPresent() && !irreps.contains(trivial)) {
      irreps.add(trivial);
    }
    return irreps;
  }

  /**
   * The tensors that it computes with. A layer that moves them does so in place.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * The way of the input into the isotypic basis.
   *
   * @return the basis of the irreps that both sides share
   */
  public SpectralBasis in() {
    return in;
  }

  /**
   * The way of the output out of the isotypic basis.
   *
   * @return the basis of the irreps that both sides share, and of the trivial one
   */
  public SpectralBasis out() {
    return out;
  }

  /** Writes the matrix A_k as a gather from the coefficients: {@code [columns in, columns out]}. */
  private static int mixing(
      HomSpace.Block block,
      List<Integer> out,
      List<Integer> in,
      int[] places,
      double[] signs,
      int start) {
    int next = start;
    int s = block.irrep().type().endomorphismDimension();
    List<Matrix> units = block.irrep().units();
    for (int i : in) {
      for (int o : out) {
        for (int e = 0; e < s; e++) {
          double sign = units.get(e).get(o % s, i % s);
          if (sign != 0) {
            places[next] = block.start() + (o / s * block.in().multiplicity() + i / s) * s + e;
            if (signs.length > 0) {
              signs[next] = sign;
            }
            next++;
          }
        }
      }
    }
    return next;
  }

  /**
   * Applies the map to features in the basis of their representation, without a scope of its own.
   *
   * @param input {@code [samples, in.size]}
   * @param coefficients {@code [dim]}, in the order of the basis
   * @return {@code [samples, out.size]}
   */
  public Tensor apply(Tensor input, Tensor coefficients) {
    return out.leave(apply(in.enter(input), coefficients), input);
  }

  /**
   * Applies the map to features in the isotypic basis, without a scope of its own.
   *
   * @param input the features of each irrep of {@link #in}
   * @param coefficients {@code [dim]}, in the order of the basis
   * @return the features of each irrep of {@link #out}
   */
  public Spectrum apply(Spectrum input, Tensor coefficients) {
    return applyMixing(input, mixing(coefficients));
  }

  /**
   * The matrices of all irreps, which may be kept while the coefficients are the same.
   *
   * @param coefficients {@code [dim]}, in the order of the basis
   * @return their entries, one matrix after the other
   */
  public Tensor mixing(Tensor coefficients) {
    Tensor mixing = coefficients.index_select(0, gather);
    return signs == null ? mixing : mixing.mul(signs);
  }

  /**
   * Applies the map to features in the isotypic basis, without a scope of its own.
   *
   * @param input the features of each irrep of {@link #in}
   * @param mixing what {@link #mixing} gave
   * @return the features of each irrep of {@link #out}
   */
  public Spectrum applyMixing(Spectrum input, Tensor mixing) {
    Iterator<Tensor> parts = Tensors.split(mixing, 0, sizes).iterator();
    Map<Irrep, Tensor> answers = new LinkedHashMap<>();
    for (HomSpace.Block block : space.blocks()) {
      long s = block.irrep().type().endomorphismDimension();
      Tensor matrix =
          parts.next().view(s * block.in().multiplicity(), s * block.out().multiplicity());
      input.of(block.irrep()).ifPresent(own -> answers.put(block.irrep(), own.mm(matrix)));
    }
    return new Spectrum(input.samples(), answers);
  }
}
