package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.BasisUse;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.FixedVectors;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
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
public final class EquivariantAdditivePositionalAttention extends EquivariantAttention {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantAdditivePositionalAttention> TYPE =
      type(
          LayerType.of(
              EquivariantAdditivePositionalAttention.class,
              layer ->
                  List.of(
                      new BasisUse.Projector("invariant_projector", layer.whole()),
                      new BasisUse.InvariantRows("pos_emb", layer.whole()))),
          own -> own.setting("max_len", layer -> layer.maxLength),
          (rho, s, options) ->
              new EquivariantAdditivePositionalAttention(rho, s.whole("max_len"), options));

  private final AttentionCore core;
  private final int maxLength;
  private final Parameter table;
  private final FixedVectors fixed;

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
    super(representation, options);
    require(
        !representation.copies(representation.group().trivialIrrep()).isEmpty(),
        "absolute positions show in invariant vectors, and %s has none; use relative or rotary"
            + " positions",
        representation);
    this.maxLength = PositionTable.requireLength(maxLength);
    EquivariantMultiheadAttention attention = inner(options);
    table =
        registerWithoutDecay(
            "pos_emb", PositionTable.draw(options, maxLength, representation.size()));
    fixed = new FixedVectors(representation, options.maps().dtype());
    registerBuffers("", fixed.buffers());
    registerDerived(
        "invariant_projector",
        () -> Tensors.of(Dtype.FLOAT64, InvariantProjector.of(representation)));
    core =
        attention
            .core()
            .under("attn")
            .with(new PositionTable.Embedding(this::invariant, attention.core().heads()));
  }

  @Override
  AttentionCore core() {
    return core;
  }

  private Tensor invariant() {
    return fixed.project(table.value());
  }

  /**
   * The number of positions in the table.
   *
   * @return the most steps that it attends to
   */
  public int maxLength() {
    return maxLength;
  }

  /** No longer than the table. */
  @Override
  protected long exampleSamples() {
    return Math.min(maxLength, super.exampleSamples());
  }
}
