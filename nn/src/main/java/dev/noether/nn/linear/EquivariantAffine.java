package dev.noether.nn.linear;

import dev.noether.basis.BlockDiagonal;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.CopyScaling;
import dev.noether.spectral.CopywiseForm;
import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.torch.KeptPair;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Scales every copy of every irrep by a number and adds an invariant bias, both of which train: y =
 * Q diag(s) Q^T x + b. {@link EquivariantFilm} is given them at every call.
 */
public final class EquivariantAffine extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it; older files call a FiLM layer by this name too. */
  public static final LayerType<EquivariantAffine> TYPE =
      LayerType.of(EquivariantAffine.class, layer -> layer.scales.bases())
          .representation("in", EquivariantAffine::in)
          .setting("learnable", layer -> true, true)
          .settings(AffineOptions.SETTINGS, layer -> layer.scales.options())
          .builds(
              s ->
                  s.flag("learnable")
                      ? new EquivariantAffine(s.representation("in"), AffineOptions.of(s))
                      : new EquivariantFilm(s.representation("in"), AffineOptions.of(s)));

  private static final CopyWork WORK = new CopyWork(1.5, 1);

  private final CopyScales scales;
  private final BlockDiagonal basis;
  private final CopyScaling maps;
  private final Parameter.Derived map;
  private final KeptPair taken = new KeptPair();

  /**
   * A layer whose scales are ones and whose bias is zero at first.
   *
   * @param representation how the features transform
   * @param options bias and dtype
   */
  public EquivariantAffine(Representation representation, AffineOptions options) {
    super(representation, representation);
    scales = registerPart(new CopyScales(representation, options));
    basis = BlockDiagonal.changeOfBasis(representation, options.dtype());
    registerBuffers("irrep_basis.", basis.buffers());
    maps = new CopyScaling(representation, options.dtype(), basis);
    registerBuffers("scaling.", maps.buffers());
    map = scales.derived(maps::expand);
  }

  /**
   * A layer with a bias, in float32.
   *
   * @param representation how the features transform
   */
  public EquivariantAffine(Representation representation) {
    this(representation, AffineOptions.defaults());
  }

  /**
   * What trains.
   *
   * @return scales and bias
   */
  public CopyScales parts() {
    return scales;
  }

  /**
   * The number of scales: one for every copy of an irrep, in the order of the representation.
   *
   * @return the length of the parameter {@code scale_dof}
   */
  public int scaleCount() {
    return in().irreps().size();
  }

  @Override
  protected Tensor compute(Tensor input) {
    return scaled(input, scales.scales(), true);
  }

  /**
   * The layer with each copy's scale multiplied by a number.
   *
   * @param input {@code [..., size]}
   * @param factors {@code [scaleCount]}
   * @return {@code [..., size]}
   */
  public Tensor rescaled(Tensor input, Tensor factors) {
    return Scopes.compute(() -> scaled(input, scales.scales().mul(factors), false));
  }

  /**
   * A weight after which this layer need not be applied: x A W^T = x (W A)^T, since A = Q diag(s)
   * Q^T is symmetric. For evaluation without gradients, and a layer without bias; kept for the last
   * weight.
   *
   * @param weight {@code [out, size]}
   * @param rows the first so many rows take it in, as where others meet another input
   * @return {@code [out, size]}
   */
  public Tensor takenInto(Tensor weight, long rows) {
    return taken.get(
        weight,
        map.get(false),
        () ->
            rows == weight.size(0)
                ? forward(weight)
                : Tensors.concatenate(
                    0,
                    forward(weight.narrow(0, 0, rows)),
                    weight.narrow(0, rows, weight.size(0) - rows)));
  }

  /** The same of a transposed weight {@code [size, out]}, as a transposed one. */
  Tensor takenIntoTransposed(Tensor weight) {
    return taken.get(weight, map.get(false), () -> forward(weight.t()).t());
  }

  private Tensor scaled(Tensor input, Tensor scale, boolean own) {
    @Nullable Tensor shift = scales.bias();
    boolean keeps = own && !isTraining() && !(GradMode.is_enabled() && scale.requires_grad());
    if (maps.pays(input.numel() / in().size(), keeps)) {
      Tensor flat = own ? map.get(isTraining()) : maps.expand(scale);
      return maps.apply(input, flat, shift);
    }
    Tensor output = basis.timesTranspose(basis.times(input).mul(scales.spread(scale)));
    return shift == null ? output : output.add(shift);
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies spectral = new SpectralCopies(in(), scales.scales());
    return Optional.of(
        CopywiseForm.of(
            spectral,
            WORK,
            features ->
                scales.shifted(
                    spectral, spectral.scaled(features, spectral.arranged(scales.scales())))));
  }

  /** Q diag(s) Q^T as one matrix. */
  private Tensor dense() {
    return Scopes.compute(
        () -> {
          Tensor q = basis.dense();
          return q.mul(scales.spread(scales.scales())).matmul(q.t());
        });
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    @Nullable Tensor shift = scales.bias();
    if (!basis.isIdentity()) {
      return graph.linear(x, dense(), shift);
    }
    V scaled = graph.multiply(x, graph.constant("weight", scales.spread(scales.scales())));
    return shift == null ? scaled : graph.add(scaled, graph.constant("bias", shift));
  }

  @Override
  public String toString() {
    return "EquivariantAffine(" + in() + ")";
  }
}
