package dev.noether;

import static dev.noether.Fixtures.random;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.models.CondTransformer;
import dev.noether.models.CondTransformerLayers;
import dev.noether.models.CondTransformerOptions;
import dev.noether.models.CondTransformerRegressor;
import dev.noether.models.ConditionalResidualBlock1d;
import dev.noether.models.ConditionalUnet1d;
import dev.noether.models.Downsample;
import dev.noether.models.EquivariantCondTransformer;
import dev.noether.models.EquivariantCondTransformerRegressor;
import dev.noether.models.EquivariantConditionalResidualBlock1d;
import dev.noether.models.EquivariantConditionalUnet1d;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.EquivariantTimeCnn;
import dev.noether.models.EquivariantTransformerDecoder;
import dev.noether.models.EquivariantTransformerDecoderLayer;
import dev.noether.models.EquivariantTransformerEncoder;
import dev.noether.models.EquivariantTransformerEncoderLayer;
import dev.noether.models.GatedMlp;
import dev.noether.models.InvariantMlp;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.models.SteerableCnn;
import dev.noether.models.TimeCnn;
import dev.noether.models.TimeCnnOptions;
import dev.noether.models.TransformerDecoder;
import dev.noether.models.TransformerDecoderLayer;
import dev.noether.models.TransformerEncoder;
import dev.noether.models.TransformerEncoderLayer;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.models.TransformerNorm;
import dev.noether.models.Unet1d;
import dev.noether.models.UnetOptions;
import dev.noether.nn.FieldLayers;
import dev.noether.nn.Layer;
import dev.noether.nn.Residual;
import dev.noether.nn.activation.PointwiseDropout;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.bilinear.EquivariantTensorProduct;
import dev.noether.nn.bilinear.EquivariantTensorSquare;
import dev.noether.nn.bilinear.Pairing;
import dev.noether.nn.bilinear.TensorProductOptions;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableConvTranspose2d;
import dev.noether.nn.conv.SteerableConvTranspose3d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.frame.Canonicalization;
import dev.noether.nn.frame.FrameAveraging;
import dev.noether.nn.frame.FrameOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.pooling.MaxPooling;
import dev.noether.nn.pooling.Upsampling;
import dev.noether.nn.pooling.Window;
import dev.noether.nn.symmetry.RelaxedLinear;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.Border;
import dev.noether.plain.EagerGraph;
import dev.noether.plain.Forward;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Layers whose plain forms exporters are tried on, and how they are called. */
public final class PlainForms {
  private PlainForms() {}

  /** Attention with each kind of positions, plain and equivariant, and what is made of it. */
  public static List<Layer> ofSequences(PositionEncoding.Kind kind, Dtype dtype) {
    Representation rho = Representation.parse("C3: 4 x regular");
    PositionEncoding positions =
        switch (kind) {
          case NONE -> PositionEncoding.none();
          case ABSOLUTE -> PositionEncoding.absolute(8);
          case RELATIVE -> PositionEncoding.relative(2);
          case ROTARY -> PositionEncoding.rotary(100);
        };
    MapOptions maps = MapOptions.defaults().with(dtype).withSeed(1);
    AttentionOptions options = AttentionOptions.heads(2).with(maps);
    TransformerLayerOptions layer =
        TransformerLayerOptions.equivariant(2).with(maps).with(positions);
    List<Layer> all = new ArrayList<>();
    all.add((Layer) positions.attention(12, options));
    all.add((Layer) positions.attention(rho, options));
    all.add((Layer) positions.attention(rho, options.timeFirst()));
    all.add(EquivariantTransformerEncoder.withNorm(rho, 2, layer));
    all.add(new TransformerEncoderLayer(12, layer));
    all.add(new EquivariantTransformerDecoder(rho, 2, layer));
    all.addAll(conditional(kind, maps));
    return moved(all);
  }

  /** From a sequence, a step and conditioning; the step stands nowhere. */
  private static List<Layer> conditional(PositionEncoding.Kind kind, MapOptions maps) {
    Representation rho = Representation.parse("C3: regular + trivial");
    CondTransformerOptions options =
        CondTransformerOptions.horizons(5, 4).withLayers(2, 2).withEmbedding(12).with(maps);
    CondTransformerOptions causal = options.withCausalAttention().withCondLayers(1);
    CondTransformerLayers layers = CondTransformerLayers.defaults().with(kind);
    return List.of(
        new CondTransformer(4, 3, 2, options, layers),
        new EquivariantCondTransformer(rho, rho, rho, causal, layers),
        new CondTransformerRegressor(4, 3, 2, causal),
        new EquivariantCondTransformerRegressor(rho, rho, rho, options));
  }

