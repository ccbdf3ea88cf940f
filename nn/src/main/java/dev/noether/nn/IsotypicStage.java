package dev.noether.nn;

import dev.noether.hom.CostModel;
import dev.noether.hom.CostModel.CopyWork;
import dev.noether.hom.SpectralBasis;
import dev.noether.hom.Spectrum;
import dev.noether.torch.Tensors;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The work of a layer that treats every copy of an irrep by itself, on features in the isotypic
 * basis.
 *
 * @param in how features come in
 * @param out how features go out
 * @param like a tensor whose dtype and device an input must share
 * @param buffers the tensors that it needs
 * @param work what that costs
 * @param admitted whether it is the layer's function at present
 * @param body what the layer does to features
 */
record IsotypicStage(
    SpectralBasis in,
    SpectralBasis out,
    Tensor like,
    Map<String, Tensor> buffers,
    CopyWork work,
    BooleanSupplier admitted,
    UnaryOperator<Spectrum> body)
    implements SpectralStage {
  IsotypicStage {
    buffers = Collections.unmodifiableMap(new LinkedHashMap<>(buffers));
  }

  /** A stage that keeps the representation and is always admitted. */
  static IsotypicStage of(IsotypicCopies copies, CopyWork work, UnaryOperator<Spectrum> body) {
    return new IsotypicStage(
        copies.basis(), copies.basis(), copies.like(), copies.buffers(), work, () -> true, body);
  }

  /** The same stage with one more tensor. */
  IsotypicStage with(String name, Tensor tensor) {
    Map<String, Tensor> more = new LinkedHashMap<>(buffers);
    more.put(name, tensor);
    return new IsotypicStage(in, out, like, more, work, admitted, body);
  }

  /** The same stage, whose features come in another way. */
  IsotypicStage from(SpectralBasis other) {
    Map<String, Tensor> more = new LinkedHashMap<>(buffers);
    other.buffers().forEach((name, tensor) -> more.put("in_" + name, tensor));
    return new IsotypicStage(other, out, like, more, work, admitted, body);
  }

  /** The same stage, admitted under a condition. */
  IsotypicStage where(BooleanSupplier condition) {
    return new IsotypicStage(in, out, like, buffers, work, condition, body);
  }

  @Override
  public boolean isAdmitted() {
    return admitted.getAsBoolean();
  }

  @Override
  public Cost cost(long samples, boolean training) {
    double side =
        (CostModel.side(in, samples, training) + CostModel.side(out, samples, training)) / 2;
    return new Cost(
        CostModel.alone(work, out, samples, training),
        isAdmitted() ? CostModel.inside(work, out, samples, training) : Double.POSITIVE_INFINITY,
        side);
  }

  @Override
  public Spectrum enter(Tensor input) {
    int size = in.representation().size();
    Tensors.requireInput(input, size, "in.size()", in.representation(), like);
    return in.enter(input.dim() == 2 ? input : input.reshape(-1, size));
  }

  @Override
  public Spectrum apply(Spectrum features) {
    return body.apply(features);
  }

  @Override
  public Tensor leave(Spectrum features, Tensor input) {
    Tensor flat = out.leave(features, input);
    if (input.dim() == 2) {
      return flat;
    }
    long[] shape = Tensors.shape(input);
    shape[shape.length - 1] = out.representation().size();
    return flat.reshape(shape);
  }
}
