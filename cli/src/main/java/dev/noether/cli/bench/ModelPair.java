package dev.noether.cli.bench;

import dev.noether.models.CondTransformerOptions;
import dev.noether.models.CondTransformerRegressor;
import dev.noether.models.ConditionalUnet1d;
import dev.noether.models.EquivariantCondTransformerRegressor;
import dev.noether.models.EquivariantConditionalUnet1d;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.EquivariantTimeCnn;
import dev.noether.models.EquivariantTransformerDecoderLayer;
import dev.noether.models.EquivariantTransformerEncoderLayer;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.models.TimeCnn;
import dev.noether.models.TimeCnnOptions;
import dev.noether.models.TransformerDecoderLayer;
import dev.noether.models.TransformerEncoderLayer;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.models.UnetConditions;
import dev.noether.models.UnetOptions;
import dev.noether.nn.Layer;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A model and its plain twin of the same widths, on the same inputs.
 *
 * @param model its name
 * @param size group, widths and batch, to read
 * @param symmetric the model
 * @param plain its twin
 */
record ModelPair(String model, String size, Trial symmetric, Trial plain) {
  /**
   * A layer that is timed.
   *
   * @param layer the layer
   * @param forward applies it to its inputs
   */
  record Trial(Layer layer, Supplier<Tensor> forward) {}

  /** How a pair is made, once its turn has come. */
  interface Maker {
    ModelPair make(ComputeDevice device);
  }

  /** All of them, in the sizes in which the Python package was measured. */
  static List<Maker> all() {
    List<Maker> all = new ArrayList<>();
    all.add(device -> mlp("C4: 2 x regular", 64, 256, device));
    all.add(device -> mlp("D4: 2 x regular", 256, 256, device));
    all.add(device -> mlp("D4: 2 x regular", 256, 16, device));
    all.add(device -> mlp("Icosahedral: 2 x regular", 240, 256, device));
    all.add(device -> mlp("Icosahedral: 2 x regular", 600, 256, device));
    all.add(device -> encoder("C4: 8 x regular", 4, device));
    all.add(device -> encoder("D4: 8 x regular", 4, device));
    all.add(device -> encoder("Icosahedral: 2 x regular", 2, device));
    all.add(device -> encoder("Icosahedral: 4 x regular", 4, device));
    all.add(device -> decoder("C4: 8 x regular", 4, device));
    all.add(device -> decoder("D4: 8 x regular", 4, device));
    all.add(device -> decoder("Icosahedral: 2 x regular", 2, device));
    all.add(device -> condTransformer("C4: regular", 32, 4, device));
    all.add(device -> condTransformer("D4: regular", 64, 4, device));
    all.add(device -> condTransformer("Icosahedral: regular", 120, 2, device));
    all.add(device -> timeCnn("C4: regular", 32, 64, 128, device));
    all.add(device -> timeCnn("D4: regular", 64, 128, 128, device));
    all.add(device -> timeCnn("Icosahedral: regular", 60, 120, 180, device));
    all.add(device -> unet("C4: regular", device, 32));
    all.add(device -> unet("C4: regular", device, 32, 64));
    all.add(device -> unet("D4: regular", device, 64));
    all.add(device -> unet("D4: regular", device, 64, 128));
    all.add(device -> unet("Icosahedral: regular", device, 60));
    return all;
  }

  private static ModelPair mlp(String rho, int width, int batch, ComputeDevice device) {
    Representation in = Representation.parse(rho);
    MlpOptions options = MlpOptions.hidden(width, width);
    EquivariantMlp symmetric = new EquivariantMlp(in, in, options);
    Mlp plain = new Mlp(in.size(), in.size(), options);
    Tensor x = input(device, batch, in.size());
    return pair(
        "EquivariantMlp",
        in.group() + ", " + in.size() + "-" + width + "-" + width + "-" + in.size() + ", " + batch,
        device,
        new Trial(symmetric, () -> symmetric.forward(x)),
        new Trial(plain, () -> plain.forward(x)));
  }

  private static ModelPair encoder(String rho, int heads, ComputeDevice device) {
    Representation in = Representation.parse(rho);
    int size = in.size();
    EquivariantTransformerEncoderLayer symmetric =
        new EquivariantTransformerEncoderLayer(
            in, TransformerLayerOptions.equivariant(heads).withFeedForward(4 * size));
    TransformerEncoderLayer plain =
        new TransformerEncoderLayer(
            size, TransformerLayerOptions.plain(heads).withFeedForward(4 * size));
    Tensor x = input(device, 32, 16, size);
    return pair(
        "EquivariantTransformerEncoderLayer",
        transformer(in, heads),
        device,
        new Trial(symmetric, () -> symmetric.forward(x)),
        new Trial(plain, () -> plain.forward(x)));
  }

