package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.torch.Seeds;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;

/** A plain conditional transformer: its step, and its first weights. */
abstract sealed class PlainConditionalTransformer extends ConditionalTransformer
    permits CondTransformerRegressor, CondTransformer {
  /** The standard deviation of weights and positions at first. */
  static final double DEVIATION = 0.02;

  private final StepEmbedding step;

  PlainConditionalTransformer(
      Widths sizes,
      CondTransformerOptions options,
      CondTransformerLayers layers,
      TransformerNames names) {
    super(
        PlainParts::new,
        new Spaces<>(sizes.in(), sizes.cond(), sizes.out(), options.embedding()),
        sizes,
        options,
        layers,
        names);
    reset();
    step = new StepEmbedding(options.embedding(), options.maps().dtype());
    registerBuffers("step.", step.buffers());
    registerMasks(options.condHorizon() + 1, () -> true);
  }

  /** What architectures tell of all of them. */
  static <L extends PlainConditionalTransformer> LayerType.Builder<L> type(Class<L> layer) {
    return LayerType.independentOfBases(layer)
        .setting("in_dim", own -> own.sizes().in())
        .setting("cond_dim", own -> own.sizes().cond())
        .setting("out_dim", own -> own.sizes().out())
        .settings(CondTransformerOptions.SETTINGS, ConditionalTransformer::options);
  }

  static Widths sizes(Settings settings) {
    return new Widths(
        settings.whole("in_dim"), settings.whole("cond_dim"), settings.whole("out_dim"));
  }

  /** Matrices N(0, 0.02), biases zero; norms and positions stay. */
  private void reset() {
    GeneratorOptional generator = Seeds.generator(options().maps().seed());
    try (NoGradGuard guard = new NoGradGuard()) {
      namedParameters()
          .forEach(
              (name, tensor) -> {
                if (name.endsWith("weight") && tensor.dim() == 2) {
                  tensor.normal_(0, DEVIATION, generator);
                } else if (name.endsWith("bias") && !name.endsWith("rel_bias")) {
                  tensor.zero_();
                }
              });
    }
  }

  @Override
  StepEmbedding step() {
    return step;
  }
}
