package dev.noether.kernel;

import dev.noether.algebra.Matrix;

/** Inner products of kernels over the points where they are sampled. */
final class Gram {
  private final Features layout;
  private final Matrix products;

  Gram(Features layout, Matrix features) {
    this.layout = layout;
    this.products = features.timesTranspose(features);
  }

  /** The sum over all points and entries of the product of two elements, not scaled. */
  double of(KernelElement a, KernelElement b) {
    Matrix left = a.coefficients();
    Matrix right = b.coefficients();
    int first = layout.start(a);
    int second = layout.start(b);
    double sum = 0;
    for (int y = 0; y < left.columns(); y++) {
      for (int z = 0; z < right.columns(); z++) {
        double product = products.get(first + y, second + z);
        if (product != 0) {
          for (int i = 0; i < left.rows(); i++) {
            sum += left.get(i, y) * right.get(i, z) * product;
          }
        }
      }
    }
    return sum;
  }
}
