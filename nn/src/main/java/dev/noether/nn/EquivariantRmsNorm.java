package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.CostModel.CopyWork;
import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Divides every sample by its root mean square, then scales every copy of every irrep: y = s x /
 * sqrt(|x|^2 / size + eps).
 *
 * <p>The length of a vector is invariant under an orthogonal representation, so the layer is
 * equivariant in any basis. See Zhang and Sennrich, <em>Root Mean Square Layer Normalization</em>
 * (2019).
 */
public final class EquivariantRmsNorm extends Layer implements EquivariantLayer, PlainLayer {
  private static final CopyWork WORK = new CopyWork(1.5, 2);

  private final EquivariantAffine affine;
  private final double eps;

  /**
   * A layer whose scales are ones at first.
   *
   * @param representation how the features transform
   * @param eps what is added to the mean square, above 0; 1e-6 is usual
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if eps is not above 0
   */
  public EquivariantRmsNorm(Representation representation, double eps, Dtype dtype) {
    requireEps(eps);
    this.eps = eps;
    affine =
        registerChild(
            "affine",
            EquivariantAffine.learnable(
                representation, LinearOptions.defaults().withoutBias().with(dtype)));
  }

  static void requireEps(double eps) {
    require(eps > 0 && eps < 1, "eps must be above 0 and below 1, got %s", eps);
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
    Tensors.requireInput(input, in().size(), "in.size()", in(), affine.scales());
    return Scopes.compute(
        () -> {
          Tensor length =
              torch.linalg_vector_norm(
                  input, new Scalar(2.0), new long[] {-1}, true, new ScalarTypeOptional());
          Tensor meanSquare = length.mul(length).mul(new Scalar(1.0 / in().size()));
          return affine.forward(input.mul(meanSquare.add(new Scalar(eps)).rsqrt()));
        });
  }

  @Override
  SpectralStage spectralStage() {
    IsotypicCopies isotypic = new IsotypicCopies(in(), affine.scales());
    return IsotypicStage.of(isotypic, WORK, features -> inside(isotypic, features));
  }

  private Spectrum inside(IsotypicCopies isotypic, Spectrum features) {
    Tensor squares = isotypic.squares(features);
    Tensor length = squares.sum(new long[] {-1}, true, new ScalarTypeOptional());
    Tensor meanSquare = length.mul(new Scalar(1.0 / in().size()));
    Tensor factor = meanSquare.add(new Scalar(eps)).rsqrt();
    return affine.shifted(
        isotypic, isotypic.scaled(features, factor.mul(isotypic.arranged(affine.scales()))));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V small = graph.number(eps);
    V factor = graph.rsqrt(graph.add(graph.mean(graph.multiply(x, x)), small));
    return affine.plain(graph.at("affine"), graph.multiply(x, factor));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("in", in()).with("eps", eps));
  }

  @Override
  public String toString() {
    return "EquivariantRmsNorm(" + in() + ")";
  }
}
