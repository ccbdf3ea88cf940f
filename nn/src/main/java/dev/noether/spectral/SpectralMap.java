package dev.noether.spectral;

import dev.noether.group.Irrep;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.LazyBuffers;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
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
  private final GroupHomomorphismBasis basis;
  private final HomSpace space;
  private final SpectralBasis in;
  private final SpectralBasis out;
  private final SpectralMixing mixing;
  private final Buffers buffers = new Buffers();

  private SpectralMap(GroupHomomorphismBasis basis) {
    this.basis = basis;
    space = basis.space();
    Tensor like = basis.like();
    in = SpectralBasis.of(space.in().representation(), inIrreps(space), like);
    out = SpectralBasis.of(space.out().representation(), outIrreps(space), like);
    buffers.addAll("in_", in.buffers());
    buffers.addAll("out_", out.buffers());
    mixing =
        GatheredMixing.isLarge(space)
            ? new StoredMixing(space, in, out, like, sorted(basis, buffers))
            : new GatheredMixing(space, like, this::layout);
    buffers.addAll("", mixing.buffers());
  }

  /** From coefficients of a basis to the isotypic order. */
  static UnaryOperator<Tensor> sorted(GroupHomomorphismBasis basis, Buffers into) {
    if (basis.isInIsotypicOrder()) {
      return coefficients -> coefficients;
    }
    Tensor known = basis.keptPlacesOfIsotypic();
    if (known != null) {
      return coefficients -> coefficients.index_select(0, known);
    }
    LazyBuffers<Tensor> order =
        new LazyBuffers<>(
            basis.like(),
            (dtype, own) -> own.add("order", Tensors.ofIndices(basis.placesOfIsotypic())));
    into.addLazy("order.", order);
    return coefficients -> coefficients.index_select(0, order.get());
  }

  /**
   * The map that a basis describes.
   *
   * @param basis the basis; its order of coefficients is this map's, and the map follows its dtype
   *     and device
   * @return the map
   */
  public static SpectralMap of(GroupHomomorphismBasis basis) {
    return new SpectralMap(basis);
  }

  /** How coefficients become the entries of the matrices of all irreps. */
  GatheredMixing.Layout layout() {
    int[] places = basis.isInIsotypicOrder() ? new int[0] : basis.placesOfIsotypic();
    return GatheredMixing.Layout.of(space, in, out, places);
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
   * The memory of a map that has been used, before anything is allocated.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion the coordinates of the coefficients
   * @param dtype the dtype
   * @return the bytes of its {@link #buffers}
   * @throws IllegalArgumentException if the groups differ
   */
  public static long predictedBytes(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    HomSpace space = HomSpace.between(in, out);
    List<Irrep> irreps = inIrreps(space);
    long numbers = SpectralBasis.numbers(in, irreps) + SpectralBasis.numbers(out, outIrreps(space));
    boolean ordered =
        GroupHomomorphismBasis.isInIsotypicOrder(space, expansion)
            || GroupHomomorphismBasis.keepsPlacesOfIsotypic(space, expansion);
    return numbers * dtype.bytes()
        + (GatheredMixing.isLarge(space)
            ? StoredMixing.predictedBytes(space, dtype)
                + (ordered ? 0 : (long) space.dim() * Integer.BYTES)
            : GatheredMixing.predictedBytes(space, dtype));
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
   * The tensors that it computes with, which are made when they are needed.
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
   * What the products need of the coefficients, which may be kept while they are the same.
   *
   * @param coefficients {@code [dim]}, in the order of the basis
   * @return what {@link #applyMixing} takes
   */
  public Tensor mixing(Tensor coefficients) {
    return mixing.of(coefficients);
  }

  /**
   * Applies the map to features in the isotypic basis, without a scope of its own.
   *
   * @param input the features of each irrep of {@link #in}
   * @param mixing what {@link #mixing} gave
   * @return the features of each irrep of {@link #out}
   */
  public Spectrum applyMixing(Spectrum input, Tensor mixing) {
    return this.mixing.apply(input, mixing);
  }
}
