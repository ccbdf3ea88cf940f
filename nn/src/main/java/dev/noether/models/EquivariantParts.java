package dev.noether.models;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.Attention;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Parts that commute with a group. */
record EquivariantParts(Registrar owner) implements LayerParts<Representation> {
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

  private <L extends EquivariantLayer & PlainLayer> Part part(String name, L layer) {
    owner.register(name, layer);
    return new Part(name, layer::forward, layer);
  }

  @Override
  public Part linear(String name, Representation in, Representation out, MapOptions options) {
    return part(name, new EquivariantLinear(in, out, options));
  }

  @Override
  public Part norm(String name, Representation rho, TransformerNorm kind, NormOptions options) {
    return switch (kind) {
      case RMSNORM -> part(name, new EquivariantRmsNorm(rho, options.eps(), options.dtype()));
      case LAYERNORM -> part(name, new EquivariantLayerNorm(rho, options));
    };
  }

  @Override
  public UnaryOperator<Tensor> dropout(
      String name, Representation rho, double probability, MapOptions options) {
    if (probability == 0) {
      return UnaryOperator.identity();
    }
    EquivariantDropout layer = new EquivariantDropout(rho, probability, options.dtype());
    owner.register(name, layer);
    return x -> layer.isTraining() ? layer.forward(x) : x;
  }

  @Override
  public Attention attention(
      String name, Representation rho, PositionEncoding positions, AttentionOptions options) {
    Attention attention = positions.attention(rho, options);
    owner.register(name, (Layer) attention);
    return attention;
  }

  @Override
  public SequenceEncoder encoder(String name, Representation rho, StackOptions options) {
    EquivariantTransformerEncoder stack = new EquivariantTransformerEncoder(rho, options);
    owner.register(name, stack);
    return stack;
  }

  @Override
  public SequenceDecoder decoder(String name, Representation rho, StackOptions options) {
    EquivariantTransformerDecoder stack = new EquivariantTransformerDecoder(rho, options);
    owner.register(name, stack);
    return stack;
  }
}
