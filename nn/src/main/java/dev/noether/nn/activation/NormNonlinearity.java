package dev.noether.nn.activation;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
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
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Changes the length of every copy of every irrep and keeps its direction: y_c = f(|x_c| + b_c) x_c
 * / |x_c|, with a bias b_c that trains and starts at zero.
 *
 * <p>Lengths are invariant, so the layer is equivariant on every representation. |x_c| stands for
 * sqrt(|x_c|^2 + 1e-6), which keeps values and gradients finite at zero. In the basis of the irreps
 * (see {@link ChangeToIsotypicBasis}) it changes no basis. See Worrall et al., <em>Harmonic
 * Networks</em> (2017).
 */
public final class NormNonlinearity extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<NormNonlinearity> TYPE =
      LayerType.of(NormNonlinearity.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", NormNonlinearity::in)
          .setting("activation", layer -> layer.activation)
          .builds(
              s ->
                  new NormNonlinearity(
                      s.representation("in"),
                      s.constant(Activation.class, "activation"),
                      s.dtype()));

  private static final CopyWork WORK = new CopyWork(2, 2.5);

  private static final double SMALL = 1e-6;

  private final Activation activation;
  private final CopiesInARow copies;
  private final Parameter bias;

  /**
   * A nonlinearity with a bias for every copy.
   *
   * @param representation how the features transform
   * @param activation the function of the length
   * @param dtype the dtype of the layer
   */
  public NormNonlinearity(Representation representation, Activation activation, Dtype dtype) {
    super(representation, representation);
    this.activation = activation;
    copies = new CopiesInARow(representation, dtype);
    bias = registerParameter("bias", Tensors.of(dtype, new double[copies.count()], copies.count()));
    registerBuffers("copies.", copies.buffers());
  }

  /**
   * A nonlinearity in float32.
   *
   * @param representation how the features transform
   * @param activation the function of the length
   */
  public NormNonlinearity(Representation representation, Activation activation) {
    this(representation, activation, Dtype.FLOAT32);
  }

  @Override
  protected Tensor compute(Tensor input) {
    return copies.leave(changed(copies, copies.enter(input)));
  }

  /** Every copy times f(|x_c| + b_c) / |x_c|. */
  private <F> F changed(CopyLayout<F> layout, F features) {
    Tensor lengths = layout.squares(features).add(new Scalar(SMALL)).sqrt();
    Tensor changed = activation.apply(lengths.add(layout.arranged(bias.value())));
    return layout.scaled(features, changed.div(lengths));
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies spectral = new SpectralCopies(in(), copies.like());
    return Optional.of(CopywiseForm.of(spectral, WORK, features -> changed(spectral, features)));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    PlainCopies<V> plain = new PlainCopies<>(graph, copies);
    V features = plain.enter(x);
    V squares = plain.squares(features);
    V inside = graph.add(squares, graph.number(SMALL));
    V reciprocal = graph.rsqrt(inside);
    V lengths = graph.multiply(inside, reciprocal);
    V factors =
        graph.multiply(
            graph.apply(activation, graph.add(lengths, graph.constant("bias", bias.value()))),
            reciprocal);
    return plain.leave(plain.scaled(features, factors));
  }

  @Override
  public String toString() {
    return "NormNonlinearity(" + activation + ", " + in() + ")";
  }
}
