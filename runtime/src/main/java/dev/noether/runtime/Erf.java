package dev.noether.runtime;

/**
 * The error function to 1.2e-7 of its value everywhere: the Chebyshev fit of W. H. Press et al.,
 * Numerical Recipes, section 6.2, and its series near zero.
 */
final class Erf {
  private Erf() {}

  static double of(double x) {
    double z = Math.abs(x);
    if (z < 0.5) {
      return series(x);
    }
    double t = 1 / (1 + 0.5 * z);
    double fit =
        -z * z
            - 1.26551223
            + t
                * (1.00002368
                    + t
                        * (0.37409196
                            + t
                                * (0.09678418
                                    + t
                                        * (-0.18628806
                                            + t
                                                * (0.27886807
                                                    + t
                                                        * (-1.13520398
                                                            + t
                                                                * (1.48851587
                                                                    + t
                                                                        * (-0.82215223
                                                                            + t
                                                                                * 0.17087277))))))));
    double result = 1 - t * Math.exp(fit);
    return x >= 0 ? result : -result;
  }

  /** 2 / sqrt(pi) times the alternating series, whose terms fall below 1e-10 here. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 9; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 1.1283791670955126 * sum;
  }
}
