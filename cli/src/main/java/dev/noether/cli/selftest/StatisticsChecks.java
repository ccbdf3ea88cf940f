package dev.noether.cli.selftest;

import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.linalg.EquivariantMaps;
import dev.noether.nn.distribution.EmaMoments;
import dev.noether.nn.distribution.EmaOptions;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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

  /** Two batches in training, then the means and the dense covariances. */
  static void runningInHom(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    JsonNode config = reference.part("config");
    EmaOptions options =
        new EmaOptions(
            config.path("momentum").asDouble(),
            reference.flag("center_with_running_mean"),
            reference.dtype("input.x1"));
    HomEmaStatistics layer =
        new HomEmaStatistics(
            reference.representation("x_rep"), reference.representation("y_rep"), options);
    Map<String, Tensor> first = layer.stateDict();
    reference
        .under("state.")
        .forEach((name, expected) -> state(name, first.get(name), expected, comparison));
    layer.load(reference.under("state."));
    layer.to(device);
    for (String batch : List.of("1", "2")) {
      layer.forward(
          input(reference, "input.x" + batch, device), input(reference, "input.y" + batch, device));
    }
    Map<String, Tensor> after = layer.stateDict();
    reference
        .under("state_after.")
        .forEach(
            (name, expected) -> state(name + " afterwards", after.get(name), expected, comparison));
    EmaMoments moments = layer.running();
    comparison.close("mean of x", moments.meanX(), reference.tensor("output.mean_x"), FLOAT32);
    comparison.close("mean of y", moments.meanY(), reference.tensor("output.mean_y"), FLOAT32);
    comparison.close(
        "covariance of x", moments.covXx(), reference.tensor("output.cov_xx"), FLOAT32);
    comparison.close(
        "covariance of y", moments.covYy(), reference.tensor("output.cov_yy"), FLOAT32);
    comparison.close(
        "cross-covariance", moments.covXy(), reference.tensor("output.cov_xy"), FLOAT32);
  }

  private static void state(
      String name, @Nullable Tensor found, Tensor expected, Comparison comparison) {
    if (found == null) {
      comparison.equal("'" + name + "'", "none", Tensors.dtypeName(expected));
    } else {
      comparison.close("'" + name + "'", found, expected, FLOAT32);
    }
  }

  static void homCoefficients(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    Representation in = reference.representation("in_rep");
    Representation out = reference.representation("out_rep");
    double tolerance = reference.dtype("input.weight") == Dtype.FLOAT64 ? FLOAT64 : FLOAT32;
    comparison.equal("dim", HomSpace.between(in, out).dim(), reference.part("dim").asInt());
    Tensor weight = input(reference, "input.weight", device);
    Tensor coefficients = input(reference, "input.coefficients", device);
    comparison.close(
        "coefficients",
        EquivariantMaps.orthogonalProjectionCoefficients(weight, in, out),
        reference.tensor("output.coefficients"),
        tolerance);
    comparison.close(
        "projection",
        EquivariantMaps.orthogonalProjection(weight, in, out),
        reference.tensor("output.projection"),
        tolerance);
    comparison.close(
        "map",
        EquivariantMaps.linearMap(coefficients, in, out),
        reference.tensor("output.map"),
        tolerance);
  }
}
