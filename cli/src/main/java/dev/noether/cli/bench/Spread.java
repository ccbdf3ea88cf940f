package dev.noether.cli.bench;

import java.util.Arrays;

/**
 * A summary of measurements.
 *
 * @param mean the mean
 * @param std the standard deviation
 * @param median the median
 */
public record Spread(double mean, double std, double median) {
  /**
   * Summarises measurements.
   *
   * @param values at least one
   * @return mean, standard deviation (of the whole, not of a sample) and median
   */
  public static Spread of(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0);
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(mean, Math.sqrt(variance), median);
  }
}
