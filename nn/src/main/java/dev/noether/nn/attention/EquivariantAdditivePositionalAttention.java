package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention that commutes with a group, whose queries and keys get a learned vector of their
 * absolute position added before the projections; values do not. Positions are 0 to {@code max_len
 * - 1}; others are refused.
 *
 * <p>Names in the state dict: {@code attn.*} and {@code pos_emb}, N(0, 0.02) at first.
 */
public final class EquivariantAdditivePositionalAttention extends EquivariantLayer
    implements Attention {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantAdditivePositionalAttention> TYPE =
      LayerType.of(
              EquivariantAdditivePositionalAttention.class,
              layer -> List.of(new BasisUse.Projector("invariant_projector", layer.in())))
          .representation("in", EquivariantAdditivePositionalAttention::in)
          .setting("max_len", layer -> layer.maxLength)
          .settings(AttentionOptions.SETTINGS, layer -> layer.attention.options())
          .settings(MapOptions.SETTINGS, layer -> layer.attention.options().maps())
          .builds(
              s ->
                  new EquivariantAdditivePositionalAttention(
                      s.representation("in"), s.whole("max_len"), AttentionOptions.of(s)));

  private final EquivariantMultiheadAttention attention;
  private final int maxLength;
  private final Parameter table;
  private final Tensor columns;
  private final Tensor rows;

  /**
   * A layer.
   *
   * @param representation how inputs and outputs transform
   * @param maxLength the number of positions in the table: 0 to maxLength - 1
   * @param options heads, dropout, layout, and how the projections are made
   * @throws IllegalArgumentException if a head would split a summand, or a table of positions is
   *     empty or the representation has no invariant vector, in which a position could show
   */
  public EquivariantAdditivePositionalAttention(
      Representation representation, int maxLength, AttentionOptions options) {
    super(representation, representation, options.batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
    Matrix fixed = InvariantBias.fixedVectors(representation);
    require(
        fixed.columns() > 0,
        "absolute positions show in invariant vectors, and %s has none; use relative or rotary"
            + " positions",
        representation);
    this.maxLength = PositionTable.requireLength(maxLength);
    attention = registerChild("attn", new EquivariantMultiheadAttention(representation, options));
    table =
        registerParameter("pos_emb", PositionTable.draw(options, maxLength, representation.size()));
    Buffers buffers = new Buffers();
    Dtype dtype = options.maps().dtype();
    columns = buffers.add("fixed", dtype, fixed);
    rows = buffers.add("fixed_rows", dtype, fixed.transpose());
    registerBuffers("", buffers);
    registerDerived(
        "invariant_projector",
        () -> Tensors.of(Dtype.FLOAT64, InvariantProjector.of(representation)));
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public AttentionOptions options() {
    return attention.options();
  }

  /** Self-attention without masks, at positions 0, 1, 2, ... */
  @Override
  protected Tensor compute(Tensor input) {
    return forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = attention.heads().shape(query, key, value, masks, in(), attention.like());
    return Scopes.compute(
        () -> {
          Tensor all = table.value().mm(columns).mm(rows);
          return attention.forward(
              query.add(at(positions.queries(shape, query), all, shape)),
              key.add(at(positions.keys(shape, key), all, shape)),
              value,
              masks,
              PositionEffect.NONE);
        });
  }

  @Override
  public Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = attention.heads().shape(query, key, key, masks, in(), attention.like());
    return Scopes.compute(
        () -> {
          Tensor all = table.value().mm(columns).mm(rows);
          return attention.weights(
              query.add(at(positions.queries(shape, query), all, shape)),
              key.add(at(positions.keys(shape, key), all, shape)),
              masks,
              PositionEffect.NONE);
        });
  }

  private Tensor at(AttentionPositions.Places places, Tensor all, Heads.Shape shape) {
    return PositionTable.rows(all, places, attention.heads(), shape);
  }

  @Override
  public String toString() {
    return "EquivariantAdditivePositionalAttention(" + in() + ", " + options().headCount() + ")";
  }
}
