package dev.noether.cli.bench;

import dev.noether.algebra.Matrix;
import dev.noether.basis.BlockDiagonal;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.plain.Forward;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * LibTorch's calls that a step of an equivariant model needs besides those of its plain twin:
 * weights laid out of their coefficients or projected, biases spread over their copies, norms with
 * the maps of their scales, the modulation of copies, and the way back of the gradients, on tensors
 * of their own, without layers.
 */
final class WeightCalls implements Turns.Step {
  /** Small summands share a map of this size. */
  private static final int LEAST_PART = 32;

  /** In a block of a plain U-Net; what it takes has been modulated. */
  private static final String SECOND_PLAIN_NORM = "blocks.1.block.1";

  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> leaves = new ArrayList<>();
  private final List<UnaryOperator<Tensor>> calls = new ArrayList<>();
  private final List<Tensor> slopes = new ArrayList<>();

  private final boolean training;

  private WeightCalls(boolean training) {
    this.training = training;
  }

  /**
   * The calls of an equivariant model.
   *
   * @param model the model, in training or in evaluation, where weights and maps are kept
   * @return the step
   */
  static WeightCalls of(ModelPair.Trial model) {
    WeightCalls calls = new WeightCalls(model.layer().isTraining());
    LayerRegistry registry = LayerRegistry.standard();
    Map<String, Tensor> parameters = model.layer().namedParameters();
    Map<String, long[]> inputs = inputs(model);
    model
        .layer()
        .namedLayers()
        .forEach(
            (name, layer) ->
                registry.of(layer).stream()
                    .flatMap(type -> type.bases(layer).stream())
                    .forEach(use -> calls.add(name, use, parameters, inputs)));
    return calls;
  }

  /**
   * What a plain model calls where the equivariant one has norms that mix a summand's coordinates,
   * and modulates copies.
   *
   * @param model the plain twin
   * @return the step
   */
  static WeightCalls replaced(ModelPair.Trial model) {
    WeightCalls calls = new WeightCalls(model.layer().isTraining());
    Map<String, long[]> inputs = inputs(model);
    model
        .layer()
        .namedLayers()
        .forEach(
            (name, layer) -> {
              Tensor weight = layer.namedParameters().get("weight");
              // Of all weights only those of norms are vectors.
              if (layer instanceof Forward norm && weight != null && weight.dim() == 1) {
                calls.add(torch.randn(Objects.requireNonNull(inputs.get(name))), norm::forward);
              }
              if (name.endsWith(SECOND_PLAIN_NORM)) {
                calls.plainFilm(Objects.requireNonNull(inputs.get(name)));
              }
            });
    return calls;
  }

  /** The shapes of what came into each layer in a forward. */
  private static Map<String, long[]> inputs(ModelPair.Trial model) {
    Map<String, long[]> shapes = new HashMap<>();
    List<Runnable> ends = new ArrayList<>();
    model
        .layer()
        .namedLayers()
        .forEach(
            (name, layer) ->
                ends.add(layer.onForward((in, out) -> shapes.put(name, Tensors.shape(in)))));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor unused = model.forward().get();
    }
    ends.forEach(Runnable::run);
    return shapes;
  }

  private void plainFilm(long[] shape) {
    Tensor scale = leaf(shape[0], shape[1], 1);
    Tensor shift = leaf(shape[0], shape[1], 1);
    add(torch.randn(shape), x -> shift.addcmul(scale, x));
  }

  /** Into the irreps, a scale and a shift for each coordinate, and back: the numbers are any. */
  private void film(Representation rho, long[] shape) {
    int count = rho.summands().size();
    int together = BlockDiagonal.joined(rho.summands().get(0).size(), count, 12, 32);
    long parts = count / together;
    long width = rho.size() / parts;
    long copies = rho.irreps().size() / parts;
    long invariants = rho.copies(rho.group().trivialIrrep()).size() / parts;
    Tensor turn = torch.randn(width, width);
    Tensor spread = torch.randn(copies, width);
    Tensor vectors = torch.randn(invariants, width);
    long[] each = {shape[0], 1, rho.size()};
    Tensor scale = leaf(shape[0] * parts, copies);
    Tensor shift = leaf(shape[0] * parts, invariants);
    add(
        torch.randn(shape),
        x -> {
          Tensor inside = x.view(-1, width).mm(turn).view(shape);
          Tensor moved = shift.mm(vectors).view(each).addcmul(inside, scale.mm(spread).view(each));
          return moved.view(-1, width).mm(turn.t()).view(shape);
        });
  }

  private Tensor leaf(long... shape) {
    Tensor own = torch.randn(shape).set_requires_grad(true);
    leaves.add(own);
    return own;
  }

  /**
   * The norm, and the maps Q diag(s) Q^T of its scales, which mix the coordinates of a summand:
   * their numbers are any.
   */
  private void rmsNorm(Representation representation, long[] shape) {
    int size = representation.size();
    int summand = representation.summands().get(0).size();
    int part = Math.min(size, Math.max(1, LEAST_PART / summand) * summand);
    int count = size / part;
    Tensor table = torch.randn(representation.irreps().size() / count, (long) part * part);
    Tensor scales = leaf(count, table.size(0));
    Tensor kept = scales.detach().mm(table).view(count, part, part);
    long[] last = {size};
    add(
        torch.randn(shape),
        x -> {
          Tensor unit =
              torch
                  .rms_norm(x, last, new TensorOptional(), new DoubleOptional(1e-6))
                  .view(-1, size);
          Tensor maps = training ? scales.mm(table).view(count, part, part) : kept;
          return count == 1
              ? unit.mm(maps.select(0, 0))
              : unit.view(-1, count, part)
                  .transpose(0, 1)
                  .bmm(maps)
                  .transpose(0, 1)
                  .reshape(-1, size);
        });
  }

  private void add(
      String name, BasisUse use, Map<String, Tensor> parameters, Map<String, long[]> inputs) {
    String prefix = name.isEmpty() ? "" : name + ".";
    if (use instanceof BasisUse.CopyNumbers own) {
      // In evaluation the next weight may have taken the scales in.
      Optional.ofNullable(inputs.get(name)).ifPresent(it -> rmsNorm(own.representation(), it));
    } else if (use instanceof BasisUse.Copies own && own.ordered()) {
      String norm = name.substring(0, name.lastIndexOf('.') + 1) + "norm1.norm";
      film(own.representation(), Objects.requireNonNull(inputs.get(norm)));
    } else if (!training) {
      return;
    } else if (use instanceof BasisUse.Coefficients own) {
      weight(own.basis(), Objects.requireNonNull(parameters.get(prefix + own.weights())));
    } else if (use instanceof BasisUse.Projection own) {
      original(name, parameters).ifPresent(it -> add(it, own.basis()::projectTransposed));
    } else if (use instanceof BasisUse.Projector own) {
      original(name, parameters).ifPresent(it -> projectedBias(own.representation(), it));
    } else if (use instanceof BasisUse.InvariantVector own) {
      Optional.ofNullable(parameters.get(prefix + own.weights()))
          .ifPresent(it -> bias(own.representation(), it));
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
    if (!training) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        for (int i = 0; i < inputs.size(); i++) {
          Tensor unused = calls.get(i).apply(inputs.get(i));
        }
      }
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
