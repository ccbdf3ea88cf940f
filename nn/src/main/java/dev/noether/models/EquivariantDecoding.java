package dev.noether.models;

import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.nn.attention.EquivariantAdditivePositionalAttention;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer decoder that commutes with a group: a layer or a stack of them.
 *
 * @param <B> what it computes
 */
abstract sealed class EquivariantDecoding<B extends TransformerBody>
    extends Decoding<Representation, B>
    permits EquivariantTransformerDecoderLayer, EquivariantTransformerDecoder {
  private static final int SAMPLES = 4;

  EquivariantDecoding(
      Representation representation, Function<LayerParts<Representation>, B> making) {
    super(
        representation,
        requireSpace(representation, EquivariantTransformerDecoder.class).size(),
        EquivariantParts::new,
        making);
  }

  /**
   * How tokens, memory and outputs transform.
   *
   * @return the representation
   */
  public Representation in() {
    return maps().restricted(space());
  }

  private MapOptions maps() {
    return body().options().maps();
  }

  /**
   * With three tokens and five of memory, where tables of positions are as long; in four samples.
   */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.of(
        maps()
            .restricted(
                new EquivariantFunction(
                    List.of(example(3), example(5)),
                    space(),
                    Axes.FEATURES,
                    inputs -> forward(inputs.get(0), inputs.get(1)))));
  }

  /** No more steps than the tables of positions inside have. */
  static long steps(Layer layer, long wanted) {
    return layer.namedLayers().values().stream()
        .filter(EquivariantAdditivePositionalAttention.class::isInstance)
        .mapToLong(part -> ((EquivariantAdditivePositionalAttention) part).maxLength())
        .reduce(wanted, Math::min);
  }

  private EquivariantFunction.Input example(long wanted) {
    long time = steps(this, wanted);
    Optional<Tensor> like = namedParameters().values().stream().findFirst();
    long size = space().size();
    long[] shape =
        body().options().batchFirst()
            ? new long[] {SAMPLES, time, size}
            : new long[] {time, SAMPLES, size};
    return new EquivariantFunction.Input(
        space(), Axes.FEATURES, EquivariantFunction.random(like, shape));
  }
}
