package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.CostModel.CopyWork;
import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * In training sets whole summands of the representation to zero, each with probability p, and
 * scales the others by 1 / (1 - p). In evaluation it is the identity.
 *
 * <p>Whatever is drawn, the layer multiplies every summand by one number, so it is equivariant.
 */
public final class EquivariantDropout extends Layer implements EquivariantLayer, PlainLayer {
  private static final CopyWork WORK = new CopyWork(0, 0.75);

  private final Representation representation;
  private final double probability;
  private final Tensor indices;
  private final Tensor ones;

  /**
   * A layer that draws from LibTorch's generator.
   *
   * @param representation how the features transform
   * @param probability p, at least 0 and below 1
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if p is out of range
   */
  public EquivariantDropout(Representation representation, double probability, Dtype dtype) {
    requireProbability(probability);
    this.representation = representation;
    this.probability = probability;
    double[] entries = new double[representation.summands().size()];
    Arrays.fill(entries, 1);
    indices = registerBuffer("summand_indices", Coordinates.summands(representation), false);
    ones = registerBuffer("ones", Tensors.of(dtype, entries, entries.length), false);
  }

  static void requireProbability(double probability) {
    require(
        probability >= 0 && probability < 1,
        "the probability of dropout must be at least 0 and below 1, got %s",
        probability);
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
    Tensors.requireInput(input, in().size(), "in.size()", in(), ones);
    if (!isTraining() || probability == 0) {
      return input.alias();
    }
    return Scopes.compute(
        () -> {
          long[] shape = Tensors.shape(input);
          shape[shape.length - 1] = ones.numel();
          return input.mul(draw(shape).index_select(-1, indices));
        });
  }

  /** 0 or 1 / (1 - p) for every sample and summand. */
  private Tensor draw(long... shape) {
    return ones.expand(shape).bernoulli(1 - probability).div(new Scalar(1 - probability));
  }

  @Override
  SpectralStage spectralStage() {
    IsotypicCopies isotypic = new IsotypicCopies(representation, ones);
    Tensor own = Coordinates.summandsOfCopies(representation);
    Tensor summandOf = isotypic.arranged(own.to(ones.device(), own.scalar_type()));
    return IsotypicStage.of(isotypic, WORK, features -> inside(isotypic, features, summandOf))
        .with("summands", summandOf);
  }

  private Spectrum inside(IsotypicCopies isotypic, Spectrum features, Tensor summandOf) {
    if (!isTraining() || probability == 0) {
      return features;
    }
    Tensor factors = draw(features.samples(), ones.numel()).index_select(1, summandOf);
    return isotypic.scaled(features, factors);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return x;
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("in", representation).with("p", probability));
  }

  @Override
  public String toString() {
    return "EquivariantDropout(" + probability + ", " + representation + ")";
  }
}