  /** Networks, products and averages, plain and equivariant, between bases of their own. */
  public static List<Layer> ofModels(Dtype dtype) {
    Representation rho = Fixtures.rotated(Representation.parse("D3: regular + irrep(1,1)"));
    Representation out = Representation.parse("D3: 2 x irrep(1,1) + trivial");
    MapOptions maps = MapOptions.defaults().with(dtype).withSeed(2);
    DenseOptions dense = Fixtures.dense(maps);
    MlpOptions hidden = MlpOptions.hidden(6, 12).with(Activation.GELU, Activation.TANH);
    TimeCnnOptions signal = TimeCnnOptions.channels(5, 6, 6).normalized().withHead(6);
    TensorProductOptions products = TensorProductOptions.defaults().with(maps);
    Mlp inner = new Mlp(rho.size(), out.size(), hidden, dense);
    List<Layer> all = new ArrayList<>();
    all.add(new Mlp(4, 3, hidden.withBatchNorm(), dense));
    all.add(new EquivariantMlp(rho, out, hidden, maps));
    all.add(new InvariantMlp(rho, 3, hidden.withBatchNorm(), maps));
    all.add(new TimeCnn(4, 3, signal, dense));
    all.add(new TimeCnn(4, 3, signal.with(Downsample.POOLING).withLastFrame(), dense));
    all.add(new EquivariantTimeCnn(rho, out, signal.withLastFrame(), maps));
    all.add(
        new EquivariantTimeCnn(
            rho,
            Representation.trivial(rho.group()).times(2),
            signal.with(Downsample.POOLING),
            maps));
    all.add(new EquivariantTensorProduct(rho, out, rho, products));
    all.add(new EquivariantTensorSquare(rho, out, products));
    all.add(new GatedMlp(rho, out, List.of(out.times(2), rho), products.with(Pairing.ALIGNED)));
    all.add(new FrameAveraging(rho, out, inner, FrameOptions.defaults()));
    EquivariantLinear frame =
        new EquivariantLinear(rho, Representation.regular(rho.finiteGroup()), maps.withoutBias());
    all.add(new Canonicalization(rho, out, inner, frame));
    Representation space = Representation.parse("O(3): 4 x irrep(1,1) + irrep(0,2) + irrep(1,0)");
    Representation vectors = Representation.vectors(space.group()).times(3);
    all.add(
        new Canonicalization(
            space,
            space,
            new Mlp(space.size(), space.size(), hidden, dense),
            new EquivariantLinear(space, vectors, maps.withoutBias())));
    TransformerLayerOptions layer = TransformerLayerOptions.plain(2).withFeedForward(6).with(maps);
    Representation tokens = Representation.parse("C3: 4 x regular");
    all.add(new TransformerDecoderLayer(12, layer));
    all.add(TransformerEncoder.withNorm(12, 2, layer));
    all.add(new TransformerDecoder(12, 2, layer));
    TransformerLayerOptions own =
        TransformerLayerOptions.equivariant(2).withFeedForward(6).with(maps);
    all.add(new EquivariantTransformerEncoderLayer(tokens, own.withNormFirst(false)));
    all.add(new EquivariantTransformerDecoderLayer(tokens, own.with(TransformerNorm.LAYERNORM)));
    UnetOptions blocks = UnetOptions.plain(3);
    all.add(new ConditionalResidualBlock1d(4, 6, 3, blocks, dense));
    all.add(
        new EquivariantConditionalResidualBlock1d(
            rho, Representation.parse("D3: regular"), out, UnetOptions.equivariant(3), maps));
    FieldList fields = FieldList.of(Representation.parse("D3: regular"), 2);
    all.add(new FieldLinear(fields, fields, maps));
    all.add(new Residual(new EquivariantLinear(rho, rho, maps)));
    all.add(new RelaxedLinear(rho, out, rho.finiteGroup().irreps().subList(1, 2), maps));
    return moved(all);
  }

  /** U-Nets with all conditions. */
  public static List<Layer> unets(Dtype dtype) {
    Representation rho = Representation.parse("D3: irrep(1,1) + trivial");
    UnetOptions levels = UnetOptions.equivariant(6, 6).withStepDim(4);
    return moved(
        List.of(
            new EquivariantConditionalUnet1d(
                rho, rho, rho, levels, MapOptions.defaults().with(dtype).withSeed(3)),
            new ConditionalUnet1d(
                3,
                2,
                2,
                UnetOptions.plain(5, 10).withGroups(5).withStepDim(4),
                DenseOptions.defaults().with(dtype).withSeed(3))));
  }

