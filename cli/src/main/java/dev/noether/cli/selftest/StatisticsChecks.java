package dev.noether.cli.selftest;

import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import java.io.IOException;
import org.bytedeco.pytorch.Tensor;

/** Statistics and least squares: the exact answers, whole and in two batches. */
final class StatisticsChecks {
  private static final double FLOAT32 = 1e-5;
  private static final double FLOAT64 = 1e-9;

  /** The reference's mean passes through a float32 projector, whatever its input was. */
  private static final double MEAN = 1e-6;

  private StatisticsChecks() {}

  private static double tolerance(ReferenceCase reference) throws IOException {
    return reference.dtype("input.x") == Dtype.FLOAT64 ? FLOAT64 : FLOAT32;
  }

  private static Tensor input(ReferenceCase reference, String name, ComputeDevice device)
      throws IOException {
    Tensor tensor = reference.tensor(name);
    return tensor.to(device.toTorch(), tensor.scalar_type());
  }

  static void statistics(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    Representation representation = reference.representation("rep");
    Tensor x = input(reference, "input.x", device);
    double tolerance = tolerance(reference);
    Covariance seen = Covariance.of(representation).plus(x);
    Tensor expected = reference.tensor("output.orbit_covariance");
    comparison.close("mean", seen.mean(), reference.tensor("output.mean"), MEAN);
    comparison.close("covariance", seen.covariance(), expected, tolerance);
    comparison.close("variance", seen.variance(), expected.diagonal().contiguous(), tolerance);
    long half = x.size(0) / 2;
    Covariance merged =
        Covariance.of(representation)
            .plus(x.narrow(0, half, x.size(0) - half))
            .plus(Covariance.of(representation).plus(x.narrow(0, 0, half)));
    comparison.close("covariance in batches", merged.covariance(), expected, tolerance);
  }

  static void leastSquares(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    EquivariantLeastSquares empty =
        EquivariantLeastSquares.between(
            reference.representation("in_rep"), reference.representation("out_rep"));
    Tensor x = input(reference, "input.x", device);
    Tensor y = input(reference, "input.y", device);
    double tolerance = tolerance(reference);
    Tensor expected = reference.tensor("output.solution");
    comparison.close("solution", empty.plus(x, y).solve(), expected, tolerance);
    long half = x.size(0) / 2;
    EquivariantLeastSquares merged =
        empty
            .plus(x.narrow(0, half, x.size(0) - half), y.narrow(0, half, x.size(0) - half))
            .plus(empty.plus(x.narrow(0, 0, half), y.narrow(0, 0, half)));
    comparison.close("solution in batches", merged.solve(), expected, tolerance);
  }
}
