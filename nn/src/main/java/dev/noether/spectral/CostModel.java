package dev.noether.spectral;

/**
 * Predicted microseconds of what layers do.
 *
 * <p>The model has a few constants, measured on one core of an x86-64 processor; they decide
 * between ways that differ by factors, and are the same everywhere, so that the choice is too.
 * docs/performance.md has them beside what was measured, and how to measure on another machine.
 */
public final class CostModel {
  /** Multiply-adds per microsecond of one large product. */
  private static final double DENSE_RATE = 48_000;

  /** Multiply-adds per microsecond of products with a few dozen columns. */
  private static final double SPECTRAL_RATE = 33_000;

  /** Microseconds to lay out one entry of the dense weight, forward and backward. */
  private static final double EXPANSION = 3.8e-3;

  /** Microseconds to go once through one feature of one sample. */
  private static final double MOVE = 1.4e-3;

  /** The same where features are sorted by irreps, from copies that lie apart. */
  private static final double SORT = 1.35e-3;

  /** The same where all irreps are one product of features that lie irrep by irrep. */
  private static final double MOVE_BATCHED = 6e-4;

  /** Microseconds of one call into LibTorch. */
  private static final double CALL = 4;

  /** The same with its gradient. */
  private static final double CALL_WITH_GRADIENT = 14;

  private static final int CALLS_AROUND = 5;
  private static final int CALLS_OF_A_SIDE = 2;
  private static final int CALLS_OF_AN_EXPANSION = 10;
  private static final int CALLS_OF_COPIES_ALONE = 8;
  private static final int CALLS_OF_A_BATCHED_MAP = 9;
  private static final int CALLS_OF_A_PADDED_MAP = 18;

  /** For each irrep. */
  private static final int CALLS_OF_COPIES_INSIDE = 5;

  private CostModel() {}

  private static double passes(boolean training) {
    return training ? 2 : 1;
  }

  private static double calls(double calls, boolean training) {
    return calls * (training ? CALL_WITH_GRADIENT : CALL);
  }

  /** A product with weights that train: forward, to the input, to the weights. */
  private static double products(boolean training) {
    return training ? 3 : 1;
  }

  /**
   * A product with the dense weight, which training expands at every call.
   *
   * @param multiplyAdds of one sample
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return microseconds
   */
  public static double dense(long multiplyAdds, long samples, boolean training) {
    double product = products(training) * samples * multiplyAdds / DENSE_RATE;
    return training
        ? product + EXPANSION * multiplyAdds + calls(CALLS_OF_AN_EXPANSION, true)
        : product;
  }

  /**
   * The products of all irreps.
   *
   * @param multiplyAdds of one sample
   * @param samples the samples in a batch
   * @param products how many products there are
   * @param training whether gradients are computed
   * @return microseconds
   */
  public static double blocks(long multiplyAdds, long samples, int products, boolean training) {
    return weights(multiplyAdds, samples, training) + calls(products + CALLS_AROUND, training);
  }

  /**
   * The products of all irreps as one, with the changes of basis.
   *
   * @param multiplyAdds of one sample
   * @param samples the samples in a batch
   * @param map the map
   * @param training whether gradients are computed
   * @return microseconds
   */
  public static double batched(long multiplyAdds, long samples, BatchedMap map, boolean training) {
    return weights(multiplyAdds, samples, training)
        + passes(training) * MOVE_BATCHED * map.moved(samples)
        + calls(CALLS_OF_A_BATCHED_MAP, training);
  }

  /**
   * The products of all irreps as one, filled up with zeros, with the changes of basis.
   *
   * @param samples the samples in a batch
   * @param map the map
   * @param training whether gradients are computed
   * @return microseconds
   */
  static double padded(long samples, PaddedMap map, boolean training) {
    return weights(map.weightMultiplyAdds(), samples, training)
        + passes(training)
            * (samples * map.turnMultiplyAdds() / SPECTRAL_RATE + SORT * map.moved(samples))
        + calls(CALLS_OF_A_PADDED_MAP, training);
  }

  /** Products with small weights that train. */
  private static double weights(long multiplyAdds, long samples, boolean training) {
    return products(training) * samples * multiplyAdds / SPECTRAL_RATE;
  }

  /**
   * One change between the basis of a representation and the isotypic one.
   *
   * @param change the change
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return microseconds
   */
  static double side(ChangeWork change, long samples, boolean training) {
    return turn(change, samples, training)
        + passes(training) * SORT * samples * change.size
        + calls(CALLS_OF_A_SIDE * change.irreps + CALLS_AROUND / 2.0, training);
  }

  /** The products of a change of basis. */
  private static double turn(ChangeWork change, long samples, boolean training) {
    return passes(training) * samples * change.multiplyAdds / SPECTRAL_RATE;
  }

  /**
   * What a change between the basis of a representation and the isotypic one costs.
   *
   * @param size the features of a sample
   * @param irreps how many irreps are wanted
   * @param multiplyAdds of one sample
   */
  record ChangeWork(int size, int irreps, long multiplyAdds) {}

  /**
   * What a layer does to every copy of an irrep.
   *
   * @param turns how often it multiplies by a change of basis, or a map of its size, where it
   *     stands alone
   * @param passes how often it goes through the features besides
   */
  public record CopyWork(double turns, double passes) {}

  /**
   * A layer that treats every copy by itself, in the basis of its representation.
   *
   * @param work what it does
   * @param change the way into the irreps
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return microseconds
   */
  static double alone(CopyWork work, ChangeWork change, long samples, boolean training) {
    return work.turns * turn(change, samples, training)
        + passes(training) * work.passes * MOVE * samples * change.size
        + calls(CALLS_OF_COPIES_ALONE, training);
  }

  /**
   * A layer that treats every copy by itself, on features in the isotypic basis.
   *
   * @param work what it does
   * @param change the way to the basis that the features are in
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return microseconds
   */
  static double inside(CopyWork work, ChangeWork change, long samples, boolean training) {
    return passes(training) * work.passes * MOVE * samples * change.size
        + calls(CALLS_OF_COPIES_INSIDE * change.irreps, training);
  }
}
