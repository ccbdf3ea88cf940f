package dev.noether.models;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A conditional transformer that commutes with a group, whose attention knows positions: absolute,
 * relative or rotary, as those of {@link CondTransformer}. Features inside are copies of the
 * regular representation; inputs, conditioning and outputs transform in any way.
 *
 * <p>The step is invariant: it shows in the invariant vector of each copy, {@link #stepRule} tells
 * how. A state dict of the Python package selects its rule by itself, because it holds {@code
 * invariant_projector}.
 *
 * <p>Names in the state dict: {@code input_emb.*}, {@code cond_emb.*}, {@code encoder.*}, {@code
 * decoder.layers.0.*} and so on, {@code layer_norm.*}, {@code head.*}.
 */
public final class EquivariantCondTransformer extends ConditionalTransformer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantCondTransformer> TYPE =
      LayerType.of(
              EquivariantCondTransformer.class,
              layer -> List.of(new BasisUse.Projector("invariant_projector", layer.hidden)))
          .representation("in", EquivariantCondTransformer::in)
          .representation("cond", EquivariantCondTransformer::cond)
          .representation("out", EquivariantCondTransformer::out)
          .settings(CondTransformerOptions.SETTINGS, EquivariantCondTransformer::options)
          .settings(CondTransformerLayers.SETTINGS, layer -> layer.layers())
          .settings(MapOptions.SETTINGS, layer -> layer.options().maps())
          .setting("step_rule", EquivariantCondTransformer::stepRule, StepRule.SPREAD)
          .builds(
              s ->
                  new EquivariantCondTransformer(
                      new EquivariantSpaces(
                          s.representation("in"),
                          s.representation("cond"),
                          s.optional("out").orElseGet(() -> s.representation("in"))),
                      CondTransformerOptions.of(s, MapOptions.of(s)),
                      CondTransformerLayers.of(s),
                      s.constant(StepRule.class, "step_rule")));

  private final EquivariantSpaces spaces;
  private final Representation hidden;
  private final InvariantStep step;

  /**
   * A network.
   *
   * @param in how X transforms
   * @param cond how Z transforms
   * @param out how the output transforms
   * @param options horizons, layers, heads, widths, dropout, causality
   * @param layers positions and norms
   * @throws IllegalArgumentException if the groups differ, the embedding is no whole number of
   *     copies of the regular representation, or a head would split one
   */
  public EquivariantCondTransformer(
      Representation in,
      Representation cond,
      Representation out,
      CondTransformerOptions options,
      CondTransformerLayers layers) {
    this(new EquivariantSpaces(in, cond, out), options, layers, StepRule.SPREAD);
  }

  private EquivariantCondTransformer(
      EquivariantSpaces spaces,
      CondTransformerOptions options,
      CondTransformerLayers layers,
      StepRule rule) {
    super(
        EquivariantParts::new,
        spaces.with(options.embedding()),
        spaces.sizes(),
        options,
        layers,
        TransformerNames.V0_7);
    this.spaces = spaces;
    hidden = spaces.hidden(options.embedding());
    Dtype dtype = options.maps().dtype();
    step = new InvariantStep(hidden, rule, dtype);
    registerBuffers("step.", step.buffers());
    registerMark(
        "invariant_projector",
        () -> Tensors.of(Dtype.FLOAT64, InvariantProjector.of(hidden)),
        step::isAveraged,
        step::choose);
    registerMasks(options.condHorizon() + 1, step::isAveraged);
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

  /** As long as the horizons allow, in four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.of(spaces.claim(this));
  }
}
