package dev.noether.kernel;

import java.util.ArrayList;
import java.util.List;

/** Picks vectors, one after the other, that are no combinations of those picked before. */
final class Independent {
  /** The square of what is left of a vector of length 1, below which it is a combination. */
  private static final double COMBINATION = 1e-9;

  /** All inner products. */
  interface Products {
    double of(int i, int j);
  }

  private final Products products;
  private final List<Integer> picked = new ArrayList<>();
  private final List<double[]> rows = new ArrayList<>();

  Independent(Products products) {
    this.products = products;
  }

  /** Offers a vector; false where it is a combination of the picked ones, or zero. */
  boolean add(int vector) {
    int n = picked.size();
    double length = products.of(vector, vector);
    double[] row = new double[n + 1];
    double left = length;
    for (int k = 0; k < n; k++) {
      double sum = products.of(vector, picked.get(k));
      for (int l = 0; l < k; l++) {
        sum -= row[l] * rows.get(k)[l];
      }
      row[k] = sum / rows.get(k)[k];
      left -= row[k] * row[k];
    }
    if (left <= COMBINATION * length) {
      return false;
    }
    row[n] = Math.sqrt(left);
    picked.add(vector);
    rows.add(row);
    return true;
  }

  /** How many were picked. */
  int count() {
    return picked.size();
  }
}
