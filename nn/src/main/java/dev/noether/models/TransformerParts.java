package dev.noether.models;

import dev.noether.models.TransformerBlock.Named;
import dev.noether.models.TransformerBlock.Part;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.Attention;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Makes the parts of transformer layers and gives them their names. */
final class TransformerParts {
  /** Parts of one layer draw their weights from seeds this far apart. */
  private static final int SEEDS = 10;

  /** Makes a layer the child of another. */
  interface Registrar {
    void register(String name, Layer child);
  }

  private final TransformerOptions options;
  private final Registrar registrar;

  private TransformerParts(TransformerOptions options, Registrar registrar) {
    this.options = options;
    this.registrar = registrar;
    LibTorch.load();
  }

  /** Plain parts, with the names of PyTorch's layers. */
  static TransformerBlock plain(
      int size,
      boolean decodes,
      TransformerOptions options,
      Registrar registrar,
      BooleanSupplier training) {
    TransformerParts parts = new TransformerParts(options, registrar);
    int hidden = options.feedForward();
    UnaryOperator<Tensor> dropout = x -> dropped(x, options.dropout(), training.getAsBoolean());
    List<Named<Attention>> attentions =
        parts.attentions(decodes, "multihead_attn", part -> plainAttention(size, options, part));
    Part linear1 = parts.linear("linear1", size, hidden, 2);
    Part linear2 = parts.linear("linear2", hidden, size, 3);
    List<Part> norms = new ArrayList<>();
    for (int i = 1; i <= attentions.size() + 1; i++) {
      norms.add(parts.norm("norm" + i, size));
    }
    return new TransformerBlock(options, attentions, norms, linear1, linear2, dropout, dropout);
  }

  /** Equivariant parts, with the names of the Python package's layers. */
  static TransformerBlock equivariant(
      Representation rho, boolean decodes, TransformerOptions options, Registrar registrar) {
    TransformerParts parts = new TransformerParts(options, registrar);
    MapOptions maps = options.maps();
    Dtype dtype = maps.dtype();
    Representation hidden = hidden(rho, options.feedForward());
    parts.part("activation", new PointwiseNonlinearity(hidden, options.activation()));
    List<Named<Attention>> attentions =
        parts.attentions(
            decodes,
            "cross_attn",
            part -> options.positions().attention(rho, options.attention(SEEDS * part)));
    Part linear1 =
        parts.part("linear1", new EquivariantLinear(rho, hidden, maps.forPart(SEEDS * 2)));
    Part linear2 =
        parts.part("linear2", new EquivariantLinear(hidden, rho, maps.forPart(SEEDS * 3)));
    List<Part> norms = new ArrayList<>();
    for (int i = 1; i <= attentions.size() + 1; i++) {
      norms.add(parts.norm("norm" + i, rho));
    }
    UnaryOperator<Tensor> inside =
        parts.part("dropout", new EquivariantDropout(hidden, options.dropout(), dtype)).function();
    UnaryOperator<Tensor> outside =
        parts.part("dropout1", new EquivariantDropout(rho, options.dropout(), dtype)).function();
    return new TransformerBlock(options, attentions, norms, linear1, linear2, inside, outside);
  }

  /** Copies of the regular representation, at least as wide as asked for. */
  static Representation hidden(Representation rho, int width) {
    int order = rho.finiteGroup().order();
    return Representation.regular(rho.finiteGroup()).times((width + order - 1) / order);
  }

  private static Attention plainAttention(int size, TransformerOptions options, int part) {
    return options.positions().attention(size, options.attention(SEEDS * part));
  }

  private static Tensor dropped(Tensor x, double probability, boolean training) {
    return training && probability > 0 ? torch.dropout(x, probability, true) : x;
  }

  private List<Named<Attention>> attentions(
      boolean decodes, String cross, Function<Integer, Attention> make) {
    List<Named<Attention>> all = new ArrayList<>();
    for (String name : decodes ? List.of("self_attn", cross) : List.of("self_attn")) {
      Attention attention = make.apply(all.size());
      registrar.register(name, (Layer) attention);
      all.add(new Named<>(name, attention));
    }
    return all;
  }

  private <L extends EquivariantLayer & PlainLayer> Part part(String name, L layer) {
    registrar.register(name, layer);
    return new Part(name, layer::forward, layer);
  }

  private Part linear(String name, int in, int out, int part) {
    MapOptions maps = options.maps().forPart(SEEDS * part);
    Linear layer = new Linear(in, out, new DenseOptions(maps.bias(), maps.seed(), maps.dtype()));
    registrar.register(name, layer);
    return new Part(name, layer::forward, layer);
  }

  private NormOptions normOptions() {
    return new NormOptions(options.eps(), options.maps().bias(), options.maps().dtype());
  }

  private Part norm(String name, int size) {
    return switch (options.norm()) {
      case RMSNORM -> {
        RmsNorm layer = new RmsNorm(size, options.eps(), options.maps().dtype());
        registrar.register(name, layer);
        yield new Part(name, layer::forward, layer);
      }
      case LAYERNORM -> {
        LayerNorm layer = new LayerNorm(size, normOptions());
        registrar.register(name, layer);
        yield new Part(name, layer::forward, layer);
      }
    };
  }

  private Part norm(String name, Representation rho) {
    return switch (options.norm()) {
      case RMSNORM ->
          part(name, new EquivariantRmsNorm(rho, options.eps(), options.maps().dtype()));
      case LAYERNORM -> part(name, new EquivariantLayerNorm(rho, normOptions()));
    };
  }
}
