package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.activation.Dropout;
import dev.noether.nn.attention.Attention;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.plain.Activation;
import dev.noether.torch.LibTorch;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Plain parts, with PyTorch's initialization. */
record PlainParts(Registrar owner) implements LayerParts<Integer> {
  PlainParts {
    LibTorch.load();
  }

  @Override
  public boolean isEquivariant() {
    return false;
  }

  @Override
  public Integer hidden(Integer size, int width, Activation activation) {
    return width;
  }

  @Override
  public Part linear(String name, Integer in, Integer out, MapOptions options) {
    Linear layer =
        new Linear(in, out, new DenseOptions(options.bias(), options.seed(), options.dtype()));
    owner.register(name, layer);
    return new Part(name, layer::forward, layer);
  }

  @Override
  public Part norm(String name, Integer size, TransformerNorm kind, NormOptions options) {
    return switch (kind) {
      case RMSNORM -> {
        RmsNorm layer = new RmsNorm(size, options.eps(), options.dtype());
        owner.register(name, layer);
        yield new Part(name, layer::forward, layer);
      }
      case LAYERNORM -> {
        LayerNorm layer = new LayerNorm(size, options);
        owner.register(name, layer);
        yield new Part(name, layer::forward, layer);
      }
    };
  }

  @Override
  public UnaryOperator<Tensor> dropout(
      String name, Integer size, double probability, MapOptions options) {
    if (probability == 0) {
      return UnaryOperator.identity();
    }
    Dropout layer = new Dropout(probability);
    owner.register(name, layer);
    return x -> layer.isTraining() ? layer.forward(x) : x;
  }

  @Override
  public Attention attention(
      String name, Integer size, PositionEncoding positions, AttentionOptions options) {
    Attention attention = positions.attention(size, options);
    owner.register(name, (Layer) attention);
    return attention;
  }

  @Override
  public SequenceEncoder encoder(String name, Integer size, StackOptions options) {
    TransformerEncoder stack = new TransformerEncoder(size, options);
    owner.register(name, stack);
    return stack;
  }

  @Override
  public SequenceDecoder decoder(String name, Integer size, StackOptions options) {
    TransformerDecoder stack = new TransformerDecoder(size, options);
    owner.register(name, stack);
    return stack;
  }
}