  private static ModelPair decoder(String rho, int heads, ComputeDevice device) {
    Representation in = Representation.parse(rho);
    int size = in.size();
    EquivariantTransformerDecoderLayer symmetric =
        new EquivariantTransformerDecoderLayer(
            in, TransformerLayerOptions.equivariant(heads).withFeedForward(4 * size));
    TransformerDecoderLayer plain =
        new TransformerDecoderLayer(
            size, TransformerLayerOptions.plain(heads).withFeedForward(4 * size));
    Tensor x = input(device, 32, 16, size);
    Tensor memory = input(device, 32, 8, size);
    return pair(
        "EquivariantTransformerDecoderLayer",
        transformer(in, heads),
        device,
        new Trial(symmetric, () -> symmetric.forward(x, memory)),
        new Trial(plain, () -> plain.forward(x, memory)));
  }

  private static ModelPair condTransformer(
      String rho, int embedding, int heads, ComputeDevice device) {
    Representation in = Representation.parse(rho);
    int size = in.size();
    CondTransformerOptions options =
        CondTransformerOptions.horizons(16, 8)
            .withLayers(2, heads)
            .withEmbedding(embedding)
            .withDropout(0, 0);
    EquivariantCondTransformerRegressor symmetric =
        new EquivariantCondTransformerRegressor(in, in, in, options);
    CondTransformerRegressor plain = new CondTransformerRegressor(size, size, size, options);
    Tensor x = input(device, 32, 16, size);
    Tensor step = input(device, 32).abs();
    Tensor cond = input(device, 32, 8, size);
    return pair(
        "EquivariantCondTransformerRegressor",
        in.group() + ", D " + embedding + ", 2 layers, 32 x (16, 8)",
        device,
        new Trial(symmetric, () -> symmetric.forward(x, step, cond)),
        new Trial(plain, () -> plain.forward(x, step, cond)));
  }

  private static String transformer(Representation in, int heads) {
    return in.group() + ", D " + in.size() + ", ff " + 4 * in.size() + ", " + heads + " heads";
  }

  private static ModelPair timeCnn(
      String rho, int first, int second, int head, ComputeDevice device) {
    Representation in = Representation.parse(rho);
    TimeCnnOptions options = TimeCnnOptions.channels(16, first, second).withHead(head);
    EquivariantTimeCnn symmetric = new EquivariantTimeCnn(in, in, options);
    TimeCnn plain = new TimeCnn(in.size(), in.size(), options);
    Tensor x = input(device, 64, in.size(), 16);
    return pair(
        "EquivariantTimeCnn",
        in.group() + ", " + List.of(first, second) + ", horizon 16, head " + head + ", 64",
        device,
        new Trial(symmetric, () -> symmetric.forward(x)),
        new Trial(plain, () -> plain.forward(x)));
  }

  private static ModelPair unet(String rho, ComputeDevice device, int... widths) {
    Representation in = Representation.parse(rho);
    int size = in.size();
    UnetOptions options = UnetOptions.equivariant(widths).withStepDim(16);
    EquivariantConditionalUnet1d symmetric = new EquivariantConditionalUnet1d(in, in, options);
    ConditionalUnet1d plain = new ConditionalUnet1d(size, size, options);
    Tensor x = input(device, 32, size, 16);
    Tensor step = input(device, 32).abs();
    UnetConditions seen = UnetConditions.of(input(device, 32, size));
    return pair(
        "EquivariantConditionalUnet1d",
        in.group() + ", " + options.downDims() + ", 32 x 16",
        device,
        new Trial(symmetric, () -> symmetric.forward(x, step, seen)),
        new Trial(plain, () -> plain.forward(x, step, seen)));
  }

  private static ModelPair pair(
      String model, String size, ComputeDevice device, Trial symmetric, Trial plain) {
    symmetric.layer.to(device);
    plain.layer.to(device);
    return new ModelPair(model, size, symmetric, plain);
  }

  private static Tensor input(ComputeDevice device, long... shape) {
    return Scopes.compute(() -> torch.randn(shape).to(device.toTorch(), torch.ScalarType.Float));
  }
}
