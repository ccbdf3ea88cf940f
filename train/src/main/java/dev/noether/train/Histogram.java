package dev.noether.train;

import java.util.Arrays;
import java.util.List;

/** How numbers are spread over buckets that grow by a tenth each, as TensorFlow chooses them. */
record Histogram(
    double min,
    double max,
    double count,
    double sum,
    double squares,
    List<Double> limits,
    List<Double> counts) {
  private static final double[] LIMITS = limitsOfAll();

  private static double[] limitsOfAll() {
    double[] positive = new double[774];
    double limit = 1e-12;
    for (int i = 0; i < positive.length; i++) {
      positive[i] = limit;
      limit *= 1.1;
    }
    double[] all = new double[2 * positive.length + 1];
    for (int i = 0; i < positive.length; i++) {
      all[positive.length - 1 - i] = -positive[i];
      all[positive.length + 1 + i] = positive[i];
    }
    return all;
  }

  /** Of those that are finite; no bucket at all where there is none. */
  static Histogram of(double... values) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    double[] counts = new double[LIMITS.length];
    int first = LIMITS.length;
    int last = -1;
    for (double value : finite) {
      int place = Arrays.binarySearch(LIMITS, value);
      int bucket = Math.min(place >= 0 ? place + 1 : -place - 1, LIMITS.length - 1);
      counts[bucket]++;
      first = Math.min(first, bucket);
      last = Math.max(last, bucket);
    }
    // An empty bucket before the first one with numbers tells where that begins.
    int from = Math.max(0, Math.min(first, last) - 1);
    return new Histogram(
        Arrays.stream(finite).min().orElse(0),
        Arrays.stream(finite).max().orElse(0),
        finite.length,
        Arrays.stream(finite).sum(),
        Arrays.stream(finite).map(x -> x * x).sum(),
        part(LIMITS, from, last + 1),
        part(counts, from, last + 1));
  }

  private static List<Double> part(double[] numbers, int from, int to) {
    return Arrays.stream(numbers, Math.min(from, to), to).boxed().toList();
  }
}
