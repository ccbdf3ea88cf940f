package dev.noether.train;

import java.util.Random;
import org.bytedeco.pytorch.global.torch;

/**
 * What a run draws, as functions of its seed and of how far it is: nothing needs to be remembered
 * for a resume, and what others draw in between changes nothing.
 */
final class Draws {
  /** Uses of one seed that must not repeat each other's numbers. */
  private static final long ORDER = 1;

  private static final long AUGMENTATION = 2;
  private static final long LAYERS = 3;
  private static final long SPLIT = 4;

  private Draws() {}

  /** The order of samples in an epoch. */
  static long[] order(long count, long seed, long epoch) {
    return permutation(count, mixed(seed, ORDER, epoch));
  }

  /** The order in which samples are dealt into the parts of a split. */
  static long[] split(long count, long seed) {
    return permutation(count, mixed(seed, SPLIT, 0));
  }

  /** The numbers with which a rank augments its share of a batch. */
  static Random augmentation(long seed, long batch, int rank) {
    return new Random(mixed(seed, AUGMENTATION + ((long) rank << Integer.SIZE), batch));
  }

  /**
   * Seeds LibTorch's generators for a rank's share of a batch, of which layers such as dropout
   * draw.
   *
   * <p>That of the CPU uses 32 bits of a seed: within a run no two of the first 2^32 batches get
   * the same.
   */
  static void seedLayers(long seed, long batch, int rank) {
    int own = (int) mixed(seed, LAYERS, rank);
    torch.manual_seed(Integer.toUnsignedLong(scrambled(own + (int) batch)));
  }

  /** Fisher and Yates, with the numbers of {@link Random}. */
  private static long[] permutation(long count, long seed) {
    PlainRandom random = new PlainRandom(seed);
    long[] order = new long[Math.toIntExact(count)];
    for (int i = 0; i < order.length; i++) {
      int j = random.below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static long mixed(long seed, long use, long index) {
    return scrambled(scrambled(scrambled(seed) + use) + index);
  }

  /** The finalizer of SplitMix64: one to one, and neighbours become unlike. */
  private static long scrambled(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The finalizer of MurmurHash3 for 32 bits: one to one. */
  private static int scrambled(int value) {
    int h = value;
    h = (h ^ (h >>> 16)) * 0x85EBCA6B;
    h = (h ^ (h >>> 13)) * 0xC2B2AE35;
    return h ^ (h >>> 16);
  }

  /**
   * The numbers of {@link Random}, which is specified to the bit for every version of Java, without
   * its lock for other threads: an order of samples takes a third of the time.
   */
  private static final class PlainRandom {
    private static final long FACTOR = 0x5DEECE66DL;
    private static final int BITS = 48;
    private static final long MASK = (1L << BITS) - 1;
    private static final int POSITIVE = 31;

    private long state;

    PlainRandom(long seed) {
      state = (seed ^ FACTOR) & MASK;
    }

    /** As {@link Random#nextInt(int)}. */
    int below(int bound) {
      int bits = next();
      if ((bound & (bound - 1)) == 0) {
        return (int) ((bound * (long) bits) >> POSITIVE);
      }
      int number = bits % bound;
      while (bits - number + (bound - 1) < 0) {
        bits = next();
        number = bits % bound;
      }
      return number;
    }

    private int next() {
      state = (state * FACTOR + 0xB) & MASK;
      return (int) (state >>> (BITS - POSITIVE));
    }
  }
}
