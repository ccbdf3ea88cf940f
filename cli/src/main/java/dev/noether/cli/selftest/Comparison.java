package dev.noether.cli.selftest;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** Collects what differs between Noether's answers and the reference's. */
final class Comparison {
  private final List<String> failures = new ArrayList<>();

  List<String> failures() {
    return List.copyOf(failures);
  }

  void equal(String what, Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) {
      failures.add(what + ": expected " + expected + ", got " + actual);
    }
  }

  /** A distance. */
  void atMost(String what, double distance, double tolerance) {
    if (!(distance <= tolerance)) {
      failures.add(String.format(Locale.ROOT, "%s: %.2e, allowed %.0e", what, distance, tolerance));
    }
  }

  /** Tensors of one shape, equal up to a tolerance relative to the largest expected entry. */
  void close(String what, Tensor actual, Tensor expected, double tolerance) {
    if (!Arrays.equals(Tensors.shape(actual), Tensors.shape(expected))) {
      equal(
          what + " shape",
          Arrays.toString(Tensors.shape(actual)),
          Arrays.toString(Tensors.shape(expected)));
      return;
    }
    close(what, Tensors.toArray(actual), Tensors.toArray(expected), tolerance);
  }

  void close(String what, Matrix actual, Tensor expected, double tolerance) {
    equal(
        what + " shape",
        List.of((long) actual.rows(), (long) actual.columns()),
        Arrays.stream(Tensors.shape(expected)).boxed().toList());
    close(what, actual.toArray(), Tensors.toArray(expected), tolerance);
  }

  void close(String what, double[] actual, double[] expected, double tolerance) {
    if (actual.length != expected.length) {
      equal(what + " size", actual.length, expected.length);
      return;
    }
    double largest = 1e-30;
    double error = 0;
    for (int i = 0; i < actual.length; i++) {
      if (Double.isInfinite(expected[i]) && actual[i] == expected[i]) {
        continue; // entries of masks
      }
      largest = Math.max(largest, Math.abs(expected[i]));
      error = Math.max(error, Math.abs(actual[i] - expected[i]));
    }
    // Sums that cancel to nothing are compared with one.
    double relative = error / (largest < 1e-6 ? 1 : largest);
    if (!(relative <= tolerance)) {
      failures.add(
          String.format(
              Locale.ROOT,
              "%s: off by %.2e of the largest entry, allowed %.0e",
              what,
              relative,
              tolerance));
    }
  }
}
