package dev.noether.cli.bench;

import dev.noether.algebra.Matrix;
import dev.noether.nn.Layer;
import dev.noether.nn.conv.EquivariantConvolution;
import dev.noether.nn.linear.CommutingConstraint;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.InvariantConstraint;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * LibTorch's calls that a step of an equivariant model needs besides those of its plain twin:
 * weights laid out of their coefficients or projected, biases spread over their copies, the maps of
 * norms' scales, and the way back of the gradients, on tensors of their own, without layers.
 */
final class WeightCalls implements Turns.Step {
  /** Small summands share a map of this size. */
  private static final int LEAST_PART = 32;

  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> leaves = new ArrayList<>();
  private final List<UnaryOperator<Tensor>> calls = new ArrayList<>();
  private final List<Tensor> slopes = new ArrayList<>();

  private WeightCalls() {}

  /**
   * The calls of an equivariant model.
   *
   * @param model the model
   * @param tokens how many vectors each RMS norm takes; 0 leaves norms out
   * @return the step
   */
  static WeightCalls of(Layer model, int tokens) {
    WeightCalls calls = new WeightCalls();
    Map<String, Tensor> parameters = model.namedParameters();
    model
        .namedLayers()
        .forEach(
            (name, layer) -> {
              calls.add(name, layer, parameters);
              if (tokens > 0 && layer instanceof EquivariantRmsNorm norm) {
                calls.rmsNorm(norm, tokens);
              }
            });
    return calls;
  }

  /**
   * What a plain model calls where the equivariant one has RMS norms.
   *
   * @param model the plain twin
   * @param tokens how many vectors each norm takes
   * @return the step
   */
  static WeightCalls layerNorms(Layer model, int tokens) {
    WeightCalls calls = new WeightCalls();
    for (Layer layer : model.namedLayers().values()) {
      if (tokens > 0 && layer instanceof LayerNorm norm) {
        Tensor weight = Objects.requireNonNull(norm.namedParameters().get("weight"));
        Tensor ones = torch.ones_like(weight.detach());
        long[] shape = Tensors.shape(ones);
        calls.add(
            torch.randn(tokens, shape[0]),
            x ->
                torch.layer_norm(
                    x, shape, new TensorOptional(ones), new TensorOptional(ones), 1e-5, true));
      }
    }
    return calls;
  }

  /**
   * The norm, and the maps Q diag(s) Q^T of its scales, which mix the coordinates of a summand:
   * their numbers are any.
   */
  private void rmsNorm(EquivariantRmsNorm norm, int tokens) {
    int size = norm.in().size();
    int summand = norm.in().summands().get(0).size();
    int part = Math.min(size, Math.max(1, LEAST_PART / summand) * summand);
    int count = size / part;
    Tensor table = torch.randn(norm.in().irreps().size() / count, (long) part * part);
    Tensor scales = torch.randn(count, table.size(0)).set_requires_grad(true);
    long[] last = {size};
    add(
        torch.randn(tokens, size),
        x -> {
          Tensor unit = torch.rms_norm(x, last, new TensorOptional(), new DoubleOptional(1e-6));
          Tensor maps = scales.mm(table).view(count, part, part);
          return count == 1
              ? unit.mm(maps.select(0, 0))
              : unit.view(tokens, count, part)
                  .transpose(0, 1)
                  .bmm(maps)
                  .transpose(0, 1)
                  .reshape(tokens, size);
        });
    leaves.add(scales);
  }

  private void add(String name, Layer layer, Map<String, Tensor> parameters) {
    if (layer instanceof EquivariantLinear linear) {
      add(linear.coefficients(), linear.basis()::expandTransposed);
    } else if (layer instanceof EquivariantConvolution convolution) {
      int taps = convolution.geometry().kernelSize();
      add(
          convolution.coefficients(),
          convolution.basis().stack(taps, kernel -> kernel.reshape(-1, convolution.out().size())));
      if (convolution.bias() != null) {
        bias(convolution.out(), convolution.coefficients());
      }
    } else if (layer instanceof InvariantBias bias && bias.coefficients().isPresent()) {
      bias(bias.out(), bias.coefficients().get());
    } else if (layer instanceof CommutingConstraint constraint) {
      add(original(name, parameters), constraint.basis()::projectTransposed);
    } else if (layer instanceof InvariantConstraint constraint) {
      projectedBias(constraint.representation(), original(name, parameters));
    }
  }

  /** The parameter that a parametrization reads. */
  private static Tensor original(String name, Map<String, Tensor> parameters) {
    String key = name.substring(0, name.lastIndexOf('.')) + ".original";
    return Objects.requireNonNull(parameters.get(key), key);
  }

  private void bias(Representation representation, Tensor like) {
    Tensor directions = fixedVectors(representation, like);
    add(like.new_zeros(directions.size(1)), directions::mv);
  }

  private void projectedBias(Representation representation, Tensor like) {
    Tensor directions = fixedVectors(representation, like);
    add(like.new_zeros(representation.size()), own -> directions.mv(directions.t().mv(own)));
  }

  private static Tensor fixedVectors(Representation representation, Tensor like) {
    Matrix fixed = InvariantBias.fixedVectors(representation);
    return Tensors.of(Dtype.of(like), fixed).to(like.device(), Tensors.scalarType(like));
  }

  private void add(Tensor like, UnaryOperator<Tensor> call) {
    Tensor leaf = like.detach().clone().set_requires_grad(true);
    inputs.add(leaf);
    leaves.add(leaf);
    calls.add(call);
    slopes.add(torch.ones_like(call.apply(leaf.detach())));
  }

  @Override
  public void run() {
    if (inputs.isEmpty()) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor[] results = new Tensor[inputs.size()];
      for (int i = 0; i < results.length; i++) {
        results[i] = calls.get(i).apply(inputs.get(i));
      }
      TensorVector unused =
          torch.grad(
              new TensorVector(results),
              vector(leaves),
              vector(slopes),
              new BoolOptional(false),
              false,
              false);
    }
  }

  private static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(tensors.toArray(Tensor[]::new));
  }
}
