package dev.noether.models;

import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** What equivariant decoders claim: tokens, memory and outputs transform alike. */
final class DecoderClaim {
  private static final int SAMPLES = 4;

  private DecoderClaim() {}

  /** With three tokens and five of memory. */
  static <L extends Layer & SequenceDecoder> EquivariantFunction of(
      L layer, Representation rho, boolean batchFirst) {
    Optional<Tensor> like = layer.namedParameters().values().stream().findFirst();
    return new EquivariantFunction(
        List.of(example(rho, like, batchFirst, 3), example(rho, like, batchFirst, 5)),
        rho,
        Axes.FEATURES,
        inputs -> layer.forward(inputs.get(0), inputs.get(1)));
  }

  private static EquivariantFunction.Input example(
      Representation rho, Optional<Tensor> like, boolean batchFirst, long time) {
    long[] shape =
        batchFirst
            ? new long[] {SAMPLES, time, rho.size()}
            : new long[] {time, SAMPLES, rho.size()};
    return new EquivariantFunction.Input(
        rho, Axes.FEATURES, EquivariantFunction.random(like, shape));
  }
}
