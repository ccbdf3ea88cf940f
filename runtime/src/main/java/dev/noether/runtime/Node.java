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

  /** What computes the result for the shapes given, over and over without new objects. */
  abstract Step step(int[][] in, int[] out);

  /** The work of a node, once all shapes are known. */
  interface Step {
    /**
     * Computes the result.
     *
     * @param room at least {@link #room} numbers to use
     */
    void run(Value[] in, Value out, float[] room);

    /** Numbers that it needs besides. */
    default long room() {
      return 0;
    }
  }

  /** Whether the result is the numbers of the first input, in another shape. */
  boolean isView() {
    return false;
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
