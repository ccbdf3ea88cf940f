package dev.noether.models;

import dev.noether.models.ConditionalTransformer.Sizes;
import dev.noether.models.ConditionalTransformer.Spaces;
import dev.noether.torch.Seeds;
import java.util.Map;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** What the plain conditional transformers share: spaces, and the first weights. */
final class PlainCondTransformer {
  /** The standard deviation of weights and positions at first. */
  static final double DEVIATION = 0.02;

  private PlainCondTransformer() {}

  static Spaces<Integer> spaces(Sizes sizes, CondTransformerOptions options) {
    return new Spaces<>(sizes.in(), sizes.cond(), sizes.out(), options.embedding());
  }

  /** Matrices N(0, 0.02), biases zero; norms and positions stay. */
  static void reset(Map<String, Tensor> parameters, CondTransformerOptions options) {
    GeneratorOptional generator = Seeds.generator(options.maps().seed());
    try (NoGradGuard guard = new NoGradGuard()) {
      parameters.forEach(
          (name, tensor) -> {
            if (name.endsWith("weight") && tensor.dim() == 2) {
              tensor.normal_(0, DEVIATION, generator);
            } else if (name.endsWith("bias") && !name.endsWith("rel_bias")) {
              tensor.zero_();
            }
          });
    }
  }
}
