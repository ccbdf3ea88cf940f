package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.Coordinates;
import dev.noether.spectral.CopywiseForm;
import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Dtype;
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
public final class EquivariantDropout extends EquivariantLayer
    implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantDropout> TYPE =
      LayerType.independentOfBases(EquivariantDropout.class)
          .representation("in", EquivariantDropout::in)
          .setting("p", layer -> layer.probability)
          .builds(s -> new EquivariantDropout(s.representation("in"), s.number("p"), s.dtype()));

  private static final CopyWork WORK = new CopyWork(0, 0.75);

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
    super(representation, representation);
    this.probability = requireDropout(probability);
    double[] entries = new double[representation.summands().size()];
    Arrays.fill(entries, 1);
    indices = registerBuffer("summand_indices", Coordinates.summands(representation), false);
    ones = registerBuffer("ones", Tensors.of(dtype, entries, entries.length), false);
  }

  /**
   * A layer in float32.
   *
   * @param representation how the features transform
   * @param probability p, at least 0 and below 1
   * @throws IllegalArgumentException if p is out of range
   */
  public EquivariantDropout(Representation representation, double probability) {
    this(representation, probability, Dtype.FLOAT32);
  }

  @Override
  protected Tensor compute(Tensor input) {
    if (!isTraining() || probability == 0) {
      return input;
    }
    long[] shape = Tensors.shapeWithLast(input, ones.numel());
    return input.mul(draw(shape).index_select(-1, indices));
  }

  /** 0 or 1 / (1 - p) for every sample and summand. */
  private Tensor draw(long... shape) {
    return ones.expand(shape).bernoulli(1 - probability).div(new Scalar(1 - probability));
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies copies = new SpectralCopies(in(), ones);
    Tensor own = Coordinates.summandsOfCopies(in());
    Tensor summandOf = copies.arranged(own.to(ones.device(), own.scalar_type()));
    return Optional.of(
        CopywiseForm.of(copies, WORK, features -> inside(copies, features, summandOf))
            .with("summands", summandOf));
  }

  private Spectrum inside(SpectralCopies copies, Spectrum features, Tensor summandOf) {
    if (!isTraining() || probability == 0) {
      return features;
    }
    Tensor factors = draw(features.samples(), ones.numel()).index_select(1, summandOf);
    return copies.scaled(features, factors);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return x;
  }

  @Override
  public String toString() {
    return "EquivariantDropout(" + probability + ", " + in() + ")";
  }
}