  /** Layers of fields over the plane and space, convolutions of every kind, and a classifier. */
  public static List<Layer> ofFields(Dtype dtype) {
    Space plane = Space.dihedral(4);
    Space volume = Space.octahedral();
    FieldType flat =
        FieldType.ofSummands(plane, Representation.parse("D4: regular + irrep(1,1) + trivial"));
    FieldType permuted = plane.type(plane.regularField(), 2);
    FieldType deep =
        FieldType.of(
            volume,
            Representation.trivial(volume.group()),
            Representation.irrep(
                volume.type(volume.irrepField(3), 1).representation().irreps().get(0)));
    List<Layer> all = new ArrayList<>();
    for (FieldType type : List.of(flat, permuted, deep)) {
      all.addAll(FieldLayers.of(type, dtype));
    }
    all.add(new Upsampling(flat, 3));
    all.add(new Upsampling(deep, 3, Upsampling.Mode.NEAREST, false));
    all.add(new MaxPooling(permuted, Window.of(2).withCeilMode()));
    all.add(new PointwiseDropout(permuted, 0.5));
    SteerableOptions options = SteerableOptions.kernel(3).with(dtype).withSeed(1).withPadding(1);
    for (Border mode : Border.values()) {
      all.add(new SteerableConv2d(permuted, flat, options.with(mode).withStride(2)));
      all.add(new SteerableConv2d(permuted, permuted, options.with(mode).withGroups(2)));
      all.add(new SteerableConv3d(deep, deep, options.with(mode)));
    }
    all.add(new SteerableConvTranspose2d(permuted, permuted, options.withStride(2).withGroups(2)));
    all.add(new SteerableConvTranspose2d(flat, permuted, options.withStride(3).withDilation(2)));
    all.add(new SteerableConvTranspose3d(deep, deep, options.withStride(2)));
    all.add(SteerableCnn.builder(plane, 5).seed(1).with(dtype).block(1, 3).head(4, 3));
    return moved(all.stream().filter(PlainForms::isAdmitted).toList());
  }

  /** Those that refuse in words are tried by themselves. */
  public static boolean isAdmitted(Layer layer) {
    if (!(layer instanceof PlainLayer plain)) {
      return false;
    }
    layer.eval();
    List<Tensor> inputs = new ArrayList<>(inputs(plain, layer.dtype(), 1).values());
    try {
      plain.plain(new EagerGraph(inputs.get(0)), inputs);
      return true;
    } catch (IllegalArgumentException e) {
      return !String.valueOf(e.getMessage()).contains("no plain form");
    }
  }

  /** Evaluating, with weights away from their first values. */
  private static List<Layer> moved(List<Layer> layers) {
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Layer layer : layers) {
        for (Tensor p : layer.namedParameters().values()) {
          Tensor step = random(Dtype.FLOAT64, Tensors.shape(p)).mul(new Scalar(0.2));
          p.add_(step.to(p.scalar_type()));
        }
        layer.eval();
      }
    }
    return layers;
  }

  /** Inputs by name; each sequence has a length of its own, where the layer takes that. */
  public static Map<String, Tensor> inputs(PlainLayer layer, Dtype dtype, int batch) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Port port : layer.inputs()) {
      int time = layer instanceof Unet1d ? 6 : port.axes() == Axes.CHANNELS ? 5 : 3;
      int own = port.name().equals("memory") || port.name().equals("Z") ? 2 : time;
      long[] shape =
          port.axes().names().stream()
              .mapToLong(
                  axis ->
                      switch (axis) {
                        case "" -> port.size();
                        case "batch" -> batch;
                        case "time" -> own;
                        default -> port.axes() == Axes.VOLUME ? 3 : 5;
                      })
              .toArray();
      inputs.put(port.name(), random(dtype, shape));
    }
    return inputs;
  }

  /** What the layer itself makes of them. */
  public static Tensor apply(Layer layer, Map<String, Tensor> inputs) {
    if (layer instanceof Forward forward) {
      return forward.forward(inputs.values().iterator().next());
    }
    if (layer instanceof NamedInputs named && inputs.keySet().containsAll(named.requiredInputs())) {
      return named.applyNamed(inputs);
    }
    if (layer instanceof NamedInputs named && inputs.size() == 1) {
      return named.applyNamed(
          Map.of(named.requiredInputs().get(0), inputs.values().iterator().next()));
    }
    List<Tensor> all = new ArrayList<>(inputs.values());
    return layer.equivariance().orElseThrow().function().apply(all);
  }
}
