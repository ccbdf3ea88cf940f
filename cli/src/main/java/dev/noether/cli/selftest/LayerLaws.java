package dev.noether.cli.selftest;

import dev.noether.hom.BasisExpansion;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
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

/** Layers of the reference's kinds between drawn representations, in float64. */
final class LayerLaws {
  private static final double EQUIVARIANT = 1e-11;
  private static final double SLOPES = 1e-6;
  private static final double STEP = 1e-6;

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
    for (EquivariantLayer layer : layers(subject)) {
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

  /** Slopes along the gradient itself: its square. */
  static void gradients(DrawnSubject subject, ComputeDevice device, Comparison comparison) {
    for (EquivariantLayer layer : layers(subject)) {
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
        double slope =
            (shifted(claim, inputs, parameters, STEP)
                    - shifted(claim, inputs, parameters, -2 * STEP))
                / (2 * STEP);
        shifted(claim, inputs, parameters, STEP);
        comparison.atMost(
            "gradients of " + layer, Math.abs(slope - square) / Math.max(1, square), SLOPES);
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
