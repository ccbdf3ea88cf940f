package other.jar;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
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
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A user's layer: every copy of an irrep times tanh(w_c |x_c|^2), with a number w_c that trains.
 */
public final class CopyTanh extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<CopyTanh> TYPE =
      LayerType.of(CopyTanh.class, layer -> List.of(new BasisUse.Copies(layer.in(), true)))
          .representation("in", CopyTanh::in)
          .setting("slope", layer -> layer.slope, 1.0)
          .builds(s -> new CopyTanh(s.representation("in"), s.number("slope"), s.dtype()));

  private final double slope;
  private final CopiesInARow copies;
  private final Parameter weights;

  /** The layer of a representation, whose numbers are all {@code slope} at first. */
  public CopyTanh(Representation representation, double slope, Dtype dtype) {
    super(representation, representation);
    this.slope = slope;
    copies = new CopiesInARow(representation, dtype);
    registerBuffers("copies.", copies.buffers());
    double[] first = new double[copies.count()];
    java.util.Arrays.fill(first, slope);
    weights = registerParameter("weights", Tensors.of(dtype, first, first.length));
  }

  @Override
  protected Tensor compute(Tensor input) {
    return copies.leave(bounded(copies, copies.enter(input)));
  }

  private <F> F bounded(CopyLayout<F> layout, F features) {
    Tensor numbers = layout.squares(features).mul(layout.arranged(weights.value())).tanh();
    return layout.scaled(features, numbers);
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies spectral = new SpectralCopies(in(), weights.value());
    return Optional.of(
        CopywiseForm.of(spectral, new CopyWork(2, 2), features -> bounded(spectral, features)));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    PlainCopies<V> plain = new PlainCopies<>(graph, copies);
    V features = plain.enter(x);
    V inside = graph.multiply(plain.squares(features), graph.constant("weights", weights.value()));
    return plain.leave(plain.scaled(features, graph.apply(Activation.TANH, inside)));
  }
}
