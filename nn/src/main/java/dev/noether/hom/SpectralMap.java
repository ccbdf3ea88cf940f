package dev.noether.hom;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
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
  private final HomSpace space;
  private final SpectralBasis in;
  private final SpectralBasis out;
  private final long[] sizes;
  private final Tensor gather;
  private final @Nullable Tensor signs;
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  private SpectralMap(HomSpace space, int[] placeOf, Dtype dtype) {
    this.space = space;
    List<Irrep> irreps = space.blocks().stream().map(HomSpace.Block::irrep).toList();
    in = SpectralBasis.of(space.in().representation(), irreps, dtype);
    out = SpectralBasis.of(space.out().representation(), outIrreps(space), dtype);
    in.buffers().forEach((name, tensor) -> keep("in_" + name, tensor));
    out.buffers().forEach((name, tensor) -> keep("out_" + name, tensor));
    sizes =
        space.blocks().stream()
            .mapToLong(b -> (long) b.irrep().type().endomorphismDimension() * b.dim())
            .toArray();
    int[] places = new int[Math.toIntExact(Arrays.stream(sizes).sum())];
    double[] signArray = new double[places.length];
    int next = 0;
    for (int k = 0; k < space.blocks().size(); k++) {
      HomSpace.Block block = space.blocks().get(k);
      next = mixing(block, out.columns(k), in.columns(k), places, signArray, next);
    }
    Arrays.setAll(places, i -> placeOf[places[i]]);
    gather = keep("gather", Tensors.ofIndices(places));
    signs =
        Arrays.stream(signArray).allMatch(s -> s == 1)
            ? null
            : keep("signs", Tensors.of(dtype, signArray, signArray.length));
  }

  /**
   * The map that a basis describes.
   *
   * @param basis the basis; its order of coefficients is this map's
   * @param dtype the dtype of its tensors
   * @return the map, on the CPU
   */
  public static SpectralMap of(GroupHomomorphismBasis basis, Dtype dtype) {
    return new SpectralMap(basis.space(), basis.placesOfIsotypic(), dtype);
  }

  /** The shared irreps, and the trivial one, where an invariant bias lives. */
  static List<Irrep> outIrreps(HomSpace space) {
    List<Irrep> irreps =
        new ArrayList<>(space.blocks().stream().map(HomSpace.Block::irrep).toList());
    Irrep trivial = space.out().representation().group().trivialIrrep();
    if (space.out().block(trivial).isPresent() && !irreps.contains(trivial)) {
      irreps.add(trivial);
    }
    return irreps;
  }

  private Tensor keep(String name, Tensor tensor) {
    buffers.put(name, Scopes.keep(tensor));
    return tensor;
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
    int height = block.irrep().dimension() / s;
    List<Matrix> endomorphisms = block.irrep().endomorphismBasis();
    for (int i : in) {
      for (int o : out) {
        for (int e = 0; e < s; e++) {
          double sign = endomorphisms.get(e).get(o % s * height, i % s * height);
          if (sign != 0) {
            places[next] = block.start() + (o / s * block.in().multiplicity() + i / s) * s + e;
            signs[next++] = sign;
          }
        }
      }
    }
    return next;
  }

  /** The number of products. */
  int products() {
    return sizes.length;
  }

  /**
   * The multiply-adds for one sample, changes of basis included.
   *
   * @return the number of multiply-adds
   */
  public long multiplyAddsPerSample() {
    return in.multiplyAdds() + space.multiplyAddsPerSample() + out.multiplyAdds();
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
    Tensor mixing = coefficients.index_select(0, gather);
    if (signs != null) {
      mixing = mixing.mul(signs);
    }
    @Nullable TensorVector parts =
        sizes.length == 1 ? null : torch.split_with_sizes(mixing, sizes, 0);
    List<Optional<Tensor>> answers = new ArrayList<>();
    for (int k = 0; k < sizes.length; k++) {
      HomSpace.Block block = space.blocks().get(k);
      int s = block.irrep().type().endomorphismDimension();
      Tensor matrix =
          (parts == null ? mixing : parts.get(k))
              .view((long) s * block.in().multiplicity(), (long) s * block.out().multiplicity());
      answers.add(input.of(in.place(k)).map(features -> features.mm(matrix)));
    }
    while (answers.size() < out.irreps()) {
      answers.add(Optional.empty());
    }
    return out.spectrum(input.samples(), answers);
  }
}
