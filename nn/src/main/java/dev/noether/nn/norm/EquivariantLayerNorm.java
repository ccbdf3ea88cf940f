package dev.noether.nn.norm;

import dev.noether.group.Irrep;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.CopyScales;
import dev.noether.plain.PlainCopies;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.Coordinates;
import dev.noether.spectral.CopiesInARow;
import dev.noether.spectral.CopyLayout;
import dev.noether.spectral.CopywiseForm;
import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
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
 * {@link EquivariantRmsNorm}: this one amplifies copies that are nearly zero, and their rounding:
 * in float32, with eps 1e-6, equivariance holds to 1e-5 or so in any basis, with 1e-2 to 1e-6.
 */
public final class EquivariantLayerNorm extends EquivariantLayer
    implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantLayerNorm> TYPE =
      LayerType.of(
              EquivariantLayerNorm.class, layer -> List.of(new BasisUse.Copies(layer.in(), false)))
          .representation("in", EquivariantLayerNorm::in)
          .setting("eps", layer -> layer.eps, 1e-6)
          .settings(AffineOptions.SETTINGS, layer -> layer.affine.options())
          .builds(
              s ->
                  new EquivariantLayerNorm(
                      s.representation("in"),
                      new NormOptions(s.number("eps"), s.flag("bias"), s.dtype())));

  private static final CopyWork WORK = new CopyWork(2, 3);

  private final CopiesInARow copies;
  private final CopyScales affine;
  private final double eps;

  /**
   * A layer whose scales are ones and whose bias is zero at first.
   *
   * @param representation how the features transform
   * @param options eps, bias and dtype
   */
  public EquivariantLayerNorm(Representation representation, NormOptions options) {
    super(representation, representation);
    eps = options.eps();
    Dtype dtype = options.dtype();
    copies = CopiesInARow.withMeans(representation, dtype);
    registerDerived("Q", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis()));
    registerDerived(
        "Q_inv", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis().transpose()));
    long[] dimensions = representation.irreps().stream().mapToLong(Irrep::dimension).toArray();
    registerDerived("irrep_dims", () -> Tensors.of(dimensions, dimensions.length));
    registerDerived("irrep_indices", () -> Coordinates.copies(representation));
    registerBuffers("copies.", copies.buffers());
    affine =
        registerChild(
            "affine", new CopyScales(representation, new AffineOptions(options.bias(), dtype)));
  }

  /**
   * A layer with eps 1e-6 and a bias, in float32.
   *
   * @param representation how the features transform
   */
  public EquivariantLayerNorm(Representation representation) {
    this(representation, NormOptions.defaults());
  }

  @Override
  protected Tensor compute(Tensor input) {
    Tensor output = copies.leave(normalised(copies, copies.enter(input)));
    @Nullable Tensor bias = affine.bias();
    return bias == null ? output : output.add(bias);
  }

  /** Every copy times s_c / sqrt(|x_c|^2 / d_c + eps). */
  private <F> F normalised(CopyLayout<F> layout, F features) {
    Tensor factors = layout.meanSquares(features).add(new Scalar(eps)).rsqrt();
    return layout.scaled(features, factors.mul(layout.arranged(affine.scales())));
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies spectral = new SpectralCopies(in(), copies.like());
    return Optional.of(
        CopywiseForm.of(
            spectral, WORK, features -> affine.shifted(spectral, normalised(spectral, features))));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    PlainCopies<V> plain = new PlainCopies<>(graph, copies);
    V features = plain.enter(x);
    V means = plain.meanSquares(features);
    V small = graph.number(eps);
    V factor = graph.rsqrt(graph.add(means, small));
    V scaled = graph.multiply(factor, graph.constant("scales", affine.scales()));
    V output = plain.leave(plain.scaled(features, scaled));
    @Nullable Tensor bias = affine.bias();
    return bias == null ? output : graph.add(output, graph.constant("bias", bias));
  }

  @Override
  public String toString() {
    return "EquivariantLayerNorm(" + in() + ")";
  }
}
