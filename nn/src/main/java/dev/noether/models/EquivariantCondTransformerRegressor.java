package dev.noether.models;

import dev.noether.algebra.Matrix;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A conditional transformer that commutes with a group, with learned invariant positions added to
 * its tokens, which are zero at first, and RMS norms before each part. Features inside are copies
 * of the regular representation; inputs, conditioning and outputs transform in any way.
 *
 * <p>The step is invariant: it shows in the invariant vector of each copy, {@link #stepRule} tells
 * how. A state dict of the Python package selects its rule by itself, because it holds {@code
 * invariant_projector}.
 *
 * <p>Names in the state dict: {@code pos_emb}, {@code cond_pos_emb}, {@code input_emb.*}, {@code
 * cond_emb.*}, {@code encoder.*}, {@code decoder.layers.0.*} and so on, {@code layer_norm.*},
 * {@code head.*}.
 */
public final class EquivariantCondTransformerRegressor extends ConditionalTransformer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantCondTransformerRegressor> TYPE =
      LayerType.of(
              EquivariantCondTransformerRegressor.class,
              layer -> List.of(new BasisUse.Projector("invariant_projector", layer.hidden)))
          .representation("in", EquivariantCondTransformerRegressor::in)
          .representation("cond", EquivariantCondTransformerRegressor::cond)
          .representation("out", EquivariantCondTransformerRegressor::out)
          .settings(CondTransformerOptions.SETTINGS, EquivariantCondTransformerRegressor::options)
          .settings(MapOptions.SETTINGS, layer -> layer.options().maps())
          .setting("step_rule", EquivariantCondTransformerRegressor::stepRule, StepRule.SPREAD)
          .builds(
              s ->
                  new EquivariantCondTransformerRegressor(
                      new EquivariantSpaces(
                          s.representation("in"),
                          s.representation("cond"),
                          s.optional("out").orElseGet(() -> s.representation("in"))),
                      CondTransformerOptions.of(s, MapOptions.of(s)),
                      s.constant(StepRule.class, "step_rule")));

  private static final CondTransformerLayers LAYERS =
      CondTransformerLayers.defaults().with(PositionEncoding.Kind.NONE);

  private final EquivariantSpaces spaces;
  private final Representation hidden;
  private final InvariantStep step;
  private final Parameter inputPositions;
  private final Parameter memoryPositions;
  private final Tensor columns;
  private final Tensor rows;

  /**
   * A network.
   *
   * @param in how X transforms
   * @param cond how Z transforms
   * @param out how the output transforms
   * @param options horizons, layers, heads, widths, dropout, causality
   * @throws IllegalArgumentException if the groups differ, the embedding is no whole number of
   *     copies of the regular representation, or a head would split one
   */
  public EquivariantCondTransformerRegressor(
      Representation in, Representation cond, Representation out, CondTransformerOptions options) {
    this(new EquivariantSpaces(in, cond, out), options, StepRule.SPREAD);
  }

  private EquivariantCondTransformerRegressor(
      EquivariantSpaces spaces, CondTransformerOptions options, StepRule rule) {
    super(
        EquivariantParts::new,
        spaces.with(options.embedding()),
        spaces.sizes(),
        options,
        LAYERS,
        TransformerNames.V0_4);
    this.spaces = spaces;
    hidden = spaces.hidden(options.embedding());
    Dtype dtype = options.maps().dtype();
    step = new InvariantStep(hidden, rule, dtype);
    registerBuffers("step.", step.buffers());
    int size = hidden.size();
    inputPositions = registerParameter("pos_emb", zeros(dtype, options.inHorizon(), size));
    memoryPositions =
        registerParameter("cond_pos_emb", zeros(dtype, options.condHorizon() + 1, size));
    Matrix fixed = InvariantBias.fixedVectors(hidden);
    Buffers buffers = new Buffers();
    columns = buffers.add("fixed", dtype, fixed);
    rows = buffers.add("fixed_rows", dtype, fixed.transpose());
    registerBuffers("", buffers);
    registerMark(
        "invariant_projector",
        () -> Tensors.of(Dtype.FLOAT64, InvariantProjector.of(hidden)),
        step::isAveraged,
        step::choose);
    registerMasks(options.condHorizon(), step::isAveraged);
  }

  private static Tensor zeros(Dtype dtype, int places, int size) {
    return Tensors.of(dtype, new double[places * size], 1, places, size);
  }

  /**
   * How X transforms.
   *
   * @return the representation on its features
   */
  public Representation in() {
    return spaces.in();
  }

  /**
   * How Z transforms.
   *
   * @return the representation on its features
   */
  public Representation cond() {
    return spaces.cond();
  }

  /**
   * How the output transforms.
   *
   * @return the representation on its features
   */
  public Representation out() {
    return spaces.out();
  }

  /**
   * How the step enters the network.
   *
   * @return that of the last state dict, or of the architecture; {@link StepRule#SPREAD} at first
   */
  public StepRule stepRule() {
    return step.rule();
  }

  @Override
  Tensor embedded(Tensor steps, long batch) {
    return step.apply(steps, batch);
  }

  @Override
  Tensor placed(Tensor tokens, Tokens which) {
    Parameter table = which == Tokens.INPUTS ? inputPositions : memoryPositions;
    Tensor used = table.value().select(0, 0).narrow(0, 0, tokens.size(1));
    return tokens.add(used.mm(columns).mm(rows));
  }

  /** As long as the horizons allow, in four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.of(spaces.claim(this));
  }
}
