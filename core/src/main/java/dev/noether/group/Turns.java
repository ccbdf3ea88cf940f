package dev.noether.group;

import dev.noether.algebra.Cyclotomic;

/** The cosines and sines of the multiples of one n-th of a full turn. */
final class Turns {
  private final double[] cosines;
  private final double[] sines;

  Turns(int n) {
    cosines = new double[n];
    sines = new double[n];
    for (int step = 0; step < n; step++) {
      cosines[step] = Cyclotomic.cosine(step, n);
      sines[step] = Cyclotomic.sine(step, n);
    }
  }

  /** The cosine of any number of steps from 0 on. */
  double cosine(long steps) {
    return cosines[(int) (steps % cosines.length)];
  }

  double sine(long steps) {
    return sines[(int) (steps % sines.length)];
  }
}
