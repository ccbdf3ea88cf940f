package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.CommutingConstraint;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantConstraint;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention with several heads, as PyTorch's {@code MultiheadAttention}, that commutes with a
 * group.
 *
 * <p>Queries, keys and values come from equivariant maps, and every head sees whole summands of
 * their representation. The group acts on a head orthogonally, so the scores q . k are invariant,
 * and a weighted sum of values transforms as they do.
 *
 * <p>Where the summands of the representation fall into heads of equal size, queries, keys and
 * values transform as the input. Else, where the order of the group divides the size of a head,
 * they transform as copies of the regular representation. Other representations and numbers of
 * heads are refused.
 */
public final class EquivariantMultiheadAttention extends EquivariantAttention {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantMultiheadAttention> TYPE =
      type(
          LayerType.independentOfBases(EquivariantMultiheadAttention.class),
          UnaryOperator.identity(),
          (rho, s, options) -> new EquivariantMultiheadAttention(rho, options));

  private final Representation inner;
  private final GroupHomomorphismBasis maps;
  private final PackedProjection projection;
  private final EquivariantLinear outProjection;
  private final AttentionCore core;

  /**
   * Attention over features of one representation.
   *
   * @param representation how inputs and outputs transform
   * @param options heads, dropout, layout, bias, expansion, initialization, seed and dtype
   * @throws IllegalArgumentException if a head would split a summand
   */
  public EquivariantMultiheadAttention(Representation representation, AttentionOptions options) {
    super(representation, options);
    inner = inner(representation, options.heads());
    MapOptions linear = options.maps();
    Dtype dtype = linear.dtype();
    Representation stacked = linear.restricted(inner.times(3));
    CommutingConstraint commuting =
        new CommutingConstraint(in(), stacked, linear.expansion(), dtype);
    maps = commuting.basis();
    Parameter weight =
        registerParameter(
            "in_proj_weight", maps.initializeDense(linear.initialization(), linear.seed()));
    registerParametrization("in_proj_weight", commuting);
    @Nullable Parameter bias = null;
    if (linear.bias()) {
      bias =
          registerParameter(
              "in_proj_bias", Tensors.of(dtype, new double[stacked.size()], stacked.size()));
      registerParametrization("in_proj_bias", new InvariantConstraint(stacked, dtype));
    }
    projection = new PackedProjection(weight, bias);
    outProjection =
        registerChild("out_proj", new EquivariantLinear(inner, representation, linear.forPart(1)));
    Heads heads = new Heads(representation.size(), options);
    core =
        new AttentionCore(
            this, representation, heads, projection, outProjection::forward, outProjection);
  }

  /**
   * Attention without dropout, batch first, with the default options.
   *
   * @param representation how inputs and outputs transform
   * @param heads the number of heads
   * @throws IllegalArgumentException if a head would split a summand
   */
  public EquivariantMultiheadAttention(Representation representation, int heads) {
    this(representation, AttentionOptions.heads(heads));
  }

  private static Representation inner(Representation representation, int heads) {
    int size = representation.size();
    List<Integer> admitted = new ArrayList<>();
    for (int h = 1; h <= size; h++) {
      if (size % h == 0 && (fallsInto(representation, h) || isRegular(representation, h))) {
        admitted.add(h);
      }
    }
    require(
        admitted.contains(heads),
        "%d heads would split a summand of %s (sizes %s); the numbers of heads that do not are %s",
        heads,
        representation,
        sizes(representation),
        admitted);
    return fallsInto(representation, heads)
        ? representation
        : Representation.regular(representation.finiteGroup())
            .times(size / representation.finiteGroup().order());
  }

  /** Whether heads of equal size end where summands end. */
  private static boolean fallsInto(Representation representation, int heads) {
    int width = representation.size() / heads;
    long ends =
        representation.runs().stream()
            .flatMapToInt(
                run ->
                    IntStream.rangeClosed(1, run.count())
                        .map(i -> run.start() + i * run.summand().size()))
            .filter(end -> end % width == 0)
            .count();
    return ends == heads;
  }

  private static List<Integer> sizes(Representation representation) {
    return representation.summands().stream().map(Representation::size).toList();
  }

  private static boolean isRegular(Representation representation, int heads) {
    return representation.group() instanceof FiniteGroup group
        && representation.size() / heads % group.order() == 0;
  }

  /**
   * How queries, keys and values transform.
   *
   * @return a representation of the size of the input
   */
  public Representation inner() {
    return inner;
  }

  /**
   * Draws all weights anew and sets the biases to zero.
   *
   * @param scheme how
   * @param seed the seed of generators of its own; empty draws from LibTorch's
   */
  public void reset(Initialization scheme, OptionalLong seed) {
    try (NoGradGuard guard = new NoGradGuard()) {
      projection.weight().original().copy_(maps.initializeDense(scheme, seed));
      if (projection.bias() != null) {
        projection.bias().original().zero_();
      }
    }
    outProjection.reset(scheme, Seeds.next(seed, 1));
  }

  /**
   * Attends from queries to keys and values.
   *
   * @param query {@code [batch, queries, size]}, or as the layout says
   * @param key {@code [batch, keys, size]}
   * @param value {@code [batch, keys, size]}
   * @param masks what may not be looked at; a query that may look at nothing gives zeros before the
   *     output projection
   * @return {@code [batch, queries, size]}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor forward(Tensor query, Tensor key, Tensor value, AttentionMasks masks) {
    return forward(query, key, value, masks, AttentionPositions.inOrder());
  }

  /**
   * The weights of attention, which are invariant; without dropout.
   *
   * @param query {@code [batch, queries, size]}, or as the layout says
   * @param key {@code [batch, keys, size]}
   * @param masks what may not be looked at
   * @return {@code [batch, heads, queries, keys]}, without the batch where the inputs have none;
   *     every row sums to one, or is zero where nothing may be looked at
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor weights(Tensor query, Tensor key, AttentionMasks masks) {
    return weights(query, key, masks, AttentionPositions.inOrder());
  }

  @Override
  AttentionCore core() {
    return core;
  }
}
