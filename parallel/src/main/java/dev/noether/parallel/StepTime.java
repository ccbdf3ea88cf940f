package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantLayer;
import java.util.List;

/**
 * A model of the time that a step of training takes on many ranks: each computes its share of the
 * batch and waits for the slowest; then gradients are summed in a ring, as Gloo does, of 2 (R - 1)
 * messages in which a rank sends 2 (R - 1) / R of the bytes; and rank 0 tells all whether to go on,
 * which takes log2(R) messages one after the other.
 *
 * <p>Nothing overlaps in it, though while backward goes on the first gradients are on their way.
 * The losses, which are summed beside the gradients, add nothing.
 *
 * @param fixed seconds of a step whatever its samples
 * @param perSample seconds of a sample
 * @param spread seconds of many equal steps of one rank, whose relation to their median tells how
 *     much longer the slowest of many takes; empty where all take the same time
 * @param network what messages take
 * @param cores how many ranks compute at once; where there are more, they take turns
 */
public record StepTime(
    double fixed, double perSample, List<Double> spread, Loopback network, int cores) {
  /**
   * Checks the numbers.
   *
   * @param fixed seconds of a step whatever its samples
   * @param perSample seconds of a sample
   * @param spread seconds of many equal steps of one rank
   * @param network what messages take
   * @param cores how many ranks compute at once
   * @throws IllegalArgumentException if a time is negative, or no rank computes
   */
  public StepTime {
    require(
        fixed >= 0 && perSample >= 0 && spread.stream().allMatch(seconds -> seconds > 0),
        "times are not negative, got %s s, %s s a sample and steps of %s s",
        fixed,
        perSample,
        spread);
    require(cores >= 1, "at least 1 rank computes at once, got %d", cores);
    spread = spread.stream().sorted().toList();
  }

  /**
   * Measures steps of training in this process, with all that a rank does but the exchange: the
   * batch, forward, backward, packing and unpacking of gradients, the optimizer's step (SGD at rate
   * 0). It takes some seconds, most of them for Java's compiler to have done its work.
   *
   * @param model a layer of features, which keeps its weights; running statistics change
   * @param batch samples of a step
   * @param network what messages take
   * @return the model, for ranks that all compute at once, each on a host of its own
   */
  public static StepTime measured(EquivariantLayer model, long batch, Loopback network) {
    long few = Math.max(1, batch / 8);
    double small = median(Steps.seconds(model, few));
    List<Double> all = Steps.seconds(model, batch);
    double large = median(all);
    double perSample = Math.max(0, (large - small) / Math.max(1, batch - few));
    double fixed = Math.max(0, large - perSample * batch);
    return new StepTime(fixed, perSample, all, network, Integer.MAX_VALUE);
  }

  private static double median(List<Double> seconds) {
    return quantile(seconds.stream().sorted().toList(), 0.5);
  }

  /** Between the two numbers next to it; the largest beyond them. */
  private static double quantile(List<Double> sorted, double part) {
    double place = part * (sorted.size() - 1);
    int below = (int) place;
    double low = sorted.get(below);
    double high = sorted.get(Math.min(below + 1, sorted.size() - 1));
    return low + (place - below) * (high - low);
  }

  /**
   * The same for ranks on one host.
   *
   * @param count how many of them compute at once
   * @return another model
   */
  public StepTime onOneHost(int count) {
    return new StepTime(fixed, perSample, spread, network, count);
  }

  private double turns(int ranks) {
    return Math.ceil((double) ranks / cores);
  }

  /**
   * What a rank computes, and those that take turns with it.
   *
   * @param batch samples of all ranks together
   * @param ranks how many there are
   * @return seconds
   */
  public double compute(long batch, int ranks) {
    return turns(ranks) * (fixed + perSample * Math.ceil((double) batch / ranks));
  }

  /**
   * How much longer the slowest rank computes than one alone, at the median: the slowest of R is
   * faster than a time with a probability that one has to the power of R.
   *
   * @param batch samples of all ranks together
   * @param ranks how many there are
   * @return seconds
   */
  public double waits(long batch, int ranks) {
    return spread.isEmpty()
        ? 0
        : compute(batch, ranks)
            * (quantile(spread, Math.pow(0.5, 1.0 / ranks)) / quantile(spread, 0.5) - 1);
  }

  /**
   * What the sum of gradients takes, and the word of rank 0.
   *
   * @param bytes of all gradients
   * @param ranks how many there are
   * @return seconds, 0 for one rank
   */
  public double exchange(long bytes, int ranks) {
    double messages = 2.0 * (ranks - 1) + Math.ceil(Math.log(ranks) / Math.log(2));
    return messages * turns(ranks) * network.latency()
        + 2.0 * (ranks - 1) / ranks * bytes / network.bandwidth();
  }

  /**
   * A whole step.
   *
   * @param batch samples of all ranks together
   * @param bytes of all gradients
   * @param ranks how many there are
   * @return seconds
   */
  public double step(long batch, long bytes, int ranks) {
    return compute(batch, ranks) + waits(batch, ranks) + exchange(bytes, ranks);
  }
}
