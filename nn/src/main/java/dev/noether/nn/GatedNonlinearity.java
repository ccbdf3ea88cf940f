package dev.noether.nn;

import dev.noether.hom.CostModel.CopyWork;
import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Multiplies every copy of every irrep by a gate: y_c = sigmoid(g_c) x_c. The gates are invariant
 * features of their own, one for every copy, that come first in the input.
 *
 * <p>An equivariant linear layer into {@link #in} learns the gates. In the basis of the irreps (see
 * {@link ChangeToIsotypicBasis}) it changes no basis. See Weiler et al., <em>3D Steerable CNNs</em>
 * (2018).
 */
public final class GatedNonlinearity extends Layer implements EquivariantLayer, PlainLayer {
  private static final CopyWork WORK = new CopyWork(2, 2);

  private final Representation in;
  private final Representation out;
  private final IrrepCopies copies;

  /**
   * A nonlinearity without parameters.
   *
   * @param representation how the features transform that are gated
   * @param dtype the dtype of the layer
   */
  public GatedNonlinearity(Representation representation, Dtype dtype) {
    copies = new IrrepCopies(representation, dtype);
    out = representation;
    in = Representation.trivial(representation.group()).times(copies.count()).plus(representation);
    copies.buffers().forEach((name, b) -> registerBuffer(name, b, false));
  }

  /**
   * How inputs transform: the gates, then the features.
   *
   * @return one trivial irrep for every copy, plus the representation
   */
  @Override
  public Representation in() {
    return in;
  }

  @Override
  public Representation out() {
    return out;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in.size(), "in.size()", in, copies.like());
    return Scopes.compute(
        () -> {
          Tensor gates = input.narrow(-1, 0, copies.count());
          Tensor spectrum = copies.spectrum(input.narrow(-1, copies.count(), out.size()));
          return copies.back(gated(copies, spectrum, gates));
        });
  }

  private static <F> F gated(Copies<F> layout, F features, Tensor gates) {
    return layout.scaled(features, layout.arranged(gates.sigmoid()));
  }

  @Override
  SpectralStage spectralStage() {
    IsotypicCopies isotypic = new IsotypicCopies(out, copies.like());
    return IsotypicStage.of(isotypic, WORK, features -> inside(isotypic, features))
        .from(isotypic.basisOf(in));
  }

  /** The gates stand before the features of the trivial irrep. */
  private Spectrum inside(IsotypicCopies isotypic, Spectrum features) {
    int count = copies.count();
    int place = out.group().irreps().indexOf(out.group().trivialIrrep());
    Optional<Tensor> trivial = features.of(place);
    Tensor gates =
        trivial
            .map(own -> own.narrow(1, 0, count))
            .orElseGet(() -> copies.like().new_zeros(features.samples(), count));
    Spectrum gated = features.without(place);
    if (trivial.isPresent() && trivial.get().size(1) > count) {
      Tensor own = trivial.get();
      gated = gated.with(place, own.narrow(1, count, own.size(1) - count));
    }
    return gated(isotypic, gated, gates);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V gates = graph.apply(Activation.SIGMOID, graph.narrow(x, 0, copies.count()));
    V spectrum = copies.plainSpectrum(graph, graph.narrow(x, copies.count(), out.size()));
    return copies.plainBack(graph, copies.plainScaled(graph, spectrum, gates));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("out", out));
  }

  @Override
  public String toString() {
    return "GatedNonlinearity(" + out + ")";
  }
}
