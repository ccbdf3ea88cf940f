package dev.noether.cli.selftest;

import dev.noether.hom.BasisExpansion;
import dev.noether.models.CondTransformerLayers;
import dev.noether.models.CondTransformerOptions;
import dev.noether.models.EquivariantCondTransformer;
import dev.noether.models.EquivariantCondTransformerRegressor;
import dev.noether.models.EquivariantConditionalUnet1d;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.EquivariantTimeCnn;
import dev.noether.models.EquivariantTransformerDecoderLayer;
import dev.noether.models.EquivariantTransformerEncoderLayer;
import dev.noether.models.InvariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.models.TimeCnnOptions;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.models.UnetOptions;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.nn.pooling.IrrepSubspaceNormPooling;
import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Layers and models of the reference's kinds between drawn representations, in float64. */
final class LayerLaws {
  private static final double EQUIVARIANT = 1e-11;
  private static final double SLOPES = 1e-6;
  private static final double STEP = 1e-6;
  private static final int MOST_ELEMENTS = 24;

  private LayerLaws() {}

  private static List<EquivariantLayer> layers(DrawnSubject subject) {
    Representation in = subject.in();
    Representation out = subject.out();
    MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(subject.seed());
    List<EquivariantLayer> layers = new ArrayList<>();
    for (BasisExpansion expansion : BasisExpansion.values()) {
      layers.add(new EquivariantLinear(in, out, options.with(expansion)));
    }
    layers.add(new EquivariantAffine(in, new AffineOptions(true, Dtype.FLOAT64)));
    layers.add(new InvariantBias(in, Dtype.FLOAT64));
    layers.add(new EquivariantRmsNorm(in, 1e-6, Dtype.FLOAT64));
    layers.add(new EquivariantLayerNorm(in, new NormOptions(1e-6, true, Dtype.FLOAT64)));
    layers.add(
        new EquivariantBatchNorm1d(in, BatchStatisticsOptions.defaults().with(Dtype.FLOAT64)));
    layers.add(new IrrepSubspaceNormPooling(in, Dtype.FLOAT64));
    layers.add(new NormNonlinearity(in, Activation.SILU, Dtype.FLOAT64));
    layers.add(
        new EquivariantConv1d(in, out, ConvolutionOptions.kernel(3).withPadding(1), options));
    layers.add(new EquivariantConvTranspose1d(in, out, ConvolutionOptions.kernel(2), options));
    layers.add(new EquivariantMultiheadAttention(in, AttentionOptions.heads(1).with(options)));
    return layers;
  }

  static void equivariance(DrawnSubject subject, ComputeDevice device, Comparison comparison) {
    equivariance(layers(subject), device, comparison);
  }

  /** The slope along the gradient is its length. */
  static void gradients(DrawnSubject subject, ComputeDevice device, Comparison comparison) {
    gradients(layers(subject), device, comparison);
  }

  /** Both laws of whole networks, which are large over large groups. */
  static void models(DrawnSubject subject, ComputeDevice device, Comparison comparison) {
    if (subject.group().order() <= MOST_ELEMENTS) {
      equivariance(networks(subject), device, comparison);
      gradients(networks(subject), device, comparison);
    }
  }

  /** Between drawn ends, with as few copies of the regular representation as there can be. */
  private static List<Layer> networks(DrawnSubject subject) {
    Representation in = subject.in();
    Representation out = subject.out();
    int order = subject.group().order();
    MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(subject.seed());
    TransformerLayerOptions layer =
        TransformerLayerOptions.equivariant(1)
            .withFeedForward(order)
            .with(Activation.GELU)
            .withDropout(0)
            .with(options);
    CondTransformerOptions policy =
        CondTransformerOptions.horizons(2, 1)
            .withLayers(1, 1)
            .withEmbedding(2 * order)
            .withDropout(0, 0)
            .with(options);
    MlpOptions hidden = MlpOptions.hidden(order).with(Activation.GELU);
    TimeCnnOptions signal =
        TimeCnnOptions.channels(3, order).normalized().withHead(order).with(Activation.TANH);
    UnetOptions levels = // norms of few channels magnify roundings
        UnetOptions.equivariant(order, order).withStepDim(2).with(Activation.TANH).withoutNorms();
    return List.of(
        new EquivariantMlp(in, out, hidden, options),
        new InvariantMlp(in, 2, hidden, options),
        new EquivariantTimeCnn(in, out, signal, options),
        new EquivariantTransformerEncoderLayer(in, layer),
        new EquivariantTransformerDecoderLayer(in, layer.with(PositionEncoding.relative(2))),
        new EquivariantCondTransformerRegressor(in, out, in, policy),
        new EquivariantCondTransformer(
            in, out, in, policy.withCausalAttention(), CondTransformerLayers.defaults()),
        new EquivariantConditionalUnet1d(in, out, in, levels, options));
  }

  private static void equivariance(
      List<? extends Layer> layers, ComputeDevice device, Comparison comparison) {
    for (Layer layer : layers) {
      layer.to(device);
      for (boolean training : new boolean[] {true, false}) {
        if (training) {
          layer.train();
        } else {
          layer.eval();
        }
        EquivariantFunction claim = layer.equivariance().orElseThrow();
        double defect = Equivariance.check(claim).relativeError();
        comparison.atMost(layer + (training ? " in training" : ""), defect, EQUIVARIANT);
      }
    }
  }

  private static void gradients(
      List<? extends Layer> layers, ComputeDevice device, Comparison comparison) {
    for (Layer layer : layers) {
      layer.to(device).eval();
      EquivariantFunction claim = layer.equivariance().orElseThrow();
      List<Tensor> inputs =
          claim.inputs().stream().map(EquivariantFunction.Input::example).toList();
      Map<String, Tensor> parameters = layer.namedParameters();
      if (!parameters.isEmpty()) {
        claim.function().apply(inputs).sin().sum().backward();
        double square = 0;
        for (Tensor parameter : parameters.values()) {
          square += parameter.grad().defined() ? norm(parameter.grad()) : 0;
        }
        double slope = Math.sqrt(square);
        double step = slope == 0 ? 0 : STEP / slope;
        double change =
            shifted(claim, inputs, parameters, step)
                - shifted(claim, inputs, parameters, -2 * step);
        shifted(claim, inputs, parameters, step);
        comparison.atMost(
            "gradients of " + layer,
            Math.abs(change / (2 * STEP) - slope) / Math.max(1, slope),
            SLOPES);
      }
    }
  }

  private static double norm(Tensor gradient) {
    return gradient.pow(new Scalar(2.0)).sum().item().toDouble();
  }

  /** Moves the parameters along their gradients and says what the loss is there. */
  private static double shifted(
      EquivariantFunction claim, List<Tensor> inputs, Map<String, Tensor> parameters, double step) {
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Tensor parameter : parameters.values()) {
        if (parameter.grad().defined()) {
          parameter.add_(parameter.grad(), new Scalar(step));
        }
      }
      return claim.function().apply(inputs).sin().sum().item().toDouble();
    }
  }
}
