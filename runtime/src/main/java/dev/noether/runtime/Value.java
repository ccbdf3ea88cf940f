package dev.noether.runtime;

import java.util.Arrays;

/** Numbers and their shape, last axis fastest. A view shares the numbers of another value. */
final class Value {
  float[] data = new float[0];
  int[] shape = {};

  static int size(int[] shape) {
    long size = 1;
    for (int axis : shape) {
      size *= axis;
      if (size > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "a value of shape " + Arrays.toString(shape) + " is too large");
      }
    }
    return (int) size;
  }

  int last() {
    return shape[shape.length - 1];
  }

  int rows() {
    return last() == 0 ? 0 : size(shape) / last();
  }

  void reserve(int[] wanted) {
    shape = wanted;
    int size = size(wanted);
    if (data.length < size) {
      data = new float[size];
    }
  }
}
