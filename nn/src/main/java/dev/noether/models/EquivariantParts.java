package dev.noether.models;

import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Parts that commute with a group. */
record EquivariantParts(Registrar owner) implements LayerParts<Representation> {
  private static final Sequences<Representation, ?, ?> SEQUENCES =
      new Sequences<>(
          PositionEncoding::attention,
          EquivariantTransformerEncoder::new,
          EquivariantTransformerDecoder::new);

  EquivariantParts {
    LibTorch.load();
  }

  @Override
  public boolean isEquivariant() {
    return true;
  }

  /** Copies of the regular representation, at least as wide as asked for. */
  static Representation copies(Representation rho, int width) {
    int order = rho.finiteGroup().order();
    return Representation.regular(rho.finiteGroup()).times((width + order - 1) / order);
  }

  @Override
  public Representation hidden(Representation rho, int width, Activation activation) {
    Representation hidden = copies(rho, width);
    owner.register("activation", new PointwiseNonlinearity(hidden, activation));
    return hidden;
  }

  @Override
  public Part linear(String name, Representation in, Representation out, MapOptions options) {
    EquivariantLinear layer = new EquivariantLinear(in, out, options);
    owner.register(name, layer);
    return new Part(name, layer::forward, layer, layer::forward, null);
  }

  @Override
  public Part norm(String name, Representation rho, TransformerNorm kind, NormOptions options) {
    return switch (kind) {
      case RMSNORM -> rmsNorm(name, new EquivariantRmsNorm(rho, options.eps(), options.dtype()));
      case LAYERNORM -> part(name, new EquivariantLayerNorm(rho, options));
    };
  }

  private Part rmsNorm(String name, EquivariantRmsNorm layer) {
    owner.register(name, layer);
    return new Part(
        name, layer::forward, layer, (x, scales) -> layer.forward(scales.forward(x)), layer);
  }

  @Override
  public UnaryOperator<Tensor> dropout(
      String name, Representation rho, double probability, MapOptions options) {
    return probability == 0
        ? UnaryOperator.identity()
        : inTraining(name, new EquivariantDropout(rho, probability, options.dtype()));
  }

  @Override
  public Sequences<Representation, ?, ?> sequences() {
    return SEQUENCES;
  }
}
