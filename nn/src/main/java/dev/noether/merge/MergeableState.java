package dev.noether.merge;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.TensorKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What statistics keep of the samples that they have seen.
 *
 * @param representations how the samples transform, by role
 * @param counts whole numbers by name, {@value #COUNT} among them
 * @param samples the dtype of the samples; empty where there were none
 * @param numbers matrices by name
 */
public record MergeableState(
    Map<String, Representation> representations,
    Map<String, Long> counts,
    Optional<Dtype> samples,
    Map<String, Matrix> numbers) {
  /** The name of the number of samples. */
  public static final String COUNT = "count";

  /**
   * Copies the maps.
   *
   * @param representations how the samples transform, by role
   * @param counts whole numbers by name
   * @param samples the dtype of the samples
   * @param numbers matrices by name
   * @throws IllegalArgumentException if the number of samples is missing, negative, or does not fit
   *     the dtype
   */
  public MergeableState {
    representations = Collections.unmodifiableMap(new LinkedHashMap<>(representations));
    counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
    long count = requirePresent(counts.get(COUNT), "statistics tell the number of samples");
    require(
        count >= 0 && count > 0 == samples.isPresent(),
        "statistics of %d samples tell a dtype exactly where there are any, got %s",
        count,
        samples.map(Dtype::toString).orElse("none"));
  }

  /**
   * The state of statistics.
   *
   * @param representations how the samples transform, by role
   * @param counts whole numbers by name
   * @param kind what the samples were; null where there were none
   * @param numbers matrices by name
   * @return the state
   */
  public static MergeableState of(
      Map<String, Representation> representations,
      Map<String, Long> counts,
      @Nullable TensorKind kind,
      Map<String, Matrix> numbers) {
    return new MergeableState(
        representations, counts, Optional.ofNullable(kind).map(TensorKind::dtype), numbers);
  }

  /**
   * A representation.
   *
   * @param role its role
   * @return how those samples transform
   * @throws IllegalArgumentException if there is none
   */
  public Representation representation(String role) {
    return requirePresent(
        representations.get(role),
        "the statistics have no representation '%s', they have %s",
        role,
        representations.keySet());
  }

  /**
   * A whole number.
   *
   * @param name its name
   * @return the number
   * @throws IllegalArgumentException if there is none
   */
  public long count(String name) {
    return requirePresent(
        counts.get(name), "the statistics have no '%s', they have %s", name, counts.keySet());
  }

  /**
   * A matrix.
   *
   * @param name its name
   * @param rows how many rows it must have
   * @param columns how many columns it must have
   * @return the matrix
   * @throws IllegalArgumentException if there is none, or it has another shape, or numbers that are
   *     not finite
   */
  public Matrix matrix(String name, int rows, int columns) {
    Matrix matrix = matrix(name);
    require(
        matrix.rows() == rows && matrix.columns() == columns,
        "'%s' must be %d x %d, got %d x %d",
        name,
        rows,
        columns,
        matrix.rows(),
        matrix.columns());
    return matrix;
  }

  /**
   * A matrix of any shape.
   *
   * @param name its name
   * @return the matrix
   * @throws IllegalArgumentException if there is none, or it has numbers that are not finite
   */
  public Matrix matrix(String name) {
    Matrix matrix =
        requirePresent(
            numbers.get(name), "the statistics have no '%s', they have %s", name, numbers.keySet());
    require(matrix.isFinite(), "'%s' must be finite", name);
    return matrix;
  }

  /**
   * What the samples were, as samples on the CPU.
   *
   * @return dtype and device; null where there were none
   */
  public @Nullable TensorKind kind() {
    return samples.map(dtype -> new TensorKind(dtype.scalarType(), ComputeDevice.CPU)).orElse(null);
  }
}
