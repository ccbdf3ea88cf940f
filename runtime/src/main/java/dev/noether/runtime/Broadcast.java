package dev.noether.runtime;

import java.util.Arrays;

/** Shapes as PyTorch fits them to each other: from the last axis on, sizes equal or 1. */
final class Broadcast {
  private Broadcast() {}

  static int[] shape(int[] a, int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] shape = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int left = i <= a.length ? a[a.length - i] : 1;
      int right = i <= b.length ? b[b.length - i] : 1;
      Node.require(left == right || left == 1 || right == 1, "shapes must fit each other", a, b);
      shape[rank - i] = left == 1 ? right : left;
    }
    return shape;
  }

  /** Where a row of the result begins in an operand; rows are what the last axis counts. */
  static int offset(int row, int[] result, int[] operand) {
    int offset = 0;
    int stride = operand.length == 0 ? 1 : operand[operand.length - 1];
    int rest = row;
    for (int i = 2; i <= result.length; i++) {
      int index = rest % result[result.length - i];
      rest /= result[result.length - i];
      if (i <= operand.length) {
        int size = operand[operand.length - i];
        offset += size == 1 ? 0 : index * stride;
        stride *= size;
      }
    }
    return offset;
  }

  /** The axes before the last two. */
  static int[] leading(int[] shape) {
    return Arrays.copyOf(shape, shape.length - 2);
  }
}
