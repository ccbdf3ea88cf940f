package dev.noether.nn;

import dev.noether.hom.CostModel.CopyWork;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
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
public final class NormNonlinearity extends Layer implements EquivariantLayer, PlainLayer {
  private static final CopyWork WORK = new CopyWork(2, 2.5);

  private static final double SMALL = 1e-6;

  private final Representation representation;
  private final Activation activation;
  private final IrrepCopies copies;
  private final Tensor bias;

  /**
   * A nonlinearity with a bias for every copy.
   *
   * @param representation how the features transform
   * @param activation the function of the length
   * @param dtype the dtype of the layer
   */
  public NormNonlinearity(Representation representation, Activation activation, Dtype dtype) {
    this.representation = representation;
    this.activation = activation;
    copies = new IrrepCopies(representation, dtype);
    bias = registerParameter("bias", Tensors.of(dtype, new double[copies.count()], copies.count()));
    copies.buffers().forEach((name, b) -> registerBuffer(name, b, false));
  }

  @Override
  public Representation in() {
    return representation;
  }

  @Override
  public Representation out() {
    return representation;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in().size(), "in.size()", in(), bias);
    return Scopes.compute(
        () -> {
          return copies.back(changed(copies, copies.spectrum(input)));
        });
  }

  /** Every copy times f(|x_c| + b_c) / |x_c|. */
  private <F> F changed(Copies<F> layout, F features) {
    Tensor lengths = layout.squares(features).add(new Scalar(SMALL)).sqrt();
    Tensor changed = activation.apply(lengths.add(layout.arranged(bias)));
    return layout.scaled(features, changed.div(lengths));
  }

  @Override
  SpectralStage spectralStage() {
    IsotypicCopies isotypic = new IsotypicCopies(representation, bias);
    return IsotypicStage.of(isotypic, WORK, features -> changed(isotypic, features));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V spectrum = copies.plainSpectrum(graph, x);
    V squares = copies.plainSquares(graph, spectrum);
    V inside = graph.add(squares, graph.number(SMALL));
    V reciprocal = graph.rsqrt(inside);
    V lengths = graph.multiply(inside, reciprocal);
    V factors =
        graph.multiply(
            graph.apply(activation, graph.add(lengths, graph.constant("bias", bias))), reciprocal);
    return copies.plainBack(graph, copies.plainScaled(graph, spectrum, factors));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(
        Architecture.of(this).with("in", representation).with("activation", activation));
  }

  @Override
  public String toString() {
    return "NormNonlinearity(" + activation + ", " + representation + ")";
  }
}
