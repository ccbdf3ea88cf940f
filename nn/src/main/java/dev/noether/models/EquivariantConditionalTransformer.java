package dev.noether.models;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;

/**
 * A conditional transformer that commutes with a group: features inside are copies of the regular
 * representation, and the step shows in the invariant vector of each copy.
 */
abstract sealed class EquivariantConditionalTransformer extends ConditionalTransformer
    permits EquivariantCondTransformerRegressor, EquivariantCondTransformer {
  private final EquivariantSpaces spaces;
  private final Representation hidden;
  private final InvariantStep step;

  /**
   * Makes the parts.
   *
   * @param condColumns how many columns the mask over the memory has in state dicts of the Python
   *     package
   */
  EquivariantConditionalTransformer(
      EquivariantSpaces spaces,
      CondTransformerOptions options,
      CondTransformerLayers layers,
      TransformerNames names,
      StepRule rule,
      int condColumns) {
    super(
        EquivariantParts::new,
        spaces.with(options.embedding()),
        spaces.sizes(),
        options,
        layers,
        names);
    this.spaces = spaces;
    hidden = spaces.hidden(options.embedding());
    step = new InvariantStep(hidden, rule, options.maps().dtype());
    registerBuffers("step.", step.buffers());
    registerMark(
        "invariant_projector",
        () -> Tensors.of(Dtype.FLOAT64, InvariantProjector.of(hidden)),
        step::isAveraged,
        step::choose);
    registerMasks(condColumns, step::isAveraged);
  }

  /** What architectures tell of all of them, before their own settings. */
  static <L extends EquivariantConditionalTransformer> LayerType.Builder<L> type(Class<L> layer) {
    return LayerType.of(
            layer, own -> List.of(new BasisUse.Projector("invariant_projector", own.hidden())))
        .representation("in", own -> own.spaces().in())
        .representation("cond", own -> own.spaces().cond())
        .representation("out", own -> own.spaces().out())
        .settings(CondTransformerOptions.SETTINGS, ConditionalTransformer::options);
  }

  /** What architectures tell of all of them, after their own settings. */
  static <L extends EquivariantConditionalTransformer> LayerType.Builder<L> mapsAndRule(
      LayerType.Builder<L> type) {
    return type.settings(MapOptions.SETTINGS, own -> own.options().maps())
        .setting("step_rule", EquivariantConditionalTransformer::stepRule, StepRule.SPREAD);
  }

  static EquivariantSpaces spaces(Settings settings) {
    Representation in = settings.representation("in");
    return new EquivariantSpaces(
        in, settings.representation("cond"), settings.optional("out").orElse(in));
  }

  static CondTransformerOptions options(Settings settings) {
    return CondTransformerOptions.of(settings, MapOptions.of(settings));
  }

  static StepRule rule(Settings settings) {
    return settings.constant(StepRule.class, "step_rule");
  }

  final Representation hidden() {
    return hidden;
  }

  final EquivariantSpaces spaces() {
    return spaces;
  }

  private MapOptions maps() {
    return options().maps();
  }

  /**
   * How X transforms.
   *
   * @return the representation on its features
   */
  public Representation in() {
    return maps().restricted(spaces.in());
  }

  /**
   * How Z transforms.
   *
   * @return the representation on its features
   */
  public Representation cond() {
    return maps().restricted(spaces.cond());
  }

  /**
   * How the output transforms.
   *
   * @return the representation on its features
   */
  public Representation out() {
    return maps().restricted(spaces.out());
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
  InvariantStep step() {
    return step;
  }

  /** As long as the horizons allow, in four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.of(maps().restricted(spaces.claim(this)));
  }
}
