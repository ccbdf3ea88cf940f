package dev.noether.train;

import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Models and data that many tests need. */
final class Examples {
  static final Representation IN = Representation.parse("C4: 2 x regular");
  static final Representation OUT = Representation.parse("C4: regular");

  private Examples() {}

  static MapOptions options(long seed) {
    return MapOptions.defaults().withSeed(seed).with(Dtype.FLOAT64);
  }

  /** One map, whose loss is a quadratic function of its weights. */
  static EquivariantLinear linear(long seed) {
    return new EquivariantLinear(IN, OUT, options(seed));
  }

  /** With all that a layer can remember or draw: running statistics and dropout. */
  static EquivariantSequential deep(long seed) {
    Representation hidden = Representation.parse("C4: 3 x regular");
    return EquivariantSequential.of(
        new EquivariantLinear(IN, hidden, options(seed)),
        new EquivariantBatchNorm1d(hidden, BatchStatisticsOptions.defaults().with(Dtype.FLOAT64)),
        new PointwiseNonlinearity(hidden, Activation.ELU),
        new EquivariantDropout(hidden, 0.2, Dtype.FLOAT64),
        new EquivariantLinear(hidden, OUT, options(seed + 1)));
  }

  static Tensor random(long seed, long... shape) {
    int count = 1;
    for (long axis : shape) {
      count *= (int) axis;
    }
    double[] values = new Random(seed).doubles(count, -1, 1).toArray();
    return Tensors.of(Dtype.FLOAT64, values, shape);
  }

  /** Samples of an equivariant map, and noise. */
  static Dataset data(int samples, long seed) {
    Tensor x = random(seed, samples, IN.size());
    Tensor y =
        linear(99)
            .forward(x)
            .detach()
            .add(random(seed + 1, samples, OUT.size()).mul(new Scalar(0.1)));
    return Dataset.of(x, y);
  }
}
