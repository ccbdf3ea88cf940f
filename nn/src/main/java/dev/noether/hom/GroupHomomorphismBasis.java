package dev.noether.hom;

import static dev.noether.algebra.Checks.require;

import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A basis of the equivariant maps between two representations: turns coefficients into dense maps
 * and projects dense maps onto Hom_G(in, out).
 *
 * <p>In the isotypic bases the block of irrep k between copies i and o is the sum over s of
 * theta[o, i, s] Psi_s, with Psi_s the irrep's endomorphisms; a change of basis on both sides gives
 * the dense map. That is the definition; the work is done summand by summand, over orbits where the
 * summands permute their coordinates, and through dense changes of basis only where nothing better
 * is known. Gradients flow through both operations. The tensors of the basis are its {@link
 * #buffers()}; a layer that holds a basis registers and moves them.
 *
 * <p>The Frobenius norm of a coefficient's basis element is sqrt(d), so the same seed draws the
 * same map under every {@link BasisExpansion}.
 */
public final class GroupHomomorphismBasis {
  private final HomSpace space;
  private final BasisExpansion expansion;
  private final int[] places; // none in the isotypic order
  private final Realization realization;
  private final Tensor like;
  private final @Nullable Tensor into;
  private final @Nullable Tensor outOf;
  private final Buffers buffers = new Buffers();

  private GroupHomomorphismBasis(
      HomSpace space, BasisExpansion expansion, Dtype dtype, boolean projects) {
    this.space = space;
    this.expansion = expansion;
    Summands in = new Summands(in());
    Summands out = new Summands(out());
    int[] order =
        expansion == BasisExpansion.ISOTYPIC_EXPANSION
            ? new int[0]
            : CoefficientOrder.of(expansion, space, in, out);
    places = CoefficientOrder.isIdentity(order) ? new int[0] : CoefficientOrder.inverse(order);
    Optional<List<SummandPair>> pairs = SlotRealization.blocks(in, out);
    int[] moves = places;
    if (pairs.isPresent()) {
      realization = new SlotRealization(in, out, pairs.get(), dtype, projects);
      moves = CoefficientOrder.ofBlocks(space, in, out, pairs.get());
      for (int i = 0; i < moves.length && places.length > 0; i++) {
        moves[i] = places[moves[i]];
      }
    } else {
      realization = new IsotypicRealization(space, dtype);
    }
    buffers.addAll("", realization.buffers());
    like =
        buffers.tensors().values().stream()
            .filter(Tensor::is_floating_point)
            .findFirst()
            .orElseThrow();
    boolean same = CoefficientOrder.isIdentity(moves);
    into = same ? null : index("into", moves);
    outOf = same || !projects ? null : index("out_of", CoefficientOrder.inverse(moves));
  }

  private Tensor index(String name, int[] places) {
    return buffers.add(name, Scopes.keep(Tensors.ofIndices(places)));
  }

  /**
   * The basis of Hom_G(in, out).
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion the coordinates of the coefficients
   * @param dtype the dtype of its tensors
   * @return the basis, on the CPU
   * @throws IllegalArgumentException if the groups differ or no equivariant map but zero exists
   */
  public static GroupHomomorphismBasis of(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    return new GroupHomomorphismBasis(space(in, out), expansion, dtype, false);
  }

  /**
   * The same for maps that are projected at every step: it also keeps where the entries of a weight
   * belong row by row, 4 bytes for each, which {@link #of another basis} derives when asked.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion the coordinates of the coefficients
   * @param dtype the dtype of its tensors
   * @return the basis, on the CPU
   * @throws IllegalArgumentException if the groups differ or no equivariant map but zero exists
   */
  public static GroupHomomorphismBasis forProjections(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    return new GroupHomomorphismBasis(space(in, out), expansion, dtype, true);
  }

  private static HomSpace space(Representation in, Representation out) {
    HomSpace space = HomSpace.between(in, out);
    require(
        space.dim() > 0,
        "Hom_G(in, out) must not be empty: %s and %s share no irrep, so zero is the only "
            + "equivariant map; give one side an irrep of the other",
        in,
        out);
    return space;
  }

  /**
   * The memory of a basis and of one vector of its coefficients, before anything is allocated.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion the coordinates of the coefficients
   * @param dtype the dtype
   * @return the bytes of the coefficients and of {@link #buffers}
   * @throws IllegalArgumentException if the groups differ
   */
  public static long predictedBytes(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    return PredictedBytes.of(in, out, expansion, dtype);
  }

  /**
   * The order of the coefficients as a permutation of the isotypic order, which is [block, copy
   * out, copy in, endomorphism].
   *
   * @return at each place of the isotypic order, the place in this basis' order
   */
  public int[] placesOfIsotypic() {
    return isInIsotypicOrder() ? IntStream.range(0, dim()).toArray() : places.clone();
  }

  /**
   * Whether the coefficients are in the isotypic order.
   *
   * @return true where {@link #placesOfIsotypic} moves nothing
   */
  public boolean isInIsotypicOrder() {
    return places.length == 0;
  }

  /**
   * The same before a basis is made.
   *
   * @param space the space
   * @param expansion the coordinates of the coefficients
   * @return true where they are in the isotypic order
   */
  public static boolean isInIsotypicOrder(HomSpace space, BasisExpansion expansion) {
    return expansion == BasisExpansion.ISOTYPIC_EXPANSION
        || CoefficientOrder.isIdentity(
            CoefficientOrder.of(
                expansion,
                space,
                new Summands(space.in().representation()),
                new Summands(space.out().representation())));
  }

  /**
   * The places that take coefficients into the isotypic order, where the basis keeps them for
   * itself.
   *
   * @return {@link #placesOfIsotypic} as a tensor; null where it keeps none
   */
  public @Nullable Tensor keptPlacesOfIsotypic() {
    return realization instanceof IsotypicRealization ? into : null;
  }

  /**
   * Whether {@link #keptPlacesOfIsotypic} are there, before a basis is made.
   *
   * @param space the space
   * @param expansion the coordinates of the coefficients
   * @return true where they are kept
   */
  public static boolean keepsPlacesOfIsotypic(HomSpace space, BasisExpansion expansion) {
    Summands in = new Summands(space.in().representation());
    Summands out = new Summands(space.out().representation());
    return SlotRealization.blocks(in, out).isEmpty() && !isInIsotypicOrder(space, expansion);
  }

  /**
   * The Hom space: blocks, dimension, work and bytes.
   *
   * @return the space
   */
  public HomSpace space() {
    return space;
  }

  /**
   * The representation of the input.
   *
   * @return in
   */
  public Representation in() {
    return space.in().representation();
  }

  /**
   * The representation of the output.
   *
   * @return out
   */
  public Representation out() {
    return space.out().representation();
  }

  /**
   * The coordinates of the coefficients.
   *
   * @return the order
   */
  public BasisExpansion expansion() {
    return expansion;
  }

  /**
   * The dimension of Hom_G(in, out): the number of coefficients.
   *
   * @return at least 1
   */
  public int dim() {
    return space.dim();
  }

  private long inSize() {
    return in().size();
  }

  private long outSize() {
    return out().size();
  }

  /**
   * A tensor of the basis, for what shares its dtype and device and moves with it.
   *
   * @return one of the {@link #buffers}
   */
  public Tensor like() {
    return like;
  }

  /**
   * The tensors that the basis computes with. A layer that moves them does so in place.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * The tensors that the Python package keeps in its state dict, by their names there. They are
   * computed when asked for, in float64: this basis does without them.
   *
   * @return an unmodifiable map
   */
  public Map<String, Supplier<Tensor>> stateDictEntries() {
    return StateDictBasis.entries(space, expansion);
  }

  /**
   * Turns coefficients into dense equivariant maps.
   *
   * @param coefficients {@code [..., dim]}
   * @return the maps, {@code [..., out.size, in.size]}
   * @throws IllegalArgumentException if the last axis is not {@code dim}, or dtype or device differ
   */
  public Tensor expand(Tensor coefficients) {
    Tensors.requireInput(coefficients, dim(), "dim()", space, like);
    return Scopes.compute(
        () -> eachOf(coefficients, 1, one -> expandTransposed(one).t()).contiguous());
  }

  /**
   * The same for one vector of coefficients, transposed, without checks and without a scope: for a
   * layer's own coefficients, inside a scope of the layer.
   *
   * @param coefficients {@code [dim]}, of the basis' dtype and device
   * @return the transposed map, {@code [in.size, out.size]}, contiguous
   */
  public Tensor expandTransposed(Tensor coefficients) {
    return realization.expand(into == null ? coefficients : coefficients.index_select(0, into));
  }

  /**
   * How several maps become one tensor, as the taps of a kernel: the expansion, in the order of the
   * axes that is asked for. It holds for where the basis is now; after a move ask again.
   *
   * @param maps how many
   * @param arrange from the transposed maps, {@code [maps, in.size, out.size]}, to the axes wanted
   * @return from coefficients {@code [maps, dim]} to a contiguous tensor
   */
  public UnaryOperator<Tensor> stack(int maps, UnaryOperator<Tensor> arrange) {
    // Places that are made in inference mode could never take part in a gradient later.
    try (PointerScope scope = new PointerScope();
        InferenceMode normal = new InferenceMode(false)) {
      UnaryOperator<Tensor> laid = realization.stack(maps, arrange);
      if (into == null) {
        return laid;
      }
      Tensor starts = torch.arange(new Scalar((long) maps)).mul(new Scalar((long) dim()));
      Tensor each = starts.to(into.device(), ScalarType.Int).unsqueeze(1).add(into.unsqueeze(0));
      Tensor places = Scopes.keep(each.reshape(-1));
      return coefficients ->
          laid.apply(coefficients.reshape(-1).index_select(0, places).view(maps, -1));
    }
  }

  /** Applies a function to every entry of the leading axes; the last {@code rank} are its own. */
  private static Tensor eachOf(Tensor tensor, int rank, UnaryOperator<Tensor> function) {
    if (tensor.dim() == rank) {
      return function.apply(tensor);
    }
    long[] shape = Tensors.shape(tensor);
    long[] leading = Arrays.copyOf(shape, shape.length - rank);
    long[] own = Arrays.copyOfRange(shape, shape.length - rank, shape.length);
    Tensor flat = tensor.reshape(concat(new long[] {-1}, own));
    Tensor[] results = new Tensor[Math.toIntExact(flat.size(0))];
    for (int i = 0; i < results.length; i++) {
      results[i] = function.apply(flat.select(0, i));
    }
    Tensor stacked = torch.stack(new TensorVector(results), 0);
    long[] result = Tensors.shape(stacked);
    return stacked.reshape(concat(leading, Arrays.copyOfRange(result, 1, result.length)));
  }

  /**
   * The coefficients of the equivariant map closest to a dense one.
   *
   * @param weight dense maps, {@code [..., out.size, in.size]}
   * @return coefficients, {@code [..., dim]}, in the order that {@link #expand} takes
   * @throws IllegalArgumentException if the last two axes, the dtype or the device differ
   */
  public Tensor coefficients(Tensor weight) {
    requireWeight(weight);
    return Scopes.compute(() -> eachOf(weight, 2, this::coefficientsOfOne));
  }

  private Tensor coefficientsOfOne(Tensor weight) {
    Tensor found = realization.coefficients(weight);
    if (into == null) {
      return found;
    }
    return found.index_select(0, outOf == null ? into.argsort() : outOf);
  }

  /**
   * Projects dense maps orthogonally onto the equivariant ones, in the Frobenius inner product.
   *
   * <p>The result is the closest equivariant map and the average of rho_out(g) W rho_in(g)^-1 over
   * the group.
   *
   * @param weight dense maps, {@code [..., out.size, in.size]}
   * @return equivariant maps of the same shape
   * @throws IllegalArgumentException if the last two axes, the dtype or the device differ
   */
  public Tensor project(Tensor weight) {
    requireWeight(weight);
    return Scopes.compute(
        () -> eachOf(weight, 2, one -> realization.project(one).t()).contiguous());
  }

  /**
   * The same for one map, transposed, without a scope: for a layer's own weight.
   *
   * @param weight a dense map, {@code [out.size, in.size]}
   * @return the closest equivariant map, transposed, {@code [in.size, out.size]}, contiguous
   * @throws IllegalArgumentException if the shape, the dtype or the device differ
   */
  public Tensor projectTransposed(Tensor weight) {
    requireWeight(weight);
    return realization.project(weight);
  }

  private void requireWeight(Tensor weight) {
    if (weight.dim() < 2 || weight.size(-2) != outSize() || weight.size(-1) != inSize()) {
      require(
          false,
          "last axes must be [out.size(), in.size()] = [%d, %d] (%s), got %s",
          outSize(),
          inSize(),
          description(),
          Arrays.toString(Tensors.shape(weight)));
    }
    Tensors.requireInput(weight, inSize(), "in.size()", space, like);
  }

  /**
   * Draws coefficients.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   * @param leading leading axes of the result, none for one map
   * @return {@code [leading..., dim]}, without gradient
   */
  public Tensor initialize(Initialization scheme, OptionalLong seed, long... leading) {
    return Scopes.compute(
        () -> {
          try (NoGradGuard guard = new NoGradGuard()) {
            GeneratorOptional generator = Seeds.generator(seed);
            List<Tensor> parts = new ArrayList<>();
            for (HomSpace.Block block : space.blocks()) {
              int s = block.irrep().type().endomorphismDimension();
              parts.add(
                  scheme.draw(
                      like.new_empty(concat(leading, block.dim())),
                      s * block.in().multiplicity(),
                      s * block.out().multiplicity(),
                      generator));
            }
            Tensor drawn = Tensors.concatenate(-1, parts.toArray(Tensor[]::new));
            return isInIsotypicOrder()
                ? drawn
                : drawn.index_select(-1, order().to(drawn.device(), ScalarType.Long));
          }
        });
  }

  /**
   * Draws dense equivariant maps.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   * @param leading leading axes of the result, none for one map
   * @return {@code [leading..., out.size, in.size]}, without gradient
   */
  public Tensor initializeDense(Initialization scheme, OptionalLong seed, long... leading) {
    return Scopes.compute(() -> expand(initialize(scheme, seed, leading)));
  }

  private String description() {
    return space.toString();
  }

  /** At each place of this basis' order, the place in the isotypic order. */
  private Tensor order() {
    long[] order = Arrays.stream(CoefficientOrder.inverse(places)).asLongStream().toArray();
    return Tensors.of(order, order.length);
  }

  private static long[] concat(long[] first, long... second) {
    return LongStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  /** The space and the strategy. */
  @Override
  public String toString() {
    return description() + ", " + expansion + ", dim " + dim();
  }
}
