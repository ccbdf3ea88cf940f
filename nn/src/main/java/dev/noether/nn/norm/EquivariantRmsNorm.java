package dev.noether.nn.norm;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.CopywiseForm;
import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.spectral.Spectrum;
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
public final class EquivariantRmsNorm extends EquivariantLayer
    implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantRmsNorm> TYPE =
      LayerType.independentOfBases(EquivariantRmsNorm.class)
          .representation("in", EquivariantRmsNorm::in)
          .setting("eps", layer -> layer.eps, 1e-6)
          .builds(s -> new EquivariantRmsNorm(s.representation("in"), s.number("eps"), s.dtype()));

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
    super(representation, representation);
    this.eps = NormOptions.requireEps(eps);
    affine =
        registerChild(
            "affine",
            new EquivariantAffine(
                representation, AffineOptions.defaults().withoutBias().with(dtype)));
  }

  /**
   * A layer with eps 1e-6, in float32.
   *
   * @param representation how the features transform
   */
  public EquivariantRmsNorm(Representation representation) {
    this(representation, 1e-6, Dtype.FLOAT32);
  }

  /**
   * The scales, without a bias: the layer is {@code scales().forward(unscaled(x))}.
   *
   * @return the layer that follows the norm
   */
  public EquivariantAffine scales() {
    return affine;
  }

  /**
   * The norm alone.
   *
   * @param input {@code [..., size]}
   * @return the input over its root mean square
   * @throws IllegalArgumentException if the features, the dtype or the device do not fit
   */
  public Tensor unscaled(Tensor input) {
    requireInput(input, in(), axes());
    return Scopes.compute(() -> normalised(input));
  }

  @Override
  protected Tensor compute(Tensor input) {
    return affine.forward(normalised(input));
  }

  private Tensor normalised(Tensor input) {
    Tensor length =
        torch.linalg_vector_norm(
            Tensors.wide(input), new Scalar(2.0), new long[] {-1}, true, new ScalarTypeOptional());
    Tensor small = length.new_full(new long[] {1}, new Scalar(eps));
    Tensor meanSquare = torch.addcmul(small, length, length, new Scalar(1.0 / in().size()));
    return input.mul(Tensors.inDtypeOf(input, meanSquare.rsqrt()));
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies copies = new SpectralCopies(in(), affine.parts().scales());
    return Optional.of(CopywiseForm.of(copies, WORK, features -> inside(copies, features)));
  }

  private Spectrum inside(SpectralCopies copies, Spectrum features) {
    Tensor squares = copies.squares(features);
    Tensor length = squares.sum(new long[] {-1}, true, new ScalarTypeOptional());
    Tensor meanSquare = length.mul(new Scalar(1.0 / in().size()));
    Tensor factor = meanSquare.add(new Scalar(eps)).rsqrt();
    return copies.scaled(features, factor.mul(copies.arranged(affine.parts().scales())));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V small = graph.number(eps);
    V factor = graph.rsqrt(graph.add(graph.mean(graph.multiply(x, x)), small));
    return affine.plain(graph.at("affine"), graph.multiply(x, factor));
  }

  @Override
  public String toString() {
    return "EquivariantRmsNorm(" + in() + ")";
  }
}
