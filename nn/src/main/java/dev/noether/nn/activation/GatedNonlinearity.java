package dev.noether.nn.activation;

import dev.noether.group.Irrep;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.ChangeToIsotypicBasis;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainCopies;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.CopiesInARow;
import dev.noether.spectral.CopyLayout;
import dev.noether.spectral.CopywiseForm;
import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Dtype;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Multiplies every copy of every irrep by a gate: y_c = sigmoid(g_c) x_c. The gates are invariant
 * features of their own, one for every copy, that come first in the input: {@link #in} is one
 * trivial irrep for every copy, plus the representation.
 *
 * <p>An equivariant linear layer into {@link #in} learns the gates. In the basis of the irreps (see
 * {@link ChangeToIsotypicBasis}) it changes no basis. See Weiler et al., <em>3D Steerable CNNs</em>
 * (2018).
 */
public final class GatedNonlinearity extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<GatedNonlinearity> TYPE =
      LayerType.of(GatedNonlinearity.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("out", GatedNonlinearity::out)
          .builds(s -> new GatedNonlinearity(s.representation("out"), s.dtype()));

  private static final CopyWork WORK = new CopyWork(2, 2);

  private final CopiesInARow copies;

  /**
   * A nonlinearity without parameters.
   *
   * @param representation how the features transform that are gated
   * @param dtype the dtype of the layer
   */
  public GatedNonlinearity(Representation representation, Dtype dtype) {
    super(withGates(requireSpace(representation, GatedNonlinearity.class)), representation);
    copies = new CopiesInARow(representation, dtype);
    registerBuffers("copies.", copies.buffers());
  }

  /**
   * A nonlinearity in float32.
   *
   * @param representation how the features transform that are gated
   */
  public GatedNonlinearity(Representation representation) {
    this(representation, Dtype.FLOAT32);
  }

  /** One trivial irrep for every copy, then the representation. */
  private static Representation withGates(Representation representation) {
    return Representation.trivial(representation.group())
        .times(representation.irreps().size())
        .plus(representation);
  }

  @Override
  protected Tensor compute(Tensor input) {
    Tensor gates = input.narrow(-1, 0, copies.count());
    Tensor features = copies.enter(input.narrow(-1, copies.count(), out().size()));
    return copies.leave(gated(copies, features, gates));
  }

  private static <F> F gated(CopyLayout<F> layout, F features, Tensor gates) {
    return layout.scaled(features, layout.arranged(gates.sigmoid()));
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies spectral = new SpectralCopies(out(), copies.like());
    return Optional.of(
        CopywiseForm.of(spectral, WORK, features -> inside(spectral, features))
            .from(spectral.basisOf(in())));
  }

  /** The gates stand before the features of the trivial irrep. */
  private Spectrum inside(SpectralCopies spectral, Spectrum features) {
    int count = copies.count();
    Irrep one = out().group().trivialIrrep();
    Optional<Tensor> trivial = features.of(one);
    Tensor gates =
        trivial
            .map(own -> own.narrow(1, 0, count))
            .orElseGet(() -> copies.like().new_zeros(features.samples(), count));
    Spectrum gated = features.without(one);
    if (trivial.isPresent() && trivial.get().size(1) > count) {
      Tensor own = trivial.get();
      gated = gated.with(one, own.narrow(1, count, own.size(1) - count));
    }
    return gated(spectral, gated, gates);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V gates = graph.apply(Activation.SIGMOID, graph.narrow(x, 0, copies.count()));
    PlainCopies<V> plain = new PlainCopies<>(graph, copies);
    V features = plain.enter(graph.narrow(x, copies.count(), out().size()));
    return plain.leave(plain.scaled(features, gates));
  }

  @Override
  public String toString() {
    return "GatedNonlinearity(" + out() + ")";
  }
}
