package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.models.ConditionalTransformer.Spaces;
import dev.noether.models.ConditionalTransformer.Widths;
import dev.noether.nn.EquivariantFunction;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** How what enters and leaves an equivariant conditional transformer transforms. */
record EquivariantSpaces(Representation in, Representation cond, Representation out) {
  private static final long SAMPLES = 4;

  EquivariantSpaces {
    require(
        in.group().equals(cond.group()) && in.group().equals(out.group()),
        "in, cond and out must be representations of one group, got %s, %s and %s",
        in,
        cond,
        out);
  }

  Widths sizes() {
    return new Widths(in.size(), cond.size(), out.size());
  }

  /** Features inside are copies of the regular representation. */
  Spaces<Representation> with(int embedding) {
    int order = in.finiteGroup().order();
    require(
        embedding % order == 0,
        "embedding_dim must be a multiple of the group's order %d, whole copies of its regular"
            + " representation, got %d",
        order,
        embedding);
    return new Spaces<>(in, cond, out, hidden(embedding));
  }

  Representation hidden(int embedding) {
    return EquivariantParts.copies(in, embedding);
  }

  /** Of X, a step for each sample, and Z, as long as the horizons allow. */
  EquivariantFunction claim(ConditionalTransformer layer) {
    Optional<Tensor> like = layer.namedParameters().values().stream().findFirst();
    CondTransformerOptions options = layer.options();
    return new EquivariantFunction(
        List.of(
            input(in, like, SAMPLES, options.inHorizon(), in.size()),
            input(Representation.trivial(in.group()), like, SAMPLES, 1),
            input(cond, like, SAMPLES, options.condHorizon(), cond.size())),
        out,
        Axes.FEATURES,
        inputs -> layer.forward(inputs.get(0), inputs.get(1), inputs.get(2)));
  }

  private static EquivariantFunction.Input input(
      Representation rho, Optional<Tensor> like, long... shape) {
    return new EquivariantFunction.Input(
        rho, Axes.FEATURES, EquivariantFunction.random(like, shape));
  }
}
