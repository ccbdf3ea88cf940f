package dev.noether.spectral;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Which way of applying an equivariant map is fastest for a batch, and why.
 *
 * <p>The choice follows from the {@link CostModel}, so it is the same on every run and machine.
 *
 * @param candidates the ways, each with its price
 */
public record MapPlan(List<Candidate> candidates) {
  /**
   * A way and its price.
   *
   * @param execution the way
   * @param microseconds the predicted time of a batch, forward and backward in training
   * @param multiplyAdds multiply-adds per sample, forward
   */
  public record Candidate(Execution execution, double microseconds, long multiplyAdds) {}

  /**
   * Copies the list.
   *
   * @param candidates the ways, each with its price
   * @throws IllegalArgumentException if there is none
   */
  public MapPlan {
    candidates = List.copyOf(candidates);
    require(!candidates.isEmpty(), "a plan has at least one way, got none");
  }

  /**
   * Prices the ways of the maps of a space, none of which is made: it needs no LibTorch.
   *
   * @param space the maps, their coefficients in the isotypic order
   * @param samples the samples in a batch
   * @param training whether the weight is expanded at every call and gradients are computed
   * @return the plan
   */
  public static MapPlan of(HomSpace space, long samples, boolean training) {
    SpectralWork spectral = SpectralWork.of(space);
    long dense = space.denseMultiplyAddsPerSample();
    return new MapPlan(
        List.of(
            new Candidate(Execution.DENSE, CostModel.dense(dense, samples, training), dense),
            new Candidate(
                Execution.SPECTRAL,
                spectral.microseconds(samples, training),
                spectral.multiplyAdds())));
  }

  /**
   * The memory of the ways and of one vector of coefficients, before anything is allocated: it
   * needs no LibTorch.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion the coordinates of the coefficients
   * @param dtype the dtype
   * @return bytes
   * @throws IllegalArgumentException if the groups differ
   */
  public static long predictedBytes(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    return GroupHomomorphismBasis.predictedBytes(in, out, expansion, dtype)
        + SpectralMap.predictedBytes(in, out, expansion, dtype);
  }

  /**
   * Prices some ways.
   *
   * @param executions the ways
   * @param samples the samples in a batch
   * @param training whether the weight is expanded at every call and gradients are computed
   * @return the plan
   */
  public static MapPlan of(
      List<? extends MapExecution> executions, long samples, boolean training) {
    return new MapPlan(
        executions.stream()
            .map(
                way ->
                    new Candidate(
                        way.execution(), way.microseconds(samples, training), way.multiplyAdds()))
            .toList());
  }

  /**
   * The least.
   *
   * @return the fastest way, the first of equal ones
   */
  public Execution choice() {
    return candidates.stream()
        .min(Comparator.comparingDouble(Candidate::microseconds))
        .orElseThrow()
        .execution();
  }

  /**
   * The price of a way.
   *
   * @param execution the way
   * @return its candidate
   * @throws IllegalArgumentException if the plan does not know it
   */
  public Candidate candidate(Execution execution) {
    return candidates.stream()
        .filter(candidate -> candidate.execution() == execution)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("the plan has no way " + execution + ": " + this));
  }

  /** The choice and its reason in one line. */
  @Override
  public String toString() {
    return candidates.stream()
        .map(
            way ->
                String.format(
                    Locale.ROOT,
                    "%s %,d multiply-adds per sample and about %,.0f us a batch",
                    way.execution().name().toLowerCase(Locale.ROOT),
                    way.multiplyAdds(),
                    way.microseconds()))
        .collect(Collectors.joining(", ", choice() + ": ", ""));
  }
}
