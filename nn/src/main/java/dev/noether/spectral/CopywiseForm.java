package dev.noether.spectral;

import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.torch.Buffers;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The spectral form of a layer that treats every copy of an irrep by itself.
 *
 * @param in how features come in
 * @param out how features go out
 * @param buffers the tensors that it needs
 * @param work what that costs
 * @param admitted whether it is the layer's function at present
 * @param body what the layer does to features
 */
public record CopywiseForm(
    SpectralBasis in,
    SpectralBasis out,
    Buffers buffers,
    CopyWork work,
    BooleanSupplier admitted,
    UnaryOperator<Spectrum> body)
    implements SpectralForm {
  /**
   * A form that keeps the representation and is always admitted.
   *
   * @param copies the copies of the representation
   * @param work what the layer costs
   * @param body what the layer does to features
   * @return the form
   */
  public static CopywiseForm of(
      SpectralCopies copies, CopyWork work, UnaryOperator<Spectrum> body) {
    Buffers buffers = new Buffers();
    buffers.addAll("", copies.buffers());
    return new CopywiseForm(copies.basis(), copies.basis(), buffers, work, () -> true, body);
  }

  /**
   * The same form with one more tensor.
   *
   * @param name its name
   * @param tensor the tensor
   * @return this form
   */
  public CopywiseForm with(String name, Tensor tensor) {
    buffers.add(name, tensor);
    return this;
  }

  /**
   * The same form, whose features come in another way.
   *
   * @param other how features come in
   * @return a new form
   */
  public CopywiseForm from(SpectralBasis other) {
    buffers.addAll("in_", other.buffers());
    return new CopywiseForm(other, out, buffers, work, admitted, body);
  }

  /**
   * The same form, admitted under a condition.
   *
   * @param condition whether it is the layer's function at present
   * @return a new form
   */
  public CopywiseForm where(BooleanSupplier condition) {
    return new CopywiseForm(in, out, buffers, work, condition, body);
  }

  @Override
  public boolean isAdmitted() {
    return admitted.getAsBoolean();
  }

  @Override
  public Cost cost(long samples, boolean training) {
    double side =
        (CostModel.side(in.work(), samples, training)
                + CostModel.side(out.work(), samples, training))
            / 2;
    return new Cost(
        CostModel.alone(work, out.work(), samples, training),
        isAdmitted()
            ? CostModel.inside(work, out.work(), samples, training)
            : Double.POSITIVE_INFINITY,
        side);
  }

  @Override
  public Spectrum apply(Spectrum features) {
    return body.apply(features);
  }
}
