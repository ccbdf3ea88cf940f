package dev.noether.runtime;

import java.util.Arrays;

/** One operation of a model: it tells the shape of its result, and computes it. */
abstract class Node {
  final int[] inputs;
  final int output;

  Node(int[] inputs, int output) {
    this.inputs = inputs;
    this.output = output;
  }

  /**
   * The shape of the result.
   *
   * @throws IllegalArgumentException if the shapes do not fit the operation
   */
  abstract int[] shape(int[][] in);

  /** Computes the result into a value that has its shape. */
  abstract void run(Value[] in, Value out);

  /** Whether the result is the numbers of the first input, in another shape. */
  boolean isView() {
    return false;
  }

  /** Numbers that it needs besides, for the shapes given. */
  int scratch(int[][] in) {
    return 0;
  }

  /** Gives it the room that it asked for. */
  void run(Value[] in, Value out, float[] scratch) {
    run(in, out);
  }

  /** Multiplications with additions. */
  long work(int[][] in, int[] out) {
    return 0;
  }

  /** Bytes of weights that it reads. */
  long weightBytes() {
    return 0;
  }

  static void require(boolean condition, String message, int[]... shapes) {
    if (!condition) {
      throw new IllegalArgumentException(message + ", got " + Arrays.deepToString(shapes));
    }
  }

  static int last(int[] shape) {
    require(shape.length > 0, "a value needs an axis", shape);
    return shape[shape.length - 1];
  }

  static int[] withLast(int[] shape, int size) {
    last(shape);
    int[] result = shape.clone();
    result[result.length - 1] = size;
    return result;
  }
}
