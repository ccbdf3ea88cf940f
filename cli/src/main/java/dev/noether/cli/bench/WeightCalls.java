package dev.noether.cli.bench;

import dev.noether.algebra.Matrix;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    LayerRegistry registry = LayerRegistry.standard();
    Map<String, Tensor> parameters = model.namedParameters();
    model
        .namedLayers()
        .forEach(
            (name, layer) ->
                registry.of(layer).stream()
                    .flatMap(type -> type.bases(layer).stream())
                    .forEach(use -> calls.add(name, use, parameters, tokens)));
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
    for (Map.Entry<String, Tensor> own : model.namedParameters().entrySet()) {
      Tensor weight = own.getValue();
      // Of all weights only those of norms are vectors.
      if (tokens > 0 && own.getKey().endsWith("weight") && weight.dim() == 1) {
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
  private void rmsNorm(Representation representation, int tokens) {
    int size = representation.size();
    int summand = representation.summands().get(0).size();
    int part = Math.min(size, Math.max(1, LEAST_PART / summand) * summand);
    int count = size / part;
    Tensor table = torch.randn(representation.irreps().size() / count, (long) part * part);
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

  private void add(String name, BasisUse use, Map<String, Tensor> parameters, int tokens) {
    String prefix = name.isEmpty() ? "" : name + ".";
    if (use instanceof BasisUse.Coefficients own) {
      weight(own.basis(), Objects.requireNonNull(parameters.get(prefix + own.weights())));
    } else if (use instanceof BasisUse.Projection own) {
      original(name, parameters).ifPresent(it -> add(it, own.basis()::projectTransposed));
    } else if (use instanceof BasisUse.Projector own) {
      original(name, parameters).ifPresent(it -> projectedBias(own.representation(), it));
    } else if (use instanceof BasisUse.InvariantVector own) {
      Optional.ofNullable(parameters.get(prefix + own.weights()))
          .ifPresent(it -> bias(own.representation(), it));
    } else if (use instanceof BasisUse.CopyNumbers own && tokens > 0) {
      rmsNorm(own.representation(), tokens);
    }
  }

  /** A matrix, or the taps of a kernel. */
  private void weight(GroupHomomorphismBasis basis, Tensor coefficients) {
    long out = basis.out().size();
    add(
        coefficients,
        coefficients.dim() == 1
            ? basis::expandTransposed
            : basis.stack((int) coefficients.size(0), kernel -> kernel.reshape(-1, out)));
  }

  /** The parameter that a parametrization reads. */
  private static Optional<Tensor> original(String name, Map<String, Tensor> parameters) {
    int end = name.lastIndexOf('.');
    return end < 0
        ? Optional.empty()
        : Optional.ofNullable(parameters.get(name.substring(0, end) + ".original"));
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
