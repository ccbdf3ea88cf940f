package dev.noether.group;

/** Numbers without pattern that are the same on every run: the mixing step of SplitMix64. */
final class Scramble {
  private Scramble() {}

  static long hash(long seed, long index) {
    long z = (seed * 0x9E3779B97F4A7C15L) ^ ((index + 1) * 0xD1B54A32D192ED03L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Between -1 and 1. */
  static double uniform(long seed, long index) {
    return (hash(seed, index) >> 11) * 0x1.0p-52;
  }
}
