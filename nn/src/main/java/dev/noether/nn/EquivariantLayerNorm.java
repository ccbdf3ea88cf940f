package dev.noether.nn;

import dev.noether.hom.CostModel.CopyWork;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Divides every copy of every irrep by its own root mean square, then scales it and adds an
 * invariant bias: y_c = s_c x_c / sqrt(|x_c|^2 / d_c + eps) + b in the irreps' basis.
 *
 * <p>The length of each copy is invariant, so the layer is equivariant. At zero it is zero, with a
 * finite gradient, up to s / sqrt(eps) times the one that comes in. For an attention block prefer
 * {@link EquivariantRmsNorm}: this one amplifies copies that are nearly zero.
 */
public final class EquivariantLayerNorm extends Layer implements EquivariantLayer, PlainLayer {
  private static final CopyWork WORK = new CopyWork(2, 3);

  private final IrrepCopies copies;
  private final EquivariantAffine affine;
  private final double eps;

  /**
   * A layer whose scales are ones and whose bias is zero at first.
   *
   * @param representation how the features transform
   * @param eps what is added to each mean square, above 0; 1e-6 is usual
   * @param options bias and dtype; the rest does not concern this layer
   * @throws IllegalArgumentException if eps is not above 0
   */
  public EquivariantLayerNorm(Representation representation, double eps, LinearOptions options) {
    EquivariantRmsNorm.requireEps(eps);
    this.eps = eps;
    Dtype dtype = options.dtype();
    copies = new IrrepCopies(representation, dtype);
    registerDerived("Q", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis()));
    registerDerived(
        "Q_inv", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis().transpose()));
    long[] dimensions = copies.dimensions();
    registerFixed("irrep_dims", Tensors.of(dimensions, dimensions.length));
    registerFixed("irrep_indices", Coordinates.copies(representation));
    copies.buffers().forEach((name, b) -> registerBuffer(name, b, false));
    affine = registerChild("affine", EquivariantAffine.parametersOnly(representation, options));
  }

  @Override
  public Representation in() {
    return affine.in();
  }

  @Override
  public Representation out() {
    return affine.out();
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in().size(), "in.size()", in(), copies.like());
    return Scopes.compute(
        () -> {
          Tensor output = copies.back(normalised(copies, copies.spectrum(input)));
          @Nullable Tensor bias = affine.bias();
          return bias == null ? output : output.add(bias);
        });
  }

  /** Every copy times s_c / sqrt(|x_c|^2 / d_c + eps). */
  private <F> F normalised(Copies<F> layout, F features) {
    Tensor factors = layout.meanSquares(features).add(new Scalar(eps)).rsqrt();
    return layout.scaled(features, factors.mul(layout.arranged(affine.scales())));
  }

  @Override
  SpectralStage spectralStage() {
    IsotypicCopies isotypic = new IsotypicCopies(in(), copies.like());
    return IsotypicStage.of(
        isotypic, WORK, features -> affine.shifted(isotypic, normalised(isotypic, features)));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V spectrum = copies.plainSpectrum(graph, x);
    V means = copies.plainMeanSquares(graph, spectrum);
    V small = graph.number(eps);
    V factor = graph.rsqrt(graph.add(means, small));
    V scaled = graph.multiply(factor, graph.constant("scales", affine.scales()));
    V output = copies.plainBack(graph, copies.plainScaled(graph, spectrum, scaled));
    @Nullable Tensor bias = affine.bias();
    return bias == null ? output : graph.add(output, graph.constant("bias", bias));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(
        Architecture.of(this)
            .with("in", in())
            .with("eps", eps)
            .with("bias", affine.bias() != null));
  }

  @Override
  public String toString() {
    return "EquivariantLayerNorm(" + in() + ")";
  }
}
