package dev.noether.parallel;

/**
 * What a rank has exchanged with the others.
 *
 * @param exchanges sums and broadcasts
 * @param bytes the numbers in them, each counted once
 */
public record Traffic(long exchanges, long bytes) {
  /**
   * What has been exchanged since.
   *
   * @param before an earlier count
   * @return the difference
   */
  public Traffic since(Traffic before) {
    return new Traffic(exchanges - before.exchanges, bytes - before.bytes);
  }

  /**
   * What a rank sends for a sum over all of them: LibTorch's ring passes every number on twice, but
   * for the one part in N that a rank keeps.
   *
   * @param bytes the bytes of the numbers
   * @param ranks how many
   * @return the bytes that each rank sends, and receives
   */
  public static double onWire(double bytes, int ranks) {
    return 2 * bytes * (ranks - 1) / ranks;
  }
}
