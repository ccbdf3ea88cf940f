package dev.noether.models;

import dev.noether.nn.activation.Dropout;
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
  private static final Sequences<Integer, ?, ?> SEQUENCES =
      new Sequences<>(
          PositionEncoding::attention, TransformerEncoder::new, TransformerDecoder::new);

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
    return part(
        name,
        new Linear(in, out, new DenseOptions(options.bias(), options.seed(), options.dtype())));
  }

  @Override
  public Part norm(String name, Integer size, TransformerNorm kind, NormOptions options) {
    return switch (kind) {
      case RMSNORM -> part(name, new RmsNorm(size, options.eps(), options.dtype()));
      case LAYERNORM -> part(name, new LayerNorm(size, options));
    };
  }

  @Override
  public UnaryOperator<Tensor> dropout(
      String name, Integer size, double probability, MapOptions options) {
    return probability == 0 ? UnaryOperator.identity() : inTraining(name, new Dropout(probability));
  }

  @Override
  public Sequences<Integer, ?, ?> sequences() {
    return SEQUENCES;
  }
}
