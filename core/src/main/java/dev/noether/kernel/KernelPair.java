package dev.noether.kernel;

import java.util.Arrays;

/**
 * All copies of one field of the input with all copies of one field of the output: they share a
 * basis.
 */
public final class KernelPair {
  private final SampledBasis basis;
  private final int[] inStarts;
  private final int[] outStarts;
  private final int start;

  KernelPair(SampledBasis basis, int[] inStarts, int[] outStarts, int start) {
    this.basis = basis;
    this.inStarts = inStarts;
    this.outStarts = outStarts;
    this.start = start;
  }

  /**
   * The basis of each pair of copies.
   *
   * @return the sampled basis
   */
  public SampledBasis basis() {
    return basis;
  }

  /**
   * Where the copies of the input's field stand.
   *
   * @return the first channel of each
   */
  public int[] inStarts() {
    return inStarts.clone();
  }

  /**
   * Where the copies of the output's field stand.
   *
   * @return the first channel of each
   */
  public int[] outStarts() {
    return outStarts.clone();
  }

  /**
   * How often the input's field occurs.
   *
   * @return the number of copies
   */
  public int inCopies() {
    return inStarts.length;
  }

  /**
   * How often the output's field occurs.
   *
   * @return the number of copies
   */
  public int outCopies() {
    return outStarts.length;
  }

  /**
   * The first weight of the pair.
   *
   * @return its number
   */
  public int start() {
    return start;
  }

  /**
   * The end of the pair's weights.
   *
   * @return the number after its last weight
   */
  public int stop() {
    return start + count();
  }

  int count() {
    return outStarts.length * inStarts.length * basis.dim();
  }

  /**
   * The names of the fields as state dicts write them.
   *
   * @return such as {@code ('irrep_0', 'regular')}
   */
  public String names() {
    return "('" + basis.basis().in().name() + "', '" + basis.basis().out().name() + "')";
  }

  /**
   * The name of the pair's basis in state dicts.
   *
   * @return {@code _basisexpansion.block_expansion_('in', 'out').sampled_basis}, where dots of the
   *     fields' names become {@code ^}
   */
  public String basisName() {
    return "_basisexpansion.block_expansion_" + names().replace('.', '^') + ".sampled_basis";
  }

  /** Writes the pair's part of a kernel {@code [all outputs, width, points]}. */
  void expand(double[] weights, double[] kernel, int width) {
    int points = basis.points().count();
    int n = basis.basis().out().size();
    int m = basis.basis().in().size();
    int dim = basis.dim();
    for (int a = 0; a < outStarts.length; a++) {
      for (int b = 0; b < inStarts.length; b++) {
        int first = start + (a * inStarts.length + b) * dim;
        double[] part = basis.expand(Arrays.copyOfRange(weights, first, first + dim));
        for (int row = 0; row < n; row++) {
          int place = ((outStarts[a] + row) * width + inStarts[b]) * points;
          System.arraycopy(part, row * m * points, kernel, place, m * points);
        }
      }
    }
  }

  /** The names and the weights. */
  @Override
  public String toString() {
    return names() + ": weights " + start + " to " + stop();
  }
}
